package main

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/testserver"
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

// TestACheckChangesNothing: no byte of what is there changes by looking, in an empty
// database and in one with tables, and no file is made or cleared away.
func TestACheckChangesNothing(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "filodiretto.toml")
	text := "[municipality]\nname = \"Pontelieto\"\n[database]\nurl = \"sqlite:" + filepath.Join(dir, "filodiretto.db") + "\"\n[files]\nurl = \"dir:" + filepath.Join(dir, "files") + "\"\n"
	left := filepath.Join(dir, "files", "tmp", "put-1") // of a program that died
	if err := errors.Join(os.MkdirAll(filepath.Dir(left), 0o700), os.WriteFile(left, []byte("half"), 0o600),
		os.WriteFile(conf, []byte(text), 0o600), os.WriteFile(filepath.Join(dir, "filodiretto.db"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	all := func() map[string]string {
		out := map[string]string{}
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			out[path] = string(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	check := func(want string) {
		t.Helper()
		before := all()
		if _, out := command(t, "check", "--config", conf); !strings.Contains(out, want) || !strings.Contains(out, "ok     files") {
			t.Errorf("%q is not in\n%s", want, out)
		}
		if after := all(); !maps.Equal(after, before) {
			t.Errorf("there was %v and is %v", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
		}
	}
	check("is empty: its tables are made at the first start")
	if code, out := command(t, "migrate", "--config", conf); code != exitOK {
		t.Fatal(out)
	}
	check("ok     events  their seals hold")
}

// TestACheckMakesNoTableOnPostgres is the same for an empty database of a server.
func TestACheckMakesNoTableOnPostgres(t *testing.T) {
	dir, url := t.TempDir(), testserver.Postgres(t)
	conf, key := filepath.Join(dir, "filodiretto.toml"), filepath.Join(dir, "key")
	text := "[municipality]\nname = \"Pontelieto\"\n[database]\nurl = \"" + url + "\"\n[files]\nurl = \"dir:" + filepath.Join(dir, "files") + "\"\n[security]\nmaster_key_file = \"" + key + "\"\n"
	if err := errors.Join(os.WriteFile(conf, []byte(text), 0o600), os.WriteFile(key, []byte(base64.StdEncoding.EncodeToString(make([]byte, 32))), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, out := command(t, "check", "--config", conf); !strings.Contains(out, "is empty: its tables are made at the first start") {
		t.Error(out)
	}
	d, err := db.Open(t.Context(), url, clock.System{}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var n int
	if err := d.Read.NewRaw("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(t.Context(), &n); err != nil || n != 0 {
		t.Error(n, "tables were made", err)
	}
	if code, out := command(t, "migrate", "--config", conf); code != exitOK {
		t.Fatal(out)
	}
	if _, out := command(t, "check", "--config", conf); !strings.Contains(out, "ok     events  their seals hold") {
		t.Error(out)
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
