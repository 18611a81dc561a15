package telegram

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"domanda.pdf":                     "domanda.pdf",
		`C:\Utenti\Ada\a.pdf`:             "a.pdf",
		"../../etc/passwd":                "passwd",
		"":                                "riserva",
		"...":                             "riserva",
		"a/":                              "a",
		"con.txt":                         "_con.txt",
		"LPT1":                            "_LPT1",
		"a:b*c?.txt":                      "a_b_c_.txt",
		"fattura\u202Efdp.exe":            "fatturafdp.exe",
		"a\u0000b\n.txt":                  "ab .txt",
		"perché no 😀.odt":                 "perché no 😀.odt",
		strings.Repeat("è", 200):          strings.Repeat("è", 75),
		strings.Repeat("a", 300) + ".pdf": strings.Repeat("a", 146) + ".pdf",
	} {
		if got := cleanName(in, "riserva"); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("fattura\u202Efdp.exe")
	f.Add("a\\b/c\xff.tar.gz")
	f.Fuzz(func(t *testing.T, in string) {
		got := cleanName(in, "riserva")
		if got == "" || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\x00\n") || len(got) > 160 {
			t.Errorf("%q: got %q", in, got)
		}
	})
}

func TestE164(t *testing.T) {
	for _, c := range []struct {
		in            string
		international bool
		want          string
	}{
		{"393331234567", true, "+393331234567"},
		{"+39 333 123 4567", true, "+393331234567"},
		{"0039 333 1234567", false, "+393331234567"},
		{"333 1234567", false, "+393331234567"},
		{"06 6710 1", false, "+3906 67101"},
		{"4915112345678", true, "+4915112345678"},
		{"112", false, ""},
		{"", true, ""},
		{strings.Repeat("9", 50), true, ""},
	} {
		want := strings.ReplaceAll(c.want, " ", "")
		if got := e164(c.in, c.international); got != want {
			t.Errorf("%q: got %q, want %q", c.in, got, want)
		}
	}
}
