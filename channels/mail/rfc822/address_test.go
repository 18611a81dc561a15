package rfc822

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseAddresses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"bare", "a@b.it", "<a@b.it>"},
		{"angle", "Anna <A@B.it>", "Anna<a@b.it>"},
		{"quoted", `"Verdi, Anna" <a@b.it>`, "Verdi, Anna<a@b.it>"},
		{"escaped quote", `"Anna \"Nina\" Verdi" <a@b.it>`, `Anna "Nina" Verdi<a@b.it>`},
		{"comment as name", "a@b.it (Anna)", "Anna<a@b.it>"},
		{"nested comment", "a@b.it (Anna (Nina))", "Anna (Nina)<a@b.it>"},
		{"comment not closed", "Anna (URP <a@b.it>", "Anna (URP<a@b.it>"},
		{"two", "a@b.it, c@d.it", "<a@b.it> <c@d.it>"},
		{"semicolon between", "a@b.it; c@d.it", "<a@b.it> <c@d.it>"},
		{"empty between", "a@b.it,, ,c@d.it,", "<a@b.it> <c@d.it>"},
		{"group", "Uffici: a@b.it, c@d.it;", "<a@b.it> <c@d.it>"},
		{"empty group", "undisclosed-recipients:;", ""},
		{"comma in a bare name", "Verdi, Anna <a@b.it>", "Verdi, Anna<a@b.it>"},
		{"name then another address", "Anna, a@b.it", "Anna<> <a@b.it>"},
		{"encoded name", "=?utf-8?Q?Nicol=C3=B2?= <a@b.it>", "Nicolò<a@b.it>"},
		{"encoded name in quotes", `"=?utf-8?Q?Nicol=C3=B2?=" <a@b.it>`, "Nicolò<a@b.it>"},
		{"encoded name with comma", "=?utf-8?Q?Verdi,_Anna?= <a@b.it>", "Verdi, Anna<a@b.it>"},
		{"address in the word", "=?utf-8?Q?Anna_<a@b.it>?=", "Anna<a@b.it>"},
		{"other address in the name", "=?utf-8?Q?x@y.it?= <a@b.it>", "x@y.it<a@b.it>"},
		{"no angle", "Anna Verdi a@b.it", "Anna Verdi<a@b.it>"},
		{"angle not closed", "Anna <a@b.it", "Anna<a@b.it>"},
		{"angle twice", "Anna <<a@b.it>>", "Anna<a@b.it>"},
		{"two angles", "Anna <Nina> <a@b.it>", "Anna<a@b.it>"},
		{"quote not closed", `"Anna <a@b.it>`, "Anna<a@b.it>"},
		{"route", "<@relay.it,@due.it:a@b.it>", "<a@b.it>"},
		{"mailto", "<mailto:a@b.it>", "<a@b.it>"},
		{"spaces inside", "< a @ b.it >", "<a@b.it>"},
		{"quoted local part", `"anna verdi"@b.it`, `<"anna verdi"@b.it>`},
		{"needless quotes", `"anna"@b.it`, `<anna@b.it>`},
		{"name only", "Mario Rossi", "Mario Rossi<>"},
		{"empty angle", "<>", "<>"},
		{"unicode", "Giosuè@città.it", "<giosuè@xn--citt-3na.it>"},
		{"punycode", "a@XN--CITT-3NA.it", "<a@xn--citt-3na.it>"},
		{"decomposed", "giosue\u0300@b.it", "<giosuè@b.it>"},
		{"dot at the end", "a@b.it.", "<a@b.it>"},
		{"same as address", "a@b.it <A@b.it>", "<a@b.it>"},
		{"raw latin", "Nicol\xf2 <a@b.it>", "Nicolò<a@b.it>"},
		{"literal", "a@[192.0.2.1]", "<a@[192.0.2.1]>"},
		{"no domain", "MAILER-DAEMON", "MAILER-DAEMON<>"},
		{"two at signs", "a@b@c.it", "<>"},
		{"single quotes", "'a@b.it'", "<a@b.it>"},
		{"apostrophe", "o'hara@b.it", "<o'hara@b.it>"},
		{"leading dot", ".a@b.it", "<.a@b.it>"},
		{"square brackets", "[a@b.it]", "<>"},
		{"broken character", "ann\ufffd@b.it", "<>"},
		{"soft hyphen", "an\u00adna@b.it", "<anna@b.it>"},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, _ := ParseAddresses(tt.in, "", 100)
			var got []string
			for _, a := range list {
				got = append(got, a.Name+"<"+a.Addr+">")
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("%q, want %q", s, tt.want)
			}
		})
	}
}

func TestParseAddressesLimit(t *testing.T) {
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, "a%d@b.it,", i)
	}
	if list, more := ParseAddresses(b.String(), "", 7); len(list) != 7 || !more {
		t.Errorf("%d addresses, more %v", len(list), more)
	}
	if list, more := ParseAddresses(b.String(), "", 20); len(list) != 20 || more {
		t.Errorf("%d addresses, more %v", len(list), more)
	}
}

func TestIDs(t *testing.T) {
	long := strings.Repeat("x", 400)
	tests := []struct{ in, want string }{
		{"<a@b>", "a@b"},
		{"<a@b> <c@d>", "a@b c@d"},
		{"<a@b><c@d>", "a@b c@d"},
		{"Your message of today <a@b> (comment)", "a@b"},
		{"a@b c@d", "a@b c@d"},
		{"<a\t@b>", "a@b"},
		{"<a@b", "a@b"},
		{"<<a@b>>", "a@b"},
		{"parole sole", ""},
		{"<>", ""},
		{"<" + long + ">", NormalizeID(long)},
	}
	for _, tt := range tests {
		if got := strings.Join(IDs(tt.in), " "); got != tt.want {
			t.Errorf("IDs(%.40q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if id := NormalizeID(long); len(id) > 100 || id != NormalizeID("<"+long+">") || id == NormalizeID(long+"x") {
		t.Errorf("a long id becomes %q", id)
	}
}

func TestAnswered(t *testing.T) {
	h := read("In-Reply-To: <c>\nReferences: <a> <b>\nReferences: <c> <d> <a>\n\n").Header
	if got := strings.Join(h.Answered(50), " "); got != "c a d b" {
		t.Errorf("got %q", got)
	}
	if got := strings.Join(h.Answered(2), " "); got != "c a" {
		t.Errorf("got %q", got)
	}
}
