package pec

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/cms"
)

// Mail offers ordinary mailboxes. Citizens write to them from certified ones too, and
// providers deliver what is certified to any address: such a mail is opened here as in
// a certified mailbox, since its From is the provider's, who relays everybody (PEC
// reference section 14, pitfalls 5 and 11).
var Mail = channels.Driver{Kind: "mail", Fields: slices.Concat(mail.Driver.Fields, authorityFields()), Open: openMail, Presets: mail.Driver.Presets}

func openMail(a channels.Account, deps channels.Deps) (channels.Channel, error) {
	trust, err := trusted(a.Settings, deps)
	if err != nil {
		return nil, fmt.Errorf("mailbox %s: %w", a.Key, err)
	}
	return mail.Open(a, deps, mail.Variant{
		ParserVersion: ParserVersion,
		Parse: func(raw channels.Raw, own mail.OwnAddresses) ([]channels.Item, error) {
			return ParseOrdinary(raw, own, trust)
		},
	})
}

// NoteOrdinaryMailbox says of a certified mail that it came to an ordinary mailbox.
const NoteOrdinaryMailbox = "pec:ordinary_mailbox"

// ParseOrdinary reads one raw mail of an ordinary mailbox. What comes as certified
// there is read as in a certified mailbox, under the same authorities, but counts only
// if the provider's signature holds: no provider stands between this mailbox and
// whoever writes to it. All else waits for a person, without being anybody's.
func ParseOrdinary(raw channels.Raw, own mail.OwnAddresses, trust *cms.Trust) ([]channels.Item, error) {
	if sort := sortOf(raw.Body); sort == ordinary {
		return mail.Parse(raw, own)
	}
	if len(raw.Cuts) > 0 {
		return nil, channels.ErrCuts // signatures are over all of it
	}
	own.Servers = nil // no server of ours wrote into what is inside
	return (&parsing{raw: raw, own: own, trust: trust, plain: true}).read()
}

// sortOf looks at a mail's header only: most mails are ordinary, and need not be read
// twice.
func sortOf(body []byte) sort {
	end := len(body)
	for _, empty := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(body[:end], []byte(empty)); i >= 0 {
			end = i + len(empty)
		}
	}
	msg := rfc822.Read(body[:end], rfc822.DefaultLimits)
	s, word := classify(&msg.Header)
	if s == envelope && word != KindEnvelope && word != KindAnomaly { // nobody's word
		return ordinary
	}
	return s
}

// ofInside are remarks that ordinary mailboxes act on and that, of a message out of an
// envelope, speak of headers which its sender wrote.
var ofInside = []string{"dkim_signature", "spam_flag"}

// inOrdinary is the last word on what came to an ordinary mailbox.
func (p *parsing) inOrdinary(items []channels.Item) []channels.Item {
	if !p.plain {
		return items
	}
	for i := range items {
		it := &items[i]
		it.Notes = append(slices.DeleteFunc(it.Notes, func(n string) bool { return slices.Contains(ofInside, n) }), NoteOrdinaryMailbox)
		if it.Quarantine == "" && (p.cert.Kind == KindAnomaly || !p.cert.Proven()) {
			it.Quarantine = quarantineNotProven
		}
	}
	return items
}

// relayer is the local part of the addresses from which providers send envelopes and
// receipts (RFC 6109 section 3).
const relayer = "posta-certificata"

// Relays reports whether an address is that from which a provider of certified mail
// sends what others wrote: it is nobody's.
func Relays(address string) bool {
	local, _, _ := strings.Cut(address, "@")
	return strings.EqualFold(local, relayer)
}
