package rfc822

import (
	"strings"
	"testing"
)

// tree writes the types of a message as a line: "multipart/mixed(text/plain,...)".
func tree(e *Entity) string {
	s := e.Type.Main
	if len(e.Parts) > 0 {
		var parts []string
		for _, p := range e.Parts {
			parts = append(parts, tree(p))
		}
		s += "(" + strings.Join(parts, ",") + ")"
	}
	return s
}

func TestStructure(t *testing.T) {
	const mixed = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
	tests := []struct{ name, raw, want, notes string }{
		{"plain", "Subject: x\n\nbody", "text/plain", ""},
		{"two parts", mixed + "--b\n\nx\n--b\nContent-Type: text/html\n\ny\n--b--\n", "multipart/mixed(text/plain,text/html)", ""},
		{"no final boundary", mixed + "--b\n\nx\n--b\n\ny\n", "multipart/mixed(text/plain,text/plain)", "no_final_boundary"},
		{"parts after the end", mixed + "--b\n\nx\n--b--\n\nepilogue\n--b\n\ny\n--b--\n", "multipart/mixed(text/plain,text/plain)", ""},
		{"blanks after the boundary", mixed + "--b \t\n\nx\n--b--\t\n", "multipart/mixed(text/plain)", ""},
		{"boundary not at a line's start", mixed + "--b\n\nx --b\n--b--\n", "multipart/mixed(text/plain)", ""},
		{"longer boundary", mixed + "--b\n\nx\n--bb\n--b--\n", "multipart/mixed(text/plain)", ""},
		{
			"guessed", "Subject: x\nContent-Type: multipart/mixed\n\npre\n--zz\nContent-Type: text/html\n\ny\n--zz--\n",
			"multipart/mixed(text/html)", "boundary_guessed",
		},
		{"signature is no boundary", "Subject: x\nContent-Type: multipart/mixed\n\nCiao\n-- \nAnna\n", "text/plain", "no_boundary"},
		{"HTML without parts", "Subject: x\nContent-Type: multipart/mixed\n\n<html>a", "text/html", "no_boundary"},
		{"empty multipart", mixed, "multipart/mixed", ""},
		{"message", "Subject: x\nContent-Type: message/rfc822\n\nSubject: y\n\nbody", "message/rfc822(text/plain)", ""},
		{
			"digest", "Subject: x\nContent-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: y\n\nz\n--b--\n",
			"multipart/digest(message/rfc822(text/plain))", "",
		},
		{
			"same boundary inside", mixed + "--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/html\n\ny\n--b--\n",
			"multipart/mixed(multipart/alternative(text/plain,text/html))", "",
		},
		{"no type", "Subject: x\nContent-Type: boh\n\nx", "application/octet-stream", ""},
		{"short type", "Subject: x\nContent-Type: html\n\nx", "text/html", ""},
		{"part without headers and blank line", mixed + "--b\nCiao a tutti\n--b--\n", "multipart/mixed(text/plain)", "no_blank_line"},
		{"CRLF", strings.ReplaceAll(mixed+"--b\n\nx\n--b--\n", "\n", "\r\n"), "multipart/mixed(text/plain)", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := read(tt.raw)
			if got := tree(&m.Entity); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if n := strings.Join(m.Notes, " "); n != tt.notes {
				t.Errorf("notes %q, want %q", n, tt.notes)
			}
		})
	}
}

func TestStructureLimits(t *testing.T) {
	lim := DefaultLimits
	lim.Parts, lim.Depth = 3, 2
	m := Read([]byte("Content-Type: multipart/mixed; boundary=b\n\n"+strings.Repeat("--b\n\nx\n", 5)), lim)
	if len(m.Parts) != 3 || strings.Join(m.Exceeded, "") != OverParts {
		t.Errorf("%d parts, exceeded %v", len(m.Parts), m.Exceeded)
	}
	m = Read([]byte(strings.Repeat("Content-Type: message/rfc822\n\n", 5)), lim)
	if tree(&m.Entity) != "message/rfc822(message/rfc822(message/rfc822))" || strings.Join(m.Exceeded, "") != OverDepth {
		t.Errorf("%s, exceeded %v", tree(&m.Entity), m.Exceeded)
	}
	lim.Total = 10
	m = Read([]byte("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n"), lim)
	if m.Header.Get("Subject") != "x" || len(m.Parts) != 0 || strings.Join(m.Exceeded, "") != OverTotal {
		t.Errorf("%s, exceeded %v", tree(&m.Entity), m.Exceeded)
	}
}

func TestPartBodyHasNoLineEndOfTheBoundary(t *testing.T) {
	m := read("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nuno\r\n\r\n--b\r\nContent-ID: <a>\r\n\r\n--b--\r\n")
	if got := string(m.Parts[0].Body); got != "uno\r\n" {
		t.Errorf("body %q", got)
	}
	if m.Parts[1].ID() != "a" || len(m.Parts[1].Body) != 0 {
		t.Errorf("second part %q", m.Parts[1].Body)
	}
}
