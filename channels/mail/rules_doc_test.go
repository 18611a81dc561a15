package mail

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	ruleRow  = regexp.MustCompile(`(?m)^\| (\d+[a-e]?) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`)
	ruleTest = regexp.MustCompile("`(Test\\w+)`")
	testFunc = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
)

// Every rule of the mail reference stands in docs/mail-rules.md, once and in its
// order, with tests that exist.
func TestEveryRuleOfMailHasItsTest(t *testing.T) {
	doc, err := os.ReadFile("../../docs/mail-rules.md")
	if err != nil {
		t.Fatal(err)
	}
	have := testsOfTheHouse(t, "../..")
	var numbers []string
	for _, m := range ruleRow.FindAllStringSubmatch(string(doc), -1) {
		rule, state := m[1], m[3]
		numbers = append(numbers, rule)
		tests := ruleTest.FindAllStringSubmatch(m[4], -1)
		for _, x := range tests {
			if have[x[1]] == nil {
				t.Errorf("rule %s: there is no test %q", rule, x[1])
			}
		}
		switch {
		case !strings.HasPrefix(state, "built") && !strings.HasPrefix(state, "not built"):
			t.Errorf("rule %s: %q does not say whether it is built", rule, state)
		case strings.HasPrefix(state, "built") && len(tests) == 0:
			t.Errorf("rule %s has no test", rule)
		case strings.HasPrefix(state, "not built") && len(state) < 40:
			t.Errorf("rule %s: %q does not say why", rule, state)
		}
	}
	var want []string
	for i := 1; i <= 90; i++ {
		want = append(want, fmt.Sprint(i))
		if i == 81 {
			want = append(want, "81b", "81c", "81d", "81e")
		}
	}
	if !slices.Equal(numbers, want) {
		t.Errorf("the rules are %v, want %v", numbers, want)
	}
}

// namedTest is a test in docs/compatibility.md, after the folder it is in where that
// is not channels/pec.
var namedTest = regexp.MustCompile("(?:`([\\w/]+)` )?`(Test[^`]*)`")

// Every quirk of a provider in docs/compatibility.md names tests that exist, where it
// says that they are.
func TestEveryQuirkOfProvidersHasItsTest(t *testing.T) {
	doc, err := os.ReadFile("../../docs/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	have := testsOfTheHouse(t, "../..")
	found := namedTest.FindAllStringSubmatch(string(doc), -1)
	for _, m := range found {
		folder := cmp.Or(m[1], "channels/pec")
		if !slices.Contains(have[m[2]], folder) {
			t.Errorf("there is no test %q in %s, but in %v", m[2], folder, have[m[2]])
		}
	}
	if len(found) < 50 {
		t.Errorf("only %d tests are named", len(found))
	}
}

// testsOfTheHouse are the folders of all tests, by their names.
func testsOfTheHouse(t *testing.T, root string) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		b, err := os.ReadFile(path)
		for _, m := range testFunc.FindAllSubmatch(b, -1) {
			dir, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			out[string(m[1])] = append(out[string(m[1])], filepath.ToSlash(dir))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
