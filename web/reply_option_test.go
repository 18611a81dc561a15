package web

import (
	"os"
	"regexp"
	"testing"

	"filodiretto/web/page"
)

// TestWhyAWayIsBarredHasWords: each code of why a person cannot be answered somewhere
// is said in words in both languages.
func TestWhyAWayIsBarredHasWords(t *testing.T) {
	r, err := page.New(page.Options{})
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	for _, file := range []string{"../inbox/reply_option.go", "../inbox/consent.go"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:return|why :=) "([a-z_]+)"\n`).FindAllSubmatch(b, -1) {
			codes[string(m[1])] = true
		}
	}
	for _, want := range []string{"cannot_send", "no_account", "other_office"} {
		if !codes[want] {
			t.Errorf("%s is not found in the sources", want)
		}
	}
	for code := range codes {
		for _, l := range page.AllLangs {
			if !r.Say(l).Known("barred." + code) {
				t.Errorf("%s: barred.%s is missing", l, code)
			}
		}
	}
}
