package demo

import (
	"io/fs"
	"regexp"
	"testing"
)

// oneDigit is an hour that the pages would write with two: "8:15" beside "08:15".
var oneDigit = regexp.MustCompile(`(?:^|[^\d:.])\d:[0-5]\d(?:[^\d:]|$)`)

// Hours stand in one form wherever the demo shows them.
func TestHoursHaveTwoDigits(t *testing.T) {
	texts := map[string]string{"the configuration": configHead + configRest}
	err := fs.WalkDir(letterFiles, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := letterFiles.ReadFile(path)
		texts[path] = string(b)
		return err
	})
	if err != nil || len(texts) < 5 {
		t.Fatal(len(texts), err)
	}
	for where, text := range texts {
		for _, found := range oneDigit.FindAllString(text, -1) {
			t.Errorf("%s: %q", where, found)
		}
	}
}
