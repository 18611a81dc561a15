package person

import (
	"strings"
	"testing"
)

func TestEmail(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"Lucia.Ferrante@Example.IT", "lucia.ferrante@example.it"},
		{"  lucia@example.it \n", "lucia@example.it"},
		{"<lucia@example.it>", "lucia@example.it"},
		{"mailto:lucia@example.it?subject=ciao", "lucia@example.it"},
		{"MAILTO:lucia@example.it", "lucia@example.it"},
		{"lucia+tari@example.it", "lucia+tari@example.it"},
		{"lucia@città.example", "lucia@xn--citt-3na.example"},
		{"lucia@CITTÀ.example", "lucia@xn--citt-3na.example"},
		{"lucia@citta\u0300.example", "lucia@xn--citt-3na.example"},
		{"lucia@xn--citt-3na.example", "lucia@xn--citt-3na.example"},
		{"Niccolò@example.it", "niccolò@example.it"},
		{"niccolo\u0300@example.it", "niccolò@example.it"},
		{"lucia@example.it.", "lucia@example.it"},
		{"root@localhost", "root@localhost"},
		{"a@b_c.example", "a@b_c.example"},
		{"x@[192.0.2.1]", "x@[192.0.2.1]"},
		{`"lucia"@example.it`, "lucia@example.it"},
		{`"Lucia Ferrante"@example.it`, `"lucia ferrante"@example.it`},
		{`"a@b"@example.it`, `"a@b"@example.it`},
		{"o'neill@example.it", "o'neill@example.it"},

		{"", ""},
		{"lucia", ""},
		{"@example.it", ""},
		{"lucia@", ""},
		{"lucia@example..it", ""},
		{"lucia@.it", ""},
		{"lucia ferrante@example.it", ""},
		{"lucia@example.it, mario@example.it", ""},
		{"lucia@exam ple.it", ""},
		{"lucia@example.it\r\nBcc: x@example.it", ""},
		{"lucia\x00@example.it", ""},
		{"luci\u200ba@example.it", ""}, // an invisible character makes another person
		{"<lucia@example.it", ""},
		{"x@[192.0.2.1", ""},
		{`"a"b"@example.it`, ""},
		{strings.Repeat("a", 65) + "@example.it", ""},
		{"a@" + strings.Repeat("a", 64) + ".it", ""},
		{"a@" + strings.Repeat("aaaa.", 60) + "it", ""},
		{strings.Repeat("a", 10000), ""},
		{"lucia@example.it\xff", ""},
	}
	for _, tt := range tests {
		got, ok := Email(tt.raw)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("Email(%.60q) = %q, %v; want %q", tt.raw, got, ok, tt.want)
		}
	}
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{
		"", "Lucia@Example.IT", "<a@b>", "mailto:a@b?x", `"a b"@c`, "a@città.it", "a@[1.2.3.4]", "a@\xff", "ß@ß", "a@ı.İ",
		`"\""@x`, "a@xn--", "a@" + strings.Repeat("à", 80),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := Email(raw)
		if !ok {
			if got != "" {
				t.Errorf("Email(%q) = %q without ok", raw, got)
			}
			return
		}
		if again, ok := Email(got); !ok || again != got {
			t.Errorf("Email(%q) = %q, again %q, %v", raw, got, again, ok)
		}
		if strings.ContainsAny(got, "\r\n\x00") || len(got) > 254 {
			t.Errorf("Email(%q) = %q", raw, got)
		}
	})
}
