package mail

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/likeness"
)

// verdict is what a server found of one way in which a sender can be checked.
type verdict struct {
	method string // "spf", "dkim", "dmarc", "arc"
	result string // "pass", "fail", "softfail", "none", ...
	domain string // that was checked; "" where the server does not say, "?" where that is no domain
}

// methods are those that say something of the sender.
var methods = []string{"spf", "dkim", "dmarc", "arc"}

// results are the words of RFC 8601 section 2.7.
var results = []string{"pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror", "bestguesspass"}

// unreadableNote says that the own mail server's results cannot be read.
const unreadableNote = "auth_unreadable"

// authentication notes what the account's own mail server found of the sender
// (mail rule 51). Each of its programs writes a field of its own (RFC 8601 section
// 5), so that all count that stand above the Received by which the mail came in from
// outside. Some programs write just below that one (Postfix hides it from its
// filters), where a sender's own text begins too: what stands there counts, but where
// something stands above only if it speaks against the sender, as of what cannot be
// read. All else may have been written by anybody.
func (p *parsing) authentication() {
	p.noteIf(p.msg.Header.Has("DKIM-Signature"), signedNote)
	said, above, border := 0, false, false
	for _, f := range p.msg.Header.Among("Authentication-Results", "Received") {
		if f.Name == "received" {
			if border || !p.own.wrote(f.Value) {
				return
			}
			border = p.own.fromOutside(f.Value)
			continue
		}
		field, err := readAuth(f.Value)
		if !slices.Contains(p.own.servers, field.server) {
			continue
		}
		above = above || !border
		p.noteIf(err != nil, unreadableNote)
		for _, clause := range field.clauses {
			v := verdictOf(clause)
			if v.method == "" || (err != nil || border && above) && v.result != "fail" {
				continue
			}
			if said++; said > maxTokens {
				p.note(unreadableNote) // no server has so much to say
				return
			}
			code := v.method + ":" + v.result
			if v.domain != "" {
				code += "/" + v.domain // one word: notes are parted by blanks
			}
			p.note(code)
		}
	}
}

// verdictOf is what a clause says of a sender; no method when it says nothing.
func verdictOf(clause []authPair) (v verdict) {
	method, _, _ := strings.Cut(clause[0].name, "/") // a version may follow
	result := strings.ToLower(clause[0].value)
	if !slices.Contains(methods, method) || !slices.Contains(results, result) {
		return verdict{}
	}
	v.method, v.result = method, result
	rank := 0
	for _, prop := range clause[1:] {
		if r := speaks(method, prop.name); r > rank && strings.Trim(prop.value, "<>") != "" {
			rank, v.domain = r, domainOf(prop.value)
			if v.domain == "" {
				v.domain = "?"
			}
		}
	}
	return v
}

// speaks tells how surely a property names the domain that a result is about; 0 is
// not at all. For SPF the envelope's sender counts before the greeting (RFC 7489
// section 3.1.2).
func speaks(method, property string) int {
	switch method + " " + property {
	case "dmarc header.from", "dkim header.d", "arc header.d", "spf smtp.mailfrom":
		return 2
	case "dkim header.i", "spf smtp.helo":
		return 1
	}
	return 0
}

// byHost finds who took a mail in. It is no parser: what a stranger greeted with
// stands raw in the field, brackets and quotes too, and must not hide our own name.
var byHost = regexp.MustCompile(`(?i)(?:^|[\s)])by\s+([^\s;()]+)`)

// wrote reports whether a Received field is of one of the own servers: by its
// name, by one of the same holder, or from hand to hand in one machine, under a
// name that nobody knows it by.
func (s ownSet) wrote(received string) bool {
	for _, m := range byHost.FindAllStringSubmatch(received, 5) {
		by := strings.ToLower(m[1])
		if slices.ContainsFunc(s.servers, func(own string) bool { return own == by || likeness.SameHolder(own, by) }) ||
			slices.ContainsFunc(s.addresses, func(a ownAddress) bool { return !likeness.Shared(a.domain) && likeness.SameHolder(a.domain, by) }) {
			return true
		}
		nameless := !strings.Contains(by, ".") || strings.Trim(by, "0123456789abcdef.:[]") == ""
		if from := strings.ToLower(received); nameless && (!strings.HasPrefix(from, "from ") || strings.HasPrefix(from, "from localhost") || strings.HasPrefix(from, "from [127.")) {
			return true
		}
	}
	return false
}

// bracketed finds the addresses of who handed a mail over.
var bracketed = regexp.MustCompile(`(?i)\[(?:ipv6:)?([0-9a-f.:]+)\]`)

// fromOutside reports whether a Received field of ours tells that the mail came from
// another's server: by its address, which no greeting can feign; without one by a name
// that is none of ours.
func (s ownSet) fromOutside(received string) bool {
	from, _, _ := strings.Cut(strings.ToLower(received), " by ")
	name, given := strings.CutPrefix(from, "from ")
	if !given {
		return false
	}
	known := false
	for _, m := range bracketed.FindAllStringSubmatch(from, 5) {
		if ip, err := netip.ParseAddr(m[1]); err == nil {
			if !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsLinkLocalUnicast() {
				return true
			}
			known = true
		}
	}
	return !known && !s.wrote("by "+name)
}

// domainOf is the domain of an address or a bare domain, fit for a note; "" for
// what is none.
func domainOf(s string) string {
	s = strings.Trim(s, `"<> `)
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	s = strings.ToLower(s)
	if s == "" || len(s) > 253 || strings.ContainsAny(s, "\x00\r\n\t :/;=\"'()<>,\\") {
		return ""
	}
	return rfc822.CleanLine(s)
}
