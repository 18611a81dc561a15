package segnatura

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden reads every file of testdata: a new case is a new file.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil || len(files) < 6 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			rec, err := Parse(b)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(rec, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(path, ".xml") + ".json"
			if *update {
				if err := os.WriteFile(golden, append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != string(got)+"\n" {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

// TestNoneAtAll: what is no segnatura says so, and never more than that.
func TestNoneAtAll(t *testing.T) {
	deep := strings.Repeat("<a>", 10_000)
	wide := strings.Repeat("<a/>", 30_000)
	for _, x := range []struct {
		name, text string
		want       error
	}{
		{"empty", "", ErrRoot},
		{"words", "Buongiorno", ErrRoot},
		{"a confirmation", "<ConfermaRicezione><Identificatore/></ConfermaRicezione>", ErrRoot},
		{"other root first", "<a><Segnatura/></a>", ErrRoot},
		{"deep", "<Segnatura>" + deep, ErrTooLarge},
		{"wide", "<Segnatura>" + wide, ErrTooLarge},
		{"long", "<Segnatura>" + strings.Repeat(" ", MaxSize), ErrTooLarge},
	} {
		if rec, err := Parse([]byte(x.text)); !errors.Is(err, x.want) || rec != nil {
			t.Errorf("%s: %+v, %v", x.name, rec, err)
		}
	}
}

func TestIsName(t *testing.T) {
	for name, want := range map[string]bool{"Segnatura.xml": true, "SEGNATURA.XML": true, "segnatura.xml.p7m": false, "segnatura.txt": false, "mia-segnatura.xml": false, "": false} {
		if IsName(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

// FuzzParse: whatever comes, reading ends, and what was read is bounded, on one
// line, and legible.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rec, err := Parse(b)
		if err != nil {
			return
		}
		texts := append([]string{rec.Administration, rec.Area, rec.Register, rec.Number, rec.Date, rec.Subject, rec.Class, rec.Sender}, rec.Recipients...)
		for _, d := range rec.Documents {
			texts = append(texts, d.Name, d.Title)
			if d.SHA256 != "" && len(d.SHA256) != 64 {
				t.Errorf("hash %q", d.SHA256)
			}
		}
		if len(rec.Recipients) > maxRecipients || len(rec.Documents) > maxDocuments {
			t.Error("too many", len(rec.Recipients), len(rec.Documents))
		}
		for _, s := range texts {
			if len(s) > 2*maxWords+20 || strings.ContainsAny(s, "\n\r\x00") {
				t.Errorf("%d bytes: %.80q", len(s), s)
			}
		}
	})
}
