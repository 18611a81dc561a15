package mail

import (
	"slices"
	"strings"

	"filodiretto/channels/mail/rfc822"
)

// verdict is what a server found of one way in which a sender can be checked.
type verdict struct {
	method string // "spf", "dkim", "dmarc", "arc"
	result string // "pass", "fail", "softfail", "none", ...
	domain string // that was checked, "" where the server does not say
}

// methods are those that say something of the sender.
var methods = []string{"spf", "dkim", "dmarc", "arc"}

// results are the words of RFC 8601 section 2.7.
var results = []string{"pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror", "bestguesspass"}

// authentication notes what the account's own mail server found of the sender
// (mail rule 51). The topmost field of that server counts and no other: lower
// ones may have been written by anybody.
func (p *parsing) authentication() {
	p.noteIf(p.msg.Header.Has("DKIM-Signature"), signedNote)
	for _, value := range p.msg.Header.Values("Authentication-Results") {
		server, found := readResults(value)
		if !slices.Contains(p.own.servers, server) {
			continue
		}
		for _, v := range found {
			code := v.method + ":" + v.result
			if v.domain != "" {
				code += "/" + v.domain // one word: notes are parted by blanks
			}
			p.note(code)
		}
		return
	}
}

// readResults reads a field of RFC 8601: the server's name, then results with
// what they were found for. Comments are passed over.
func readResults(value string) (server string, out []verdict) {
	value = withoutComments(value)
	head, rest, _ := strings.Cut(value, ";")
	words := strings.Fields(head)
	if len(words) == 0 {
		return "", nil
	}
	for clause := range strings.SplitSeq(rest, ";") {
		var v verdict
		for i, word := range strings.Fields(clause) {
			name, val, ok := strings.Cut(strings.ToLower(word), "=")
			if !ok {
				continue
			}
			name, _, _ = strings.Cut(name, "/") // a version may follow
			switch {
			case i == 0:
				v.method, v.result = name, val
			case name == "header.d" || name == "header.from" || name == "smtp.mailfrom" || name == "smtp.helo" && v.domain == "":
				v.domain = domainOf(val)
			}
		}
		if slices.Contains(methods, v.method) && slices.Contains(results, v.result) && len(out) < maxTokens {
			out = append(out, v)
		}
	}
	return strings.ToLower(words[0]), out
}

// domainOf is the domain of an address or a bare domain, fit for a note.
func domainOf(s string) string {
	s = strings.Trim(s, `"<> `)
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	if len(s) > 253 || strings.ContainsAny(s, "\x00\r\n\t :/") {
		return ""
	}
	return rfc822.CleanLine(s)
}

// withoutComments takes out what stands in brackets, also within each other.
func withoutComments(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}
