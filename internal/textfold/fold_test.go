package textfold

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", ""},
		{"  \t\n", ""},
		{"Perché la CITTÀ è così?", "perche la citta e cosi"},
		{"Perche\u0301", "perche"}, // the accent as a character of its own
		{"dell'acqua, dell’acqua, dell`acqua", "dell acqua dell acqua dell acqua"},
		{"l'e-mail", "l e mail"},
		{"pratica 2026/000123", "pratica 2026 000123"},
		{"1° e 2ª", "1 e 2a"},
		{"Straße, Łódź, Ærø, Ħamrun", "strasse lodz aero hamrun"},
		{"İstanbul ISPARTA ılık", "istanbul isparta ilik"},
		{"of\u00adfi\u00adcio", "officio"},
		{"ﬁrma ½ ①", "firma 12 1"},
		{"Ångström Škoda Ễ", "angstrom skoda e"},
		{"Ελλάδα ПРИВЕТ", "ελλαδα привет"},
		{"مَكْتَب", "مكتب"},
		{"日本 大学x", "日 本 大 学 x"},
		{"a😀b", "a b"},
		{"a\x00b\xffc", "a b c"},
		{"_sotto_linea_", "sotto linea"},
	}
	for _, tt := range tests {
		if got := Fold(tt.in); got != tt.want {
			t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func checkFolded(t interface {
	Helper()
	Fatalf(string, ...any)
}, in, out string,
) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Fatalf("Fold(%q) = %q is not UTF-8", in, out)
	}
	if again := Fold(out); again != out {
		t.Fatalf("Fold(%q) = %q, folded again %q", in, out, again)
	}
	if strings.Join(strings.Fields(out), " ") != out {
		t.Fatalf("Fold(%q) = %q has loose blanks", in, out)
	}
}

func TestFoldIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		checkFolded(t, s, Fold(s))
		if up := Fold(strings.ToUpper(s)); up != Fold(strings.ToLower(strings.ToUpper(s))) {
			t.Fatalf("case of %q matters: %q", s, up)
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Città", "l'acqua", "日本", "\xff\xc3", "e\u0301", "ﷺ", "ǅ", "\u1e9e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkFolded(t, s, Fold(s)) })
}
