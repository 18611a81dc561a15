package queue

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// faultRows is how many rows section 3 of the queue reference has.
const faultRows = 38

var (
	faultRow   = regexp.MustCompile(`(?m)^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`)
	faultIssue = regexp.MustCompile(`#(\d+)`)
	faultTest  = regexp.MustCompile("`(Test\\w+)`|\"(issue [^\"]+)\"")
	goTest     = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	scriptTest = regexp.MustCompile(`(?m)^test\("([^"]+)"`)
)

// Every row of what went wrong at the peers has a test that exists, and one of them
// carries the number of one of its issues, or of the row that it is like.
func TestEveryFaultOfThePeersHasItsTest(t *testing.T) {
	doc, err := os.ReadFile("../docs/queue-faults.md")
	if err != nil {
		t.Fatal(err)
	}
	have := testsBelow(t, "..")
	var numbers []string
	for _, m := range faultRow.FindAllStringSubmatch(string(doc), -1) {
		row, issues, what := m[1], faultIssue.FindAllStringSubmatch(m[2], -1), m[3]
		numbers = append(numbers, row)
		tests, named := faultTest.FindAllStringSubmatch(m[4], -1), strings.HasPrefix(what, "as row ")
		for _, x := range tests {
			name := x[1] + x[2]
			if !have[name] {
				t.Errorf("row %s: there is no test %q", row, name)
			}
			named = named || slices.ContainsFunc(issues, func(i []string) bool { return carries(name, i[1]) })
		}
		if len(tests) == 0 || !named {
			t.Errorf("row %s has no test named after %v", row, issues)
		}
	}
	for i := range faultRows {
		if want := fmt.Sprint(i + 1); !slices.Contains(numbers, want) {
			t.Errorf("row %s is missing", want)
		}
	}
	if len(numbers) != faultRows {
		t.Errorf("%d rows", len(numbers))
	}
}

// carries reports whether a test is named after an issue: TestIssue138Xyz, "issue 138: xyz".
func carries(name, issue string) bool {
	return regexp.MustCompile(`(Issue|And|issue )` + issue + `(\D|$)`).MatchString(name)
}

// testsBelow are all tests of the house by name.
func testsBelow(t *testing.T, root string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return fs.SkipDir
		}
		find := goTest
		if strings.HasSuffix(path, ".mjs") {
			find = scriptTest
		} else if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		for _, m := range find.FindAllSubmatch(b, -1) {
			out[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
