package inbox

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestFilesOfAnAnswer(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "una")
		cmd := k.reply("")
		for _, name := range []string{"../../piano.pdf", `C:\atti\piano.pdf`} {
			ref, err := e.KeepFile(t.Context(), name, strings.NewReader("%PDF-1.4 "+name))
			if err != nil {
				t.Fatal(err)
			}
			ref.Size, ref.Type = 1, "text/html" // a lie
			cmd.Files = append(cmd.Files, ref)
		}
		e.mustReply(cmd)
		e.deliver(e.mail)
		o := s.arrived()[0]
		if len(o.Files) != 2 || o.Files[0].Name != "piano.pdf" || o.Files[1].Name != "piano (2).pdf" || o.Files[0].Type != "application/pdf" {
			t.Fatalf("%+v", o.Files)
		}
		for range 2 { // a retry opens it again
			f, err := o.Files[1].Open()
			if err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 100)
			n, _ := f.Read(b)
			f.Close()
			if int64(n) != o.Files[1].Size || string(b[:n]) != `%PDF-1.4 C:\atti\piano.pdf` {
				t.Fatal(string(b[:n]), o.Files[1].Size)
			}
		}
	})
}

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{
		"a.pdf": "a.pdf", "": "file", "..": "file", "/": "file", "x/../y.txt": "y.txt", ".htaccess": "htaccess", "a\x00b\u202e.exe": "ab.exe", `a:b?.txt`: "a_b_.txt",
		strings.Repeat("è", 200) + ".pdf": strings.Repeat("è", 116) + ".pdf",
	} {
		if got := fileName(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
	taken := map[string]bool{}
	for _, want := range []string{"a.txt", "a (2).txt", "a (3).txt"} {
		if got := uniqueName("a.txt", taken); got != want {
			t.Error(got)
		}
	}
	if got := uniqueName("A.TXT", taken); got != "A (4).TXT" {
		t.Error("as file systems see it:", got)
	}
}

func FuzzFileName(f *testing.F) {
	for _, s := range []string{"a.pdf", `..\..\x`, "/etc/passwd", "CON", ".", "", "a\x00b", "\u202egpj.exe", strings.Repeat("è", 300) + ".p7m", "a/b/\"c\".txt", "\xff\xfe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name := fileName(s)
		switch {
		case name == "" || name[0] == '.' || !utf8.ValidString(name) || utf8.RuneCountInString(name) > 120:
			t.Fatalf("%q of %q", name, s)
		case strings.ContainsAny(name, "/\\:*?\"<>|\x00\r\n") || strings.ContainsFunc(name, unicode.IsControl):
			t.Fatalf("%q of %q", name, s)
		case fileName(name) != name:
			t.Fatalf("%q is cleaned again to %q", name, fileName(name))
		}
	})
}
