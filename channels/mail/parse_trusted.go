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
	domain string // that was checked; "" where the server does not say, "?" where that is no domain
}

// methods are those that say something of the sender.
var methods = []string{"spf", "dkim", "dmarc", "arc"}

// results are the words of RFC 8601 section 2.7.
var results = []string{"pass", "fail", "softfail", "neutral", "none", "policy", "temperror", "permerror", "bestguesspass"}

// unreadableNote says that the own mail server's results cannot be read.
const unreadableNote = "auth_unreadable"

// belowNote says what stands under the own mail server's name where a stranger may have
// written it too, so that it does not speak for the sender.
const belowNote = "auth_below:"

// outsideNote says that our own mail server took the mail from another's.
const outsideNote = "from_outside"

// traced are the fields that are looked at in their order: those of servers, and those
// below which no server writes on the way.
var traced = []string{"Authentication-Results", "Received", "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID"}

// authentication notes what the account's own mail server found of the sender
// (mail rule 51). Each of its programs writes a field of its own (RFC 8601 section
// 5), so that all count that stand above the Received by which the mail came from
// another machine: the border. Some programs write just below that one (Postfix hides
// it from its filters), where a sender's own text begins too: what stands there counts,
// but where something stands above only if it speaks against the sender, as of what
// cannot be read. So does what stands below a further machine, when the border was one of
// the own network: behind a balancer every stranger comes from there; and what stands
// below a field that only the writer of a mail writes, such as From. What else is said
// in these places is noted apart. All further below may have been written by anybody.
func (p *parsing) authentication() {
	p.noteIf(p.msg.Header.Has("DKIM-Signature"), signedNote)
	said, above, below, border := 0, false, false, sameMachine
	for _, f := range p.msg.Header.Among(traced...) {
		if f.Name != "received" && f.Name != "authentication-results" {
			below = below || border != sameMachine
			continue
		}
		if f.Name == "received" {
			h, ours := p.own.took(f.Value)
			if !ours || border == outside {
				return
			}
			below = below || h.far != sameMachine && (border != sameMachine || !h.named)
			border = max(border, h.far)
			p.noteIf(border == outside && len(p.own.servers) > 0, outsideNote)
			continue
		}
		field, err := readAuth(f.Value)
		if !slices.Contains(p.own.servers, field.server) {
			continue
		}
		above = above || border == sameMachine
		p.noteIf(err != nil, unreadableNote)
		for _, clause := range field.clauses {
			v := verdictOf(clause)
			if v.method == "" || err != nil && v.result != "fail" {
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
			if (below || border != sameMachine && above) && v.result != "fail" {
				code = belowNote + code
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
