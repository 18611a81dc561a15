package mail

import (
	"fmt"
	"net/mail"
	"strings"

	"golang.org/x/net/idna"

	"filodiretto/channels"
)

// recipient is a checked address: it can stand in an envelope and in a header.
type recipient struct {
	name    string
	address string // the domain in ASCII
}

// newRecipient checks an address and turns an international domain into the
// form that every server knows (RFC 5891).
func newRecipient(a channels.Address) (recipient, error) {
	parsed, err := mail.ParseAddress(a.Value)
	if err != nil || parsed.Name != "" {
		return recipient{}, fmt.Errorf("not a mail address")
	}
	at := strings.LastIndexByte(parsed.Address, '@')
	local, domain := parsed.Address[:at], parsed.Address[at+1:]
	if strings.ContainsFunc(local, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`<>"(),:;\[]@`, r) }) {
		return recipient{}, fmt.Errorf("an address that few servers take")
	}
	if !ascii(domain) {
		if domain, err = idna.Lookup.ToASCII(domain); err != nil {
			return recipient{}, fmt.Errorf("not a domain: %w", err)
		}
	}
	if len(local) > 64 || len(domain) > 255 || strings.ContainsAny(domain, "[]") {
		return recipient{}, fmt.Errorf("not a mail address")
	}
	return recipient{name: strings.TrimSpace(oneLine(a.Display)), address: local + "@" + domain}, nil
}

// recipients are the valid ones of a list, for a header. One that is not valid
// fails in its own delivery.
func recipients(list []channels.Address) []recipient {
	var valid []recipient
	for _, a := range list {
		if r, err := newRecipient(a); err == nil {
			valid = append(valid, r)
		}
	}
	return valid
}

// String is the mailbox as a header has it (RFC 5322 3.4).
func (r recipient) String() string {
	name := strings.TrimSpace(oneLine(r.name))
	switch {
	case name == "":
		return r.address
	case !ascii(name) || strings.Contains(name, "=?") || longWord(name):
		return encodeWords(name) + " <" + r.address + ">"
	case strings.ContainsAny(name, `()<>[]:;@\,."`):
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `" <` + r.address + ">"
	default:
		return name + " <" + r.address + ">"
	}
}

// downgraded shows an address with letters beyond ASCII to one who cannot be
// sent such a header: as the name of an empty group (RFC 6857 3.1.8).
func (r recipient) downgraded() string {
	return encodeWords(strings.TrimSpace(oneLine(r.name)+" "+r.address)) + " :;"
}
