package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var readmeLink = regexp.MustCompile(`\]\(([\w./-]+)\)`)

// The README names files that are there, and what it says is not there yet is not
// among what it says there is.
func TestReadmeTellsTheTruth(t *testing.T) {
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range readmeLink.FindAllStringSubmatch(string(b), -1) {
		if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
			t.Errorf("the README names %s: %v", m[1], err)
		}
	}
	_, missing, found := strings.Cut(string(b), "Not there yet:")
	missing, _, _ = strings.Cut(missing, "\n")
	if !found {
		t.Fatal(`the README has no "Not there yet"`)
	}
	for folder, words := range map[string][]string{
		"register": {"register of documents", "protocol register"}, "queue": {"waiting room", "agenda"}, "reports": {"reports"},
		"channels/telegram": {"Telegram"}, "channels/pec": {"PEC"}, "channels/mail/pop3_receive.go": {"POP3"},
		"channels/mail/lmtp": {"LMTP"}, "internal/clamd": {"scan"}, "internal/picture": {"HEIC"},
	} {
		if _, err := os.Stat(filepath.Join("../..", folder)); err != nil {
			t.Errorf("%s: %v", folder, err)
		}
		for _, w := range words {
			if strings.Contains(strings.ToLower(missing), strings.ToLower(w)) {
				t.Errorf("%q is said not to be there, and %s is", w, folder)
			}
		}
	}
}
