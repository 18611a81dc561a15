package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestACheckMakesNothing: before the first start a check says that database and files are
// not there yet, and leaves the folder as it was.
func TestACheckMakesNothing(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "filodiretto.toml")
	text := "[municipality]\nname = \"Pontelieto\"\n[database]\nurl = \"sqlite:" + filepath.Join(dir, "filodiretto.db") + "\"\n[files]\nurl = \"dir:" + filepath.Join(dir, "files") + "\"\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, out := command(t, "check", "--config", conf)
	for _, want := range []string{"database (sqlite)  there is none yet", "files (dir)  there is no folder yet"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("the folder has %v, %v", left, err)
	}
}

// TestAFirstStartThatCannotBeIsTold: a folder that is not there, or is none, is no place
// for a database of the first start.
func TestAFirstStartThatCannotBeIsTold(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "unmounted", "filodiretto.db"): "is not there either",
		filepath.Join(dir, "file", "filodiretto.db"):      "", // what stat says of it differs
		filepath.Join(dir, "filodiretto.db"):              "ok",
	} {
		err := mayMake("sqlite:"+path, "sqlite:")
		if want == "ok" && err != nil || want != "ok" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := mayMake("dir:"+filepath.Join(dir, "files"), "dir:"); err != nil {
		t.Error(err)
	}
}
