package rfc822

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzHeader feeds one header value to every reader of values.
func FuzzHeader(f *testing.F) {
	for _, seed := range []string{
		"Anna <a@b.it>", `"x" <a@b>, c (d (e)) <@r:f@g>; Gruppo: h@i;`, "=?utf-8?Q?a=C3=A0?= =?x?B?Zm9v?=", "=?utf-8?q?",
		`text/plain; charset="utf-8"; name*0*=utf-8''a%20; name*1="b"`, "Mon, 2 Mar 2026 10:15:30 +0100 (CET)",
		"<a@b> <c@d", "2026-03-02T10:15:30Z", "mar, 3 feb 2026 1.2.3 CET", "\xff\xfe+AOA-", "a(b\\", "attachment; filename==?",
		"\"\\", "<\"a b\"@c>", "01/02/03/04", "1:2+03:04", "2 Mar 2026 :::",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, _ := ParseAddresses(s, "utf-8", 100)
		if len(list) > 100 {
			t.Errorf("%d addresses", len(list))
		}
		for _, a := range list {
			if !utf8.ValidString(a.Name) || !utf8.ValidString(a.Addr) || strings.ContainsAny(a.Name+a.Addr, "\r\n\x00") {
				t.Errorf("address %q %q", a.Name, a.Addr)
			}
			if again, ok := NormalizeAddress(a.Addr); a.Addr != "" && (!ok || again != a.Addr) {
				t.Errorf("%q is not its own normal form: %q", a.Addr, again)
			}
		}
		v := ParseValue(s)
		for _, p := range v.params {
			if got := v.Text(p.name, ""); !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00") {
				t.Errorf("parameter %q", got)
			}
		}
		for _, id := range IDs(s) {
			if id == "" || len(id) > maxID || NormalizeID(id) != id {
				t.Errorf("id %q", id)
			}
		}
		if d, _, ok := ParseDate(s); ok && !sane(d) {
			t.Errorf("date %v", d)
		}
		if line := CleanLine(DecodeWords(s, "")); !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n\x00") {
			t.Errorf("line %q", line)
		}
	})
}

// FuzzRead takes whole messages apart; nothing may be lost from the parts'
// bounds and no limit passed.
func FuzzRead(f *testing.F) {
	f.Add([]byte("Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/rfc822\n\nTo: y\n\nz\n--b--\n"))
	f.Add([]byte("a\r\n\r\n--\n"))
	f.Add([]byte("\xef\xbb\xbf\n\nTo: a\r b\n\nx"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		lim := DefaultLimits
		lim.Parts, lim.Depth, lim.Header = 20, 5, 500
		m := Read(raw, lim)
		var walk func(e *Entity, depth int)
		parts := 0
		walk = func(e *Entity, depth int) {
			parts++
			if e.Type.Main == "" || depth > lim.Depth+1 {
				t.Errorf("type %q at depth %d", e.Type.Main, depth)
			}
			m.Content(e)
			for _, p := range e.Parts {
				walk(p, depth+1)
			}
		}
		walk(&m.Entity, 0)
		if parts > 2*lim.Parts+lim.Depth+2 {
			t.Errorf("%d parts", parts)
		}
	})
}
