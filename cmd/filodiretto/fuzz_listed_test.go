package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

// Every fuzz target of the house is run by `make fuzz` and stands in
// docs/performance.md, and none stands there that is gone.
func TestEveryFuzzTargetIsListed(t *testing.T) {
	have := fuzzTargets(t, "../..")
	if len(have) < 40 {
		t.Fatalf("only %d targets were found", len(have))
	}
	for _, listed := range []struct {
		file string
		row  *regexp.Regexp // a package, and the targets named after it
	}{
		{"../../Makefile", regexp.MustCompile(`\./([\w/]+):(Fuzz\w+)`)},
		{"../../docs/performance.md", regexp.MustCompile("`([\\w/]+)`(?: \\|)? (Fuzz\\w+(?:, Fuzz\\w+)*)")},
	} {
		b, err := os.ReadFile(listed.file)
		if err != nil {
			t.Fatal(err)
		}
		there := map[string]int{}
		for _, m := range listed.row.FindAllStringSubmatch(string(b), -1) {
			for name := range strings.SplitSeq(m[2], ", ") {
				there[m[1]+":"+name]++
			}
		}
		for target := range have {
			if there[target] != 1 {
				t.Errorf("%s names %s %d times", filepath.Base(listed.file), target, there[target])
			}
		}
		for target := range there {
			if !have[target] {
				t.Errorf("%s names %s, which is not there", filepath.Base(listed.file), target)
			}
		}
	}
}

// fuzzTargets are those below a folder, as "channels/pec:FuzzParse".
func fuzzTargets(t *testing.T, root string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		in, err := filepath.Rel(root, filepath.Dir(path))
		for _, m := range fuzzFunc.FindAllStringSubmatch(string(b), -1) {
			out[filepath.ToSlash(in)+":"+m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
