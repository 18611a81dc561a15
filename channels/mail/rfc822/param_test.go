package rfc822

import (
	"strings"
	"testing"
)

func TestParseValue(t *testing.T) {
	tests := []struct{ name, in, main, param, want string }{
		{"usual", `text/plain; charset="utf-8"`, "text/plain", "charset", "utf-8"},
		{"upper case", `TEXT/Plain; CHARSET=utf-8`, "text/plain", "charset", "utf-8"},
		{"spaces", `text/plain ; charset = utf-8 `, "text/plain", "charset", "utf-8"},
		{"no semicolon", `text/plain charset=utf-8`, "text/plain", "charset", "utf-8"},
		{"no semicolon between", `text/plain; charset=utf-8 format=flowed`, "text/plain", "format", "flowed"},
		{"comment", `text/plain (testo); charset=us-ascii (Plain text)`, "text/plain", "charset", "us-ascii"},
		{"brackets in a name", `application/pdf; name=a (1).pdf`, "application/pdf", "name", "a (1).pdf"},
		{"quotes inside", `a/b; name="x\"y\\z"`, "a/b", "name", `x"y\z`},
		{"windows path", `a/b; name="C:\Temp\a.pdf"`, "a/b", "name", `C:\Temp\a.pdf`},
		{"quote not closed", `a/b; name="x.pdf; charset=utf-8`, "a/b", "name", "x.pdf"},
		{"semicolon in quotes", `a/b; name="x;y.pdf"; z=1`, "a/b", "name", "x;y.pdf"},
		{"missing type", `; charset=utf-8`, "", "charset", "utf-8"},
		{"only a parameter", `charset=utf-8`, "", "charset", "utf-8"},
		{"continuations", `a/b; name*0="x"; name*1="y.pdf"`, "a/b", "name", "xy.pdf"},
		{"continuations in disorder", `a/b; name*1="y.pdf"; name*0="x"`, "a/b", "name", "xy.pdf"},
		{"a continuation twice", `a/b; name*0="x"; name*0="x"; name*1=y`, "a/b", "name", "xy"},
		{"extended", `a/b; name*=utf-8''citt%C3%A0.pdf`, "a/b", "name", "città.pdf"},
		{"extended latin", `a/b; name*=iso-8859-1'it'citt%E0.pdf`, "a/b", "name", "città.pdf"},
		{"extended without charset", `a/b; name*=citt%C3%A0.pdf`, "a/b", "name", "città.pdf"},
		{"extended continuations", `a/b; name*0*=utf-8''citt%C3; name*1*=%A0; name*2=".pdf"`, "a/b", "name", "città.pdf"},
		{"extended wins", `a/b; name="x"; name*=utf-8''y`, "a/b", "name", "y"},
		{"encoded word", `a/b; name="=?utf-8?Q?citt=C3=A0.pdf?="`, "a/b", "name", "città.pdf"},
		{"encoded word, bare", `a/b; name==?utf-8?Q?citt=C3=A0?= =?utf-8?Q?.pdf?=`, "a/b", "name", "città.pdf"},
		{"encoded word in continuations", `a/b; name*0="=?utf-8?Q?citt=C3"; name*1="=A0?=.pdf"`, "a/b", "name", "città.pdf"},
		{"raw", "a/b; name=\"citt\xe0\"", "a/b", "name", "città"},
		{"percent that is none", `a/b; name*=utf-8''100%25%zz%`, "a/b", "name", "100%%zz%"},
		{"absent", `a/b; x=y`, "a/b", "name", ""},
		{"empty", ``, "", "name", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := ParseValue(tt.in)
			if v.Main != tt.main {
				t.Errorf("main %q, want %q", v.Main, tt.main)
			}
			if got := v.Text(tt.param, ""); got != tt.want {
				t.Errorf("%s %q, want %q", tt.param, got, tt.want)
			}
			if v.Has(tt.param) != (tt.want != "") {
				t.Errorf("Has(%s) is %v", tt.param, v.Has(tt.param))
			}
		})
	}
}

func TestTransfer(t *testing.T) {
	tests := []struct{ name, encoding, body, want, notes string }{
		{"none", "", "a=3D", "a=3D", ""},
		{"8bit", "8BIT", "è", "è", ""},
		{"base64", "base64", "Y2lhbw==", "ciao", ""},
		{"base64, odd name", " Base-64 ;", "Y2lhbw==", "ciao", ""},
		{"base64 without padding", "base64", "Y2lhbw", "ciao", ""},
		{"base64 glued", "base64", "Y2k=\nYW8=\n", "ciao", ""},
		{"base64 with junk", "base64", "!Y2lhbyBh*IHR1dHRpIHF1YW50aQ==", "ciao a tutti quanti", "base64_junk"},
		{"base64 and a footer", "base64", "Y2lhbw==\n-- \nlista di posta\n", "ciao", "base64_junk"},
		{"base64 and a rule", "base64", "Y2lhbyEh\n______\nlista\n", "ciao!!", "base64_junk"},
		{"not base64", "base64", "Ciao, come va?\nBene.\n", "Ciao, come va?\nBene.\n", "encoding_lied"},
		{"quoted", "quoted-printable", "citt=C3=A0 =\nbella  \nfine", "città bella\r\nfine", ""},
		{"quoted, lower case", "Quoted-Printable", "=c3=a0", "à", ""},
		{"quoted, broken", "quoted-printable", "a=b =ZZ =", "a=b =ZZ ", "quoted_printable_odd"},
		{"uuencode", "x-uuencode", "begin 644 a\n$8VEA;P``\n`\nend\n", "ciao", ""},
		{"not uuencode", "uuencode", "ciao", "ciao", "encoding_lied"},
		{"unknown", "x-boh", "ciao", "ciao", "unknown_encoding"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := read("Subject: x\nContent-Transfer-Encoding: " + tt.encoding + "\n\n" + tt.body)
			got, _, tooLarge := m.Content(&m.Entity)
			if string(got) != tt.want || tooLarge {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if n := strings.Join(m.Notes, " "); n != tt.notes {
				t.Errorf("notes %q, want %q", n, tt.notes)
			}
		})
	}
}

func TestContentLimit(t *testing.T) {
	lim := DefaultLimits
	lim.Part = 10
	for _, encoding := range []string{"7bit", "base64", "quoted-printable"} {
		m := Read([]byte("Subject: x\nContent-Transfer-Encoding: "+encoding+"\n\n"+strings.Repeat("QUFB", 20)), lim)
		body, size, tooLarge := m.Content(&m.Entity)
		if body != nil || size <= 10 || !tooLarge || strings.Join(m.Exceeded, "") != OverPart {
			t.Errorf("%s: %d bytes, size %d, %v %v", encoding, len(body), size, tooLarge, m.Exceeded)
		}
	}
}
