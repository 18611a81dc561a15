package rfc822

import (
	"strings"
	"testing"
)

func read(s string) *Message { return Read([]byte(s), DefaultLimits) }

func TestSection(t *testing.T) {
	tests := []struct {
		name, raw string
		subject   string
		body      string
		notes     string
	}{
		{"usual", "Subject: a\r\nTo: b\r\n\r\nbody", "a", "body", ""},
		{"folded", "Subject: a\r\n b\r\n\tc\r\n\r\nbody", "a b\tc", "body", ""},
		{"space before colon", "Subject : a\n\nbody", "a", "body", ""},
		{"fold of blanks goes on", "Subject: a\n \n b\nTo: c\n\nbody", "a  b", "body", ""},
		{"line of blanks ends the headers", "Subject: a\n \nbody text\n", "a", "body text\n", ""},
		{"no blank line", "Subject: a\nbody text\nNote: x\n", "a", "body text\nNote: x\n", "no_blank_line"},
		{"text like fields", "Subject: a\nNota: x\nAltro: y\n", "a", "Nota: x\nAltro: y\n", "no_blank_line"},
		{"headers only", "Subject: a\nTo: b\n", "a", "", ""},
		{"garbage between", "To: b\n!!!\nSubject: a\n\nbody", "a", "body", "header_garbage"},
		{"fold after garbage is no value", "To: b\n!!!\n x\nSubject: a\n\nbody", "", "!!!\n x\nSubject: a\n\nbody", "no_blank_line"},
		{"mbox", "From me Mon\nSubject: a\n\nbody", "a", "body", ""},
		{"quoted mbox", ">From me Mon\nSubject: a\n\nbody", "a", "body", ""},
		{"blank lines on top", "\r\n\nSubject: a\n\nbody", "a", "body", "blank_line_on_top"},
		{"byte order mark", "\xef\xbb\xbfSubject: a\n\nbody", "a", "body", ""},
		{"bare CR", "Subject: a\rTo: b\r\rbody\rmore", "a", "body\nmore", "bare_cr"},
		{"CR inside a line", "Subject: a\rb\n\nbody", "a b", "body", ""},
		{"many CR", "Subject: a\r\r\n\r\r\nbody", "a", "body", ""},
		{"no name", ": a\nSubject: b\n\nbody", "b", "body", "header_garbage"},
		{"empty", "", "", "", ""},
		{"only a line end", "\n", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := read(tt.raw)
			if got := m.Header.Get("subject"); got != tt.subject {
				t.Errorf("subject %q, want %q", got, tt.subject)
			}
			if string(m.Body) != tt.body {
				t.Errorf("body %q, want %q", m.Body, tt.body)
			}
			if got := strings.Join(m.Notes, " "); got != tt.notes {
				t.Errorf("notes %q, want %q", got, tt.notes)
			}
		})
	}
}

func TestHeaderLimits(t *testing.T) {
	lim := DefaultLimits
	lim.Header = 100
	long := Read([]byte("Subject: a\nX-Long: "+strings.Repeat("x", 200)+"\nTo: b\n\nbody"), lim)
	if long.Header.Get("Subject") != "a" || len(long.Header.Get("X-Long")) == 0 || long.Header.Has("To") || string(long.Body) != "body" {
		t.Errorf("cut header: %d fields, body %q", long.Header.Len(), long.Body)
	}
	if strings.Join(long.Exceeded, "") != OverHeader {
		t.Errorf("exceeded %v", long.Exceeded)
	}
	lim = DefaultLimits
	lim.Fields = 3
	many := Read([]byte("Subject: a\n"+strings.Repeat("X: y\n", 10)+"\r\nbody"), lim)
	if string(many.Body) != "body" || strings.Join(many.Exceeded, "") != OverHeader {
		t.Errorf("body %q, exceeded %v", many.Body, many.Exceeded)
	}
}

func TestHeaderValues(t *testing.T) {
	h := read("Received: 1\nReceived: 2\nSubject:\nSubject: zwei\nX-\xff: z\n\n").Header
	if got := h.Values("RECEIVED"); strings.Join(got, ",") != "1,2" {
		t.Errorf("values %v", got)
	}
	if h.Text("Subject") != "zwei" {
		t.Errorf("the first value that says something is %q", h.Text("Subject"))
	}
	if !h.Has("subject") || h.Has("To") || !h.Recognised() {
		t.Error("Has or Recognised")
	}
	other := read("Nota: uno\n\ndue").Header
	if other.Recognised() {
		t.Error("a colon alone makes no mail")
	}
}

func TestClean(t *testing.T) {
	tests := [][2]string{
		{"a\r\nb\rc\nd", "a\nb\nc\nd"},
		{"a\r\r\nb", "a\nb"},
		{"a\x00b\x1b\x7fc", "abc"},
		{"\ufeffa\u0085b", "ab"},
		{"a\xffb", "a\ufffdb"},
		{"a\tb\fc", "a\tb\nc"},
		{"perché €", "perché €"},
	}
	for _, tt := range tests {
		if got := Clean(tt[0]); got != tt[1] {
			t.Errorf("Clean(%q) = %q, want %q", tt[0], got, tt[1])
		}
	}
	if got := CleanLine(" a\nb\u202ec\u200b\u2066 "); got != "a bc" {
		t.Errorf("CleanLine: %q", got)
	}
}
