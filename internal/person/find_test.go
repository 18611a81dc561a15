package person

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindPhones(t *testing.T) {
	for text, want := range map[string][]string{
		"chiamatemi al 347 555 0142, grazie":             {"+393475550142"},
		"tel. +39 347.555.01.42":                         {"+393475550142"},
		"ufficio 0523/492111 o cell 347 5550142":         {"+390523492111", "+393475550142"},
		"pratica 2026/000123 del 17/11/2026, euro 34,50": nil,
		"codice 0012345678901234567890":                  nil,
		"a3475550142b":                                   nil,
		"347 555 0142 e ancora 3475550142":               {"+393475550142"},
	} {
		if d := cmp.Diff(want, FindPhones(text, "IT")); d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
}

func FuzzFindPhones(f *testing.F) {
	f.Add("chiamate +39 347 555 01 42 oppure 0523/492111")
	f.Fuzz(func(t *testing.T, s string) {
		for _, tel := range FindPhones(s, "IT") {
			if again, ok := Phone(tel, "IT"); !ok || again != tel {
				t.Errorf("%q is not normal: %q %v", tel, again, ok)
			}
		}
	})
}
