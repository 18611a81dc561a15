package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"slices"
	"strconv"
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
)

// ParserVersion grows whenever Parse may give another result (mail rule 20).
const ParserVersion = 11

// The reasons for which the parser itself puts a message into quarantine
// (mail rule 22).
const (
	quarantineUnparseable = "unparseable"
	quarantineTooLarge    = "too_large"  // in bytes
	quarantineOverLimit   = "over_limit" // in parts, levels, headers or recipients
	quarantineNoSender    = "no_sender"
)

// errNoBody is a fault of the caller: large bodies are kept apart and must be
// loaded before parsing.
var errNoBody = errors.New("mail: parse: the body was not loaded")

// Parse reads one raw mail. It is pure and never panics knowingly; whatever
// the bytes are, it gives one item, if need be one for the quarantine. The
// only error is a body that is not there though it should be.
func Parse(raw channels.Raw, own OwnAddresses) ([]channels.Item, error) {
	return parseWithin(raw, own, rfc822.DefaultLimits)
}

func parseWithin(raw channels.Raw, own OwnAddresses, lim rfc822.Limits) ([]channels.Item, error) {
	if len(raw.Body) == 0 && raw.Blob != "" {
		return nil, errNoBody
	}
	if len(raw.Cuts) > 0 {
		raw.Size = int64(len(raw.Body)) // what is parsed
	}
	p := &parsing{raw: raw, own: own.ready(), lim: lim, msg: rfc822.Read(raw.Body, lim)}
	p.read()
	if p.used != len(raw.Cuts) {
		return nil, channels.ErrCuts
	}
	return []channels.Item{p.item}, nil
}

// parsing is the work on one message.
type parsing struct {
	raw  channels.Raw
	own  ownSet
	lim  rfc822.Limits
	msg  *rfc822.Message
	item channels.Item

	parts      []*partDraft
	inside     []segment // texts found within wrappers
	unpacked   int
	depth      int              // of mails in files around the one that is read
	within     bool             // of a signed file that is not all of the message
	signers    int              // whose signatures were looked at
	joined     int64            // bytes of contents that stood in pieces
	reports    []*rfc822.Entity // message/delivery-status and message/disposition-notification
	returned   []*rfc822.Entity // what a report says it is about
	calendar   string           // METHOD of a calendar part
	recipients int
	textBytes  int // of text parts so far
	used       int // of raw.Cuts, those that lay where a file is
}

func (p *parsing) read() {
	p.item = channels.Item{Kind: channels.Message, ReceivedAt: p.raw.ReceivedAt}
	if uid, err := strconv.ParseInt(p.raw.Meta[MetaUID], 10, 64); err == nil {
		p.item.Sequence = uid
	}
	p.item.ExternalID = p.externalID()
	p.item.BodyHash = p.bodyHash()
	if !p.msg.Header.Recognised() {
		p.unparseable()
		return
	}
	p.envelope()
	switch problem := p.raw.Meta[MetaProblem]; {
	case problem == ProblemTooLarge, p.raw.Size > p.lim.Total:
		p.msg.Exceeded = append(p.msg.Exceeded, rfc822.OverTotal)
	case problem != "":
		p.item.Quarantine = quarantineUnparseable
		p.note(problem)
	case len(p.msg.Exceeded) == 0 || p.msg.Exceeded[0] != rfc822.OverTotal:
		p.content()
		p.classify()
		p.forwarded()
	}
	p.judge()
}

// judge sets the reason for quarantine and gathers the notes of the reader.
func (p *parsing) judge() {
	for _, code := range p.msg.Exceeded {
		p.note("limit:" + code)
	}
	for _, code := range p.msg.Notes {
		p.note(code)
	}
	switch {
	case p.item.Quarantine != "":
	case slices.Contains(p.msg.Exceeded, rfc822.OverTotal), slices.Contains(p.msg.Exceeded, rfc822.OverPart):
		p.item.Quarantine = quarantineTooLarge
	case len(p.msg.Exceeded) > 0:
		p.item.Quarantine = quarantineOverLimit
	case p.item.From.Value == "" && p.item.Kind != channels.Report:
		p.item.Quarantine = quarantineNoSender
	}
}

// unparseable is for bytes that are no mail: what can be read is the text.
func (p *parsing) unparseable() {
	p.item.Quarantine = quarantineUnparseable
	if problem := p.raw.Meta[MetaProblem]; problem != "" {
		p.note(problem)
		if problem == ProblemTooLarge {
			p.item.Quarantine = quarantineTooLarge
		}
	}
	if int64(len(p.raw.Body)) > p.lim.Total {
		p.item.Quarantine = quarantineTooLarge
	}
	body := p.raw.Body[:min(len(p.raw.Body), p.lim.Text)]
	if len(body) < len(p.raw.Body) {
		p.note("text_cut")
	}
	if readable(body) {
		text, _ := rfc822.DecodeCharset(body, "")
		p.item.Text = rfc822.Clean(text)
	}
	p.judge()
}

// readable reports whether bytes are text rather than something binary.
func readable(b []byte) bool {
	b = b[:min(len(b), 4096)]
	odd := 0
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			odd++
		}
	}
	return odd*20 <= len(b)
}

func (p *parsing) note(code string) {
	for _, n := range p.item.Notes {
		if n == code {
			return
		}
	}
	p.item.Notes = append(p.item.Notes, code)
}

func (p *parsing) noteIf(is bool, code string) {
	if is {
		p.note(code)
	}
}

// externalID is the Message-ID, or else made of the whole message, never of
// parts of it that another message may share (mail rule 25).
func (p *parsing) externalID() string {
	for _, v := range p.msg.Header.Values("Message-ID") {
		if id := rfc822.NormalizeID(v); id != "" {
			return id
		}
	}
	p.note("message_id_missing")
	if len(p.raw.Cuts) > 0 {
		return "sha256-" + p.raw.Blob + "@synthetic" // the store's name is the hash of the whole
	}
	sum := sha256.Sum256(p.raw.Body)
	return "sha256-" + hex.EncodeToString(sum[:]) + "@synthetic"
}

// bodyHash covers what the sender wrote: From, Date, Subject and the body, not
// the headers of transport nor the kind of line end, so that a mail that came
// through two of our mailboxes has one hash (mail rules 26 and 27).
func (p *parsing) bodyHash() string {
	if p.raw.BodyHash != "" {
		return p.raw.BodyHash
	}
	h := sha256.New()
	hashFields(h, &p.msg.Header)
	body := bytes.TrimRight(p.msg.Body, " \t\r\n")
	for len(body) > 0 {
		i := bytes.IndexByte(body, '\r')
		if i < 0 {
			h.Write(body)
			break
		}
		h.Write(body[:i])
		body = body[i+1:]
		if len(body) == 0 || body[0] != '\n' {
			h.Write([]byte{'\n'})
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// hashFields is the part of the hash that the header has.
func hashFields(h hash.Hash, header *rfc822.Header) {
	for _, name := range []string{"From", "Date", "Subject"} {
		h.Write([]byte(strings.Join(strings.Fields(header.Get(name)), " ")))
		h.Write([]byte{'\n'})
	}
}
