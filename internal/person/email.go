package person

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Longest parts of a mail address (RFC 5321, 4.5.3.1), in bytes.
const (
	maxLocal   = 64
	maxAddress = 254
)

// Email gives the form in which mail addresses are compared: without blanks,
// "mailto:" and angle brackets, in lower case, the domain in ASCII. The local
// part is folded too: no provider that people use tells its case apart. Points
// and "+detail" stay, since they do tell people apart somewhere.
//
// ok is false when raw is not one address. A domain without a point is
// accepted, because mail from such hosts does arrive.
func Email(raw string) (addr string, ok bool) {
	s := strings.TrimSpace(raw)
	if len(s) > 4*maxAddress {
		return "", false
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s, _, _ = strings.Cut(s[7:], "?")
	}
	if inner, found := strings.CutPrefix(s, "<"); found {
		if s, found = strings.CutSuffix(inner, ">"); !found {
			return "", false
		}
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return "", false
	}
	local, ok := localPart(s[:at])
	if !ok {
		return "", false
	}
	domain, ok := mailDomain(s[at+1:])
	if addr = local + "@" + domain; !ok || len(addr) > maxAddress {
		return "", false
	}
	return addr, true
}

func localPart(s string) (string, bool) {
	if len(s) > 2 && s[0] == '"' && s[len(s)-1] == '"' {
		// A quoted part that needs no quotes is the same as without them.
		if bare, ok := localPart(s[1 : len(s)-1]); ok {
			return bare, true
		}
		s = strings.ToLower(norm.NFC.String(s))
		inside := strings.NewReplacer(`\\`, "", `\"`, "").Replace(s[1 : len(s)-1])
		return s, len(s) <= maxLocal && utf8.ValidString(s) &&
			!strings.ContainsFunc(inside, unicode.IsControl) && !strings.ContainsAny(inside, `"\`)
	}
	s = strings.ToLower(norm.NFC.String(s))
	bad := func(r rune) bool {
		return r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) ||
			strings.ContainsRune(`"(),:;<>@[\]`, r)
	}
	return s, s != "" && len(s) <= maxLocal && !strings.ContainsFunc(s, bad)
}

func mailDomain(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	if strings.HasPrefix(s, "[") { // an address literal
		inside := strings.TrimSuffix(s[1:], "]")
		return s, len(inside) == len(s)-2 && inside != "" && strings.Trim(inside, "0123456789abcdef.:ipv") == ""
	}
	ascii, err := idna.Lookup.ToASCII(s)
	if err != nil {
		// Underscores and the like are wrong, and still in use: kept as they
		// are when nothing in them is unsafe.
		if ascii = s; strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
			return "", false
		}
	}
	for label := range strings.SplitSeq(ascii, ".") {
		if label == "" || len(label) > 63 {
			return "", false
		}
	}
	return ascii, true
}
