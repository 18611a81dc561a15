package mail

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/clock"
	"filodiretto/internal/likeness"
)

// maxReferences bounds how far back a message may name its thread.
const maxReferences = 50

// maxSubject bounds the subject, in bytes.
const maxSubject = 2000

// envelope reads who, when and about what.
func (p *parsing) envelope() {
	h := &p.msg.Header
	p.item.Subject = p.cut(h.Text("Subject"), maxSubject, "subject_cut")
	p.item.References = h.Answered(maxReferences)
	p.doubled()
	p.people()
	p.dates()
	p.tokens()
	p.authentication()
	if p.item.ReplyTo = p.replyTo(); len(p.item.ReplyTo) > 0 {
		p.note("reply_to_differs")
	}
	if _, own := p.own.match(p.item.From.Value); own {
		p.item.Kind = channels.Own
		p.note("from_own_address")
	}
	if lang := h.Get("Content-Language"); language.MatchString(lang) {
		p.item.Lang = lang
	}
	p.noteIf(strings.HasPrefix(strings.ToLower(h.Get("X-Spam-Flag")), "yes"), "spam_flag")
	p.noteIf(p.raw.Meta[MetaJunk] != "", noteJunk)
	if placeholder.MatchString(p.item.Subject) && !h.Has("Received") {
		p.item.Quarantine, p.item.Kind = quarantineUnparseable, channels.Message
		p.note("server_placeholder")
	}
}

// language is a BCP 47 tag as mailers write it in Content-Language.
var language = regexp.MustCompile(`^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$`)

// placeholder is what Exchange hands out instead of a message that it cannot
// convert (mail rule 18).
var placeholder = regexp.MustCompile(`^Retrieval using the (?:IMAP4?|POP3?) protocol failed for the following message`)

// cut shortens s between two characters, and says so.
func (p *parsing) cut(s string, limit int, code string) string {
	if len(s) <= limit {
		return s
	}
	p.note(code)
	return strings.ToValidUTF8(s[:limit], "")
}

// people reads From, To and Cc. The identity is From and nothing else (mail
// rule 52): neither Reply-To nor Sender.
func (p *parsing) people() {
	from, _ := p.addresses("From", 10)
	for _, a := range from {
		if a.Value != "" {
			p.item.From = a
			break
		}
	}
	if p.item.From.Value == "" && len(from) > 0 {
		p.item.From = from[0]
	}
	p.severalFrom(from)
	p.noteIf(slices.ContainsFunc(likeness.Addresses(p.item.From.Display), func(a string) bool { return a != p.item.From.Value }), "name_is_another_address")
	p.item.To = p.recipientList("To")
	p.item.Cc = p.recipientList("Cc")
	p.item.OnlyCopied = !slices.ContainsFunc(p.item.To, func(a channels.Address) bool {
		_, own := p.own.match(a.Value)
		return own
	})
}

// recipientList reads To or Cc within what is left of the limit.
func (p *parsing) recipientList(name string) []channels.Address {
	list, more := p.addresses(name, p.lim.Recipients-p.recipients)
	p.recipients += len(list)
	if more {
		p.note("limit:" + rfc822.OverRecipients)
		p.item.Quarantine = quarantineOverLimit
	}
	return list
}

// addresses reads all fields of a name; more says that there are others above
// the limit.
func (p *parsing) addresses(name string, limit int) (out []channels.Address, more bool) {
	for _, v := range p.msg.Header.Values(name) {
		list, above := rfc822.ParseAddresses(v, p.msg.Header.Charset, limit-len(out))
		more = more || above
		for _, a := range list {
			if a.Addr != "" || a.Name != "" {
				out = append(out, channels.Address{Kind: "email", Value: a.Addr, Display: p.cut(a.Name, 300, "name_cut")})
			}
		}
	}
	return out, more
}

// replyTo are the addresses in Reply-To that are not the sender's.
func (p *parsing) replyTo() []channels.Address {
	var out []channels.Address
	list, _ := p.addresses("Reply-To", 20)
	for _, a := range list {
		if a.Value != "" && a.Value != p.item.From.Value {
			out = append(out, a)
		}
	}
	return out
}

// dates reads the claimed time; messages are ordered by the time of receipt
// (mail rule 39).
func (p *parsing) dates() {
	p.item.ReceivedAt = p.raw.ReceivedAt
	if p.item.ReceivedAt.IsZero() {
		p.item.ReceivedAt = p.receivedHeader()
	}
	value := p.msg.Header.Get("Date")
	t, zone, ok := rfc822.ParseDate(value)
	switch {
	case ok:
		p.item.SentAt = clock.At(t)
		if !zone {
			p.note("date_zone_unknown")
		}
		if r := p.item.ReceivedAt; !r.IsZero() && p.item.SentAt.Sub(r) > 24*time.Hour {
			p.note("date_future")
		}
	case value == "":
		p.note("date_missing")
	default:
		p.note("date_unreadable")
	}
}

// receivedHeader is the time in the topmost Received header, for raw items
// that came without one.
func (p *parsing) receivedHeader() clock.Instant {
	v := p.msg.Header.Get("Received")
	if i := strings.LastIndexByte(v, ';'); i >= 0 {
		if t, _, ok := rfc822.ParseDate(v[i+1:]); ok {
			return clock.At(t)
		}
	}
	return 0
}

// subjectToken is the shape of a reference in a subject: [URP-2026-004512-K7].
// Blanks in it come from folding.
var subjectToken = regexp.MustCompile(`\[\s*([A-Za-z0-9]{2,10}\s?-\s?\d{4}\s?-\s?\d{4,10}\s?-\s?[A-Za-z0-9]{1,4})\s*\]`)

// maxTokens bounds how many a message may bring; real ones have one or two.
const maxTokens = 20

// tokens gathers the details of our plus-addresses and the references in the
// subject, unverified (reference/inbox.md section 4).
func (p *parsing) tokens() {
	add := func(s string) {
		if s != "" && len(s) <= 100 && len(p.item.Tokens) < maxTokens && !slices.Contains(p.item.Tokens, s) {
			p.item.Tokens = append(p.item.Tokens, s)
		}
	}
	for _, name := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc", "Resent-To"} {
		for i, v := range p.msg.Header.Values(name) {
			if i >= maxTokens || strings.IndexByte(v, '+') < 0 {
				continue
			}
			list, _ := rfc822.ParseAddresses(v, "", 100)
			for _, a := range list {
				add(p.detail(a))
			}
		}
	}
	if to := p.raw.Meta[MetaEnvelopeTo]; strings.IndexByte(to, '+') >= 0 { // as the server that handed it over said
		list, _ := rfc822.ParseAddresses(to, "", 100)
		for _, a := range list {
			add(p.detail(a))
		}
	}
	for _, m := range subjectToken.FindAllStringSubmatch(p.item.Subject, maxTokens) {
		add(strings.Join(strings.Fields(m[1]), ""))
	}
}

// detail is what stands behind the plus of an address of ours, in the case in
// which it was written.
func (p *parsing) detail(a rfc822.Address) string {
	detail, ok := p.own.match(a.Addr)
	if !ok || detail == "" {
		return ""
	}
	if i := strings.Index(strings.ToLower(a.Raw), "+"+detail+"@"); i >= 0 {
		return a.Raw[i+1 : i+1+len(detail)]
	}
	return detail
}
