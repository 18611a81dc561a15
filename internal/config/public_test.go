package config

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func loadText(t *testing.T, text string) *Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "filodiretto.toml")
	if err := os.WriteFile(path, []byte("[municipality]\nname = \"Comune di Pontelieto\"\n"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// An office with a table of its own has its own hours or none: those of another
// door would send people to a closed one.
func TestOfficeContact(t *testing.T) {
	c := loadText(t, `
[contact]
phone = "0371 555 100"
pec = "comune@pec.pontelieto.it"
hours = ["lunedì 9:00-12:00"]

[[office]]
id = "tributi"
address = "Via Mazzini 3"

[[office]]
id = "sociale"
phone = "0371 555 140"
hours = ["su appuntamento"]
`)
	for id, want := range map[string]Contact{
		"urp":     c.Contact,
		"tributi": {Phone: "0371 555 100", Address: "Via Mazzini 3"},
		"sociale": {Phone: "0371 555 140", Hours: []string{"su appuntamento"}},
	} {
		if diff := cmp.Diff(want, c.OfficeContact(id)); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
}

func TestPrivacyFollowsFromTheRest(t *testing.T) {
	for _, tt := range []struct{ text, controller, contact string }{
		{"", "Comune di Pontelieto", ""},
		{"[contact]\nemail = \"urp@x.example\"", "Comune di Pontelieto", "urp@x.example"},
		{"[contact]\nemail = \"urp@x.example\"\npec = \"c@pec.example\"", "Comune di Pontelieto", "c@pec.example"},
		{"[contact]\npec = \"c@pec.example\"\n[privacy]\ncontroller = \"Unione\"\ncontroller_contact = \"u@pec.example\"", "Unione", "u@pec.example"},
	} {
		if p := loadText(t, tt.text).Privacy; p.Controller != tt.controller || p.ControllerContact != tt.contact {
			t.Errorf("%q: %+v", tt.text, p)
		}
	}
	p := Privacy{Retention: "dieci anni"}
	if p.RetentionIn("en") != "dieci anni" || p.RetentionIn("it") != "dieci anni" {
		t.Error("what is said in Italian only is said to everybody")
	}
	if p.RetentionEN = "ten years"; p.RetentionIn("en") != "ten years" || p.RetentionIn("it") != "dieci anni" {
		t.Error("each language has its own words")
	}
}
