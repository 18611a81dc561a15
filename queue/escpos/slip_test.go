package escpos

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files again")

var ticket = Slip{
	Town: "Comune di Pontelieto", Site: "Sportello polifunzionale, piazza del Ponte 1", Label: "A 131", Service: "Carta d’identità",
	Taken: "17 novembre 2026, ore 10:47", Lines: []string{"Davanti a te: 4 persone", "Costo: 22,20 €"},
	URL: "https://filo.comune.pontelieto.example/p/t/Qm9uZ2lvcm5v", URLText: "Segui il tuo posto dal telefono",
}

// TestGoldenSlips pins the bytes that go to the printer, as a hex dump.
func TestGoldenSlips(t *testing.T) {
	vowels, alone := ticket, ticket
	vowels.Service, vowels.Lines, vowels.URL = "àèéìòù ÀÈÉÌÒÙ € äöüß ç ê œ – … “sì”", []string{strings.Repeat("parola ", 12)}, ""
	alone.Label, alone.URL, alone.Lines = "AK3", "", nil
	for name, b := range map[string][]byte{
		"wide": Encode(ticket, Wide), "narrow": Encode(ticket, Narrow), "vowels": Encode(vowels, Wide), "alone": Encode(alone, Wide),
	} {
		t.Run(name, func(t *testing.T) {
			got := hex.Dump(b)
			file := filepath.Join("testdata", name+".hex")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("differs from %s:\n%s", file, got)
			}
		})
	}
}

// Code page 858 has the euro sign where 850 has a dotless i (queue 3, row 28).
func TestIssue36EuroAndVowelsInCodePage858(t *testing.T) {
	for text, want := range map[string][]byte{
		"€": {0xd5}, "à": {0x85}, "è": {0x8a}, "é": {0x82}, "ì": {0x8d}, "ò": {0x95}, "ù": {0x97}, "È": {0xd4}, "À": {0xb7}, "ß": {0xe1}, "ç": {0x87},
		"d’identità": []byte("d'identit\x85"), "日": {'?'},
	} {
		if got := encode(clean(text)); !bytes.Equal(got, want) {
			t.Errorf("%q: % x, want % x", text, got, want)
		}
	}
	if !bytes.HasPrefix(Encode(ticket, Wide), []byte{0x1b, '@', 0x1b, 't', 19}) {
		t.Error("a slip does not begin with code page 858")
	}
}

func TestNoTextIsACommand(t *testing.T) {
	s := ticket
	s.Service, s.Town, s.Label, s.URL = "a\x1b@\x1dV\x00b\x10\x04", "x\ny", "A\x1b1", ""
	b := Encode(s, Wide)
	if n := bytes.Count(b, []byte{0x1b, '@'}); n != 1 {
		t.Errorf("%d initialisations", n)
	}
	if n := bytes.Count(b, []byte{0x1d, 'V'}); n != 1 {
		t.Errorf("%d cuts", n)
	}
}

func TestLinesFitThePaper(t *testing.T) {
	s := Slip{Label: "A 1", Lines: []string{strings.Repeat("x", 130), strings.Repeat("parola ", 40)}}
	for _, columns := range []int{Wide, Narrow} {
		for line := range bytes.SplitSeq(Encode(s, columns), []byte("\n")) {
			text := bytes.TrimLeft(line, "\x1b@t\x13a\x01E\x00\x1d!wV")
			if len(text) > columns {
				t.Errorf("%d signs on paper for %d: %q", len(text), columns, text)
			}
		}
	}
}

func FuzzEncode(f *testing.F) {
	f.Add("Comune", "A 131", "Carta d’identità", "https://x.example/p/t/a", 48)
	f.Add("", "", "\x1b@", "", 1)
	f.Fuzz(func(t *testing.T, town, label, service, url string, columns int) {
		if columns < 1 || columns > 100 || len(url) > 2000 {
			return
		}
		b := Encode(Slip{Town: town, Label: label, Service: service, Lines: []string{town}, URL: url, URLText: service}, columns)
		if !bytes.HasPrefix(b, initialise) || !bytes.HasSuffix(b, feedAndCut) {
			t.Error("not a whole slip")
		}
	})
}
