package pec

import (
	"slices"
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// ParserVersion grows whenever Parse may give another result (mail rule 20).
const ParserVersion = 3001 + mail.ParserVersion

// Reasons for quarantine of this channel.
const (
	quarantineMismatch  = "pec_mismatch"   // headers and certification data speak of different things
	quarantineDamaged   = "pec_damaged"    // an envelope without a message inside
	quarantineNotProven = "pec_not_proven" // an envelope within another mail whose signature does not hold: nobody vouches for a sender
	quarantineNoSender  = "pec_no_sender"  // an envelope that names its sender in no place which a signature covers
)

// Parse reads one raw mail of a certified mailbox. It is pure, given the
// authorities that trust holds. Whatever the bytes are, it gives one item.
func Parse(raw channels.Raw, own mail.OwnAddresses, trust *cms.Trust) ([]channels.Item, error) {
	if len(raw.Body) == 0 && raw.Blob != "" {
		return mail.Parse(raw, own)
	}
	return (&parsing{raw: raw, own: own, trust: trust}).read()
}

func (p *parsing) read() ([]channels.Item, error) {
	p.msg = rfc822.Read(p.raw.Body, rfc822.DefaultLimits)
	sort, word := classify(&p.msg.Header)
	if sort == ordinary || !whole(p.raw, p.msg) {
		return p.asMail(sort)
	}
	p.layers = peel(p.msg)
	p.certify(sort, word)
	if p.layers.rewrapped && !p.cert.Proven() {
		return p.asMail(sort)
	}
	p.noteIf(p.layers.rewrapped, "pec_rewrapped")
	if sort == receipt {
		return p.inOrdinary([]channels.Item{p.receipt()}), nil
	}
	return p.envelope()
}

// parsing is the work on one message.
type parsing struct {
	raw    channels.Raw
	own    mail.OwnAddresses
	trust  *cms.Trust
	msg    *rfc822.Message
	layers layers
	cert   *channels.Certified
	notes  []string
	wrong  string // reason for quarantine
	// plain is an ordinary mailbox, to which anybody may write whatever headers
	// they like.
	plain bool
}

// whole reports whether all of the message is here: of one that was too large only
// the headers are, or its beginning, of which no signature would hold.
func whole(raw channels.Raw, msg *rfc822.Message) bool {
	return raw.Meta[mail.MetaProblem] == "" && raw.Size <= int64(len(raw.Body)) && msg.Header.Recognised() && (len(msg.Exceeded) == 0 || msg.Exceeded[0] != rfc822.OverTotal)
}

// asMail is for what is not wrapped: the provider's own notices, what a mailing
// list made of certified mail, and headers of what is too large. Of an envelope the
// From is the provider's and nobody's identity, and no other header of it is a
// sender: whom it claims is told to the person who decides.
func (p *parsing) asMail(s sort) ([]channels.Item, error) {
	items, err := mail.Parse(p.raw, p.own)
	for i := range items {
		it := &items[i]
		if s == ordinary {
			it.Notes = append(it.Notes, "pec:ordinary")
			continue
		}
		it.From = channels.Address{}
		if p.layers.rewrapped {
			it.Notes = append(it.Notes, "pec:not_proven")
		} else {
			it.Notes = append(it.Notes, "pec:not_whole")
		}
		if it.Quarantine == "" || it.Quarantine == "no_sender" {
			it.Quarantine = quarantineNotProven
		}
		it.Notes = append(it.Notes, p.claimed()...)
	}
	return items, err
}

// certify gathers what the provider states, from daticert.xml and, where that
// is missing or damaged, from the headers.
func (p *parsing) certify(s sort, word string) {
	if p.layers.data != nil {
		b, _, tooLarge := p.msg.Content(p.layers.data)
		c, err := parseDaticert(b)
		if tooLarge || err != nil {
			p.note("daticert_unreadable")
		} else {
			p.cert = c
		}
	}
	if p.cert == nil {
		p.cert = &channels.Certified{Error: "nessuno", ID: ""}
		p.noteIf(p.layers.data == nil && word != KindAnomaly, "daticert_missing")
	}
	if word != KindAnomaly { // which has no data of its own
		p.cert.Uncovered = p.cert.Kind != word
		if p.cert.Uncovered && p.cert.Kind != "" {
			p.wrong = quarantineMismatch
		}
	}
	p.cert.Kind = word
	p.fromHeaders(s)
	p.cert.Signature = verify(p.msg, p.layers, p.trust, p.moment())
	signed := p.cert.Signature.SignedAt
	p.noteIf(signed > 0 && p.cert.At > 0 && apart(signed, p.cert.At) > signing, "pec_signing_time_differs")
}

// signing is how far the time of the signature may be from that in the data: both
// are of the same provider and the same moment (PEC reference section 8.5).
const signing = 10 * time.Minute

func apart(a, b clock.Instant) time.Duration { return max(a.Sub(b), b.Sub(a)) }

// fromHeaders fills in what the data did not say. The headers stand outside of what
// the provider signed: by what only they say, no receipt finds a message and no
// message a sender (PEC reference section 5.2 names them; section 8 says why not).
func (p *parsing) fromHeaders(s sort) {
	h := &p.msg.Header
	if p.layers.inner != nil { // signed with the rest
		if p.cert.Original == "" {
			p.cert.Original = id(p.layers.inner.Header.Get("X-Riferimento-Message-ID"))
		}
		if p.cert.ID == "" && s == envelope {
			p.cert.ID = id(p.layers.inner.Header.Get("Message-ID"))
		}
	}
	about := id(h.Get("X-Riferimento-Message-ID"))
	switch {
	case p.cert.Original == "":
		p.cert.OriginalClaimed = about
	case about != "" && about != p.cert.Original && s == receipt:
		p.wrong = quarantineMismatch
	}
	if p.cert.Receipt == "" {
		p.cert.Receipt = lowered(h.Get("X-TipoRicevuta"))
	}
	if p.cert.Uncovered && p.cert.Error == "nessuno" && lowered(h.Get("X-VerificaSicurezza")) == "errore" {
		p.cert.Error = "virus"
	}
}

// window is how far the provider's clock and ours may be apart before its
// word is not taken for the time of the signature.
const window = 48 * time.Hour

// moment is the instant for which the signer's certificate must be valid: the
// provider's time, unless that is missing or far from when the message came.
func (p *parsing) moment() clock.Instant {
	received := p.raw.ReceivedAt
	switch at := p.cert.At; {
	case at.IsZero():
		return received
	case received.IsZero() || p.raw.Archive:
		return at
	case apart(at, received) > window:
		p.note("pec_time_differs")
		return received
	default:
		return at
	}
}

// envelope is the citizen's message, with what the provider states beside it.
func (p *parsing) envelope() ([]channels.Item, error) {
	if p.layers.inner == nil {
		items, err := mail.Parse(p.raw, p.own)
		for i := range items {
			items[i].Quarantine, items[i].Certified = quarantineDamaged, p.cert
			if items[i].From = p.sender(channels.Address{}); items[i].From.Value == "" {
				items[i].Notes = append(items[i].Notes, p.claimed()...)
			}
		}
		return p.inOrdinary(items), err
	}
	inner := p.raw
	inner.Body, inner.Blob, inner.Size = p.layers.inner.Raw, "", int64(len(p.layers.inner.Raw))
	items, err := mail.Parse(inner, p.own)
	if err != nil {
		return nil, err
	}
	for i := range items {
		p.finish(&items[i])
	}
	return p.inOrdinary(items), nil
}

// finish joins the message inside with what is around it.
func (p *parsing) finish(item *channels.Item) {
	item.Certified = p.cert
	if p.cert.Kind == KindAnomaly {
		p.note("pec:anomaly")
	} else {
		p.note("pec:" + p.cert.Kind)
		p.noteIf(p.cert.Sender != "" && item.From.Value != "" && p.cert.Sender != item.From.Value, "pec_sender_differs")
		item.From = p.sender(item.From)
		switch {
		case item.From.Value == "" && (item.Quarantine == "" || item.Quarantine == "no_sender"):
			item.Quarantine = quarantineNoSender
			item.Notes = append(item.Notes, p.claimed()...)
		case item.From.Value != "" && item.Quarantine == "no_sender":
			item.Quarantine = ""
		}
	}
	p.noteIf(p.cert.Signature.Outcome == cms.Invalid, "pec_signature_invalid")
	p.noteIf(p.cert.Kind == KindEnvelope && p.cert.Uncovered, "pec_uncovered")
	p.noteIf(p.passedOn(), "pec_not_to_us")
	if p.wrong != "" && item.Quarantine == "" {
		item.Quarantine = p.wrong
	}
	item.Notes = append(item.Notes, p.notes...)
}

// passedOn reports whether an envelope names others as its recipients and not this
// mailbox: there are no blind copies of certified mail, so that somebody passed it on,
// as it was (PEC reference section 9). What is proven of it stays proven.
func (p *parsing) passedOn() bool {
	return p.cert.Kind == KindEnvelope && p.cert.Proven() && len(p.cert.Recipients) > 0 &&
		!slices.ContainsFunc(p.cert.Recipients, func(r channels.CertifiedRecipient) bool { return p.own.Has(r.Address) })
}

// sender is whom the provider certifies: the data's "mittente", else the From
// inside, which it signs and has held against who logged in. What the outer headers
// name is no sender (PEC reference section 7.3 goes on to them): they are under no
// signature. The name is what the sender wrote beside that very address, unverified;
// what stands beside another is the name of somebody else.
func (p *parsing) sender(from channels.Address) channels.Address {
	value := p.cert.Sender
	if value == "" {
		value = from.Value
	}
	if value == "" {
		return channels.Address{}
	}
	if value != from.Value { // the name is another's
		from.Display = ""
	}
	return channels.Address{Kind: "pec", Value: value, Display: from.Display}
}

// NoteClaimed is before the address that an envelope without a proven sender names
// as its sender, in the headers outside of the signature.
const NoteClaimed = "pec_claims:"

// claimed is the note of whom the outer headers name as the sender: after "Per
// conto di:", else in Reply-To. It is for a person's eyes alone.
func (p *parsing) claimed() []string {
	value := ""
	if list, _ := rfc822.ParseAddresses(p.msg.Header.Text("From"), "", 1); len(list) > 0 {
		_, behalf, _ := strings.Cut(list[0].Name, ":")
		value = address(behalf)
	}
	if value == "" {
		if list, _ := rfc822.ParseAddresses(p.msg.Header.Get("Reply-To"), "", 1); len(list) > 0 {
			value = list[0].Addr
		}
	}
	if value == "" {
		return nil
	}
	return []string{NoteClaimed + value}
}

func (p *parsing) note(code string) { p.notes = append(p.notes, code) }

func (p *parsing) noteIf(is bool, code string) {
	if is {
		p.note(code)
	}
}
