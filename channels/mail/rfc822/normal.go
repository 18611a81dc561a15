package rfc822

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// maxAddress is RFC 5321's 64+1+255 octets.
const maxAddress = 320

// NormalizeAddress gives the form by which an address is known: lower case,
// NFC, the domain in its ASCII form. ok is false when s is no address; then
// the result is "".
func NormalizeAddress(s string) (addr string, ok bool) {
	s = strings.Trim(s, " \t<>,;")
	if n := len(s); n > 2 && (s[0] == '\'' && s[n-1] == '\'' || s[0] == '(' && s[n-1] == ')') {
		s = s[1 : n-1]
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.HasPrefix(s, "@") { // a route: @relay:user@host
		if _, after, found := strings.Cut(s, ":"); found {
			s = after
		}
	}
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || len(s) > maxAddress {
		return "", false
	}
	local, domain := localPart(s[:at]), domainPart(s[at+1:])
	if local == "" || domain == "" {
		return "", false
	}
	return local + "@" + domain, true
}

// specials may stand in a local part only between quotes (RFC 5322 3.2.3).
const specials = "\"(),:;<>@[\\] "

// localPart is lower-cased too, although RFC 5321 lets a server tell cases
// apart: people do not. It is "" when it is none.
func localPart(s string) string {
	s = strings.TrimSpace(s)
	if n := len(s); n >= 2 && s[0] == '"' && s[n-1] == '"' {
		inner := squeeze(unescape(s[1:n-1]), false)
		if strings.ContainsAny(inner, specials) {
			return strings.ToLower(norm.NFC.String(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(inner) + `"`))
		}
		s = inner
	}
	s = squeeze(s, true)
	if strings.ContainsAny(s, specials) || strings.ContainsRune(s, '\ufffd') {
		return ""
	}
	return norm.NFC.String(strings.ToLower(s))
}

func domainPart(s string) string {
	s = strings.ToLower(squeeze(s, true))
	if !strings.HasPrefix(s, "[") {
		s = strings.TrimRight(s, ".])")
	}
	if !isASCIIString(s) {
		if d, err := idna.Lookup.ToASCII(s); err == nil {
			s = strings.TrimRight(d, ".") // other scripts have full stops of their own
		} else {
			s = norm.NFC.String(s)
		}
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && !strings.ContainsAny(s[1:len(s)-1], specials[:9]) {
		return s // an address literal: [192.0.2.1]
	}
	if strings.ContainsAny(s, specials+"/?=&'`") || strings.ContainsRune(s, '\ufffd') {
		return ""
	}
	return s
}

// squeeze takes out characters that are not seen, and blanks too where asked.
func squeeze(s string, blanks bool) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || blanks && (r == ' ' || r == '\u00a0') || IsBidi(r) ||
			r == '\u200b' || r == '\u00ad' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
}

func isASCIIString(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
