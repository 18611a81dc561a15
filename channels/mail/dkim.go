package mail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-msgauth/dkim"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/likeness"
)

var _ channels.SenderChecker = (*mailbox)(nil)

const (
	// mostSignatures is how many signatures of a message are looked at; real ones
	// have one to three.
	mostSignatures = 5
	// mostHeader bounds the header that is checked: the library joins folded lines
	// one by one, and takes quadratic time for what nobody needs.
	mostHeader = 256 << 10
)

// signedNote says that a domain signed the message, which reading alone cannot check.
const signedNote = "dkim_signature"

// CheckSender checks the signatures of domains (DKIM, RFC 6376) of a mail as it
// came. Without a way to ask the DNS it finds none.
func (m *mailbox) CheckSender(ctx context.Context, item io.Reader, from string) (channels.SenderCheck, error) {
	if m.lookup == nil {
		return channels.SenderCheck{Outcome: channels.CheckNone}, nil
	}
	return checkSender(ctx, item, from, m.lookup)
}

func checkSender(ctx context.Context, item io.Reader, from string, lookup channels.TextLookup) (c channels.SenderCheck, err error) {
	c.Outcome = channels.CheckNone
	r := bufio.NewReaderSize(item, mostHeader)
	head, err := r.Peek(mostHeader)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return c, fmt.Errorf("check a sender: %w", err)
	}
	if !bytes.Contains(head, []byte("\r\n\r\n")) && !bytes.Contains(head, []byte("\n\n")) {
		return c, nil // no header of a mail, or far too long a one
	}
	defer func() {
		if p := recover(); p != nil { // what strangers write must not stop the others
			c, err = channels.SenderCheck{Outcome: channels.CheckNone, Signatures: []channels.DomainSignature{{Outcome: channels.CheckNone, Reason: "malformed"}}}, nil
		}
	}()
	found, err := dkim.VerifyWithOptions(r, &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) { return lookup(ctx, name) }, MaxVerifications: mostSignatures,
	})
	switch {
	case ctx.Err() != nil:
		return c, ctx.Err()
	case errors.Is(err, dkim.ErrTooManySignatures):
		c.Signatures = append(c.Signatures, channels.DomainSignature{Outcome: channels.CheckNone, Reason: "too_many"})
	case err != nil:
		return c, fmt.Errorf("check a sender: %w", err)
	}
	times := countFields(head)
	for _, v := range found {
		s := signatureOf(v, domainOf(from))
		if s.Outcome == channels.CheckPass && !coversAll(v.HeaderKeys, times) {
			s.Outcome, s.Reason = channels.CheckNone, "field_added"
		}
		c.Signatures = append(c.Signatures, s)
	}
	c.Conclude()
	return c, nil
}

// signatureOf tells of one signature what it is worth. Domains come from
// strangers and are shown: what is no name is left out.
func signatureOf(v *dkim.Verification, from string) channels.DomainSignature {
	s := channels.DomainSignature{Domain: strings.ToLower(domainOf(v.Domain))}
	s.Outcome, s.Reason = worth(v.Err)
	s.Aligned = likeness.SameHolder(s.Domain, from)
	return s
}

// countFields tells how often each field that a mail may have once stands in a
// header.
func countFields(head []byte) map[string]int {
	h := &rfc822.Read(head, rfc822.DefaultLimits).Header
	times := map[string]int{}
	for _, name := range onceOnly {
		times[strings.ToLower(name)] = len(h.Values(name))
	}
	return times
}

// coversAll reports whether a signature speaks for each occurrence of the fields
// that stand twice. It is made over the lowest ones, as many as it names the field
// (RFC 6376 section 5.4.2): one that was put on top later is not signed, and is the
// one that people are shown.
func coversAll(signed []string, times map[string]int) bool {
	covered := map[string]int{}
	for _, name := range signed {
		covered[strings.ToLower(name)]++
	}
	for name, n := range times {
		if n > 1 && covered[name] < n {
			return false
		}
	}
	return true
}

// worth puts the library's words into outcomes. Its kinds of error are not all
// told apart by type; what is neither temporary nor a mismatch cannot be used.
func worth(err error) (channels.CheckOutcome, string) {
	if err == nil {
		return channels.CheckPass, ""
	}
	text := err.Error()
	has := func(s string) bool { return strings.Contains(text, s) }
	switch {
	case dkim.IsTempFail(err):
		return channels.CheckTemporary, "no_answer"
	case has("body hash did not verify"):
		return channels.CheckFail, "body_changed"
	case has("signature did not verify"):
		return channels.CheckFail, "header_changed"
	case has("insecure body length"):
		return channels.CheckNone, "part_signed"
	case has("expired"):
		return channels.CheckNone, "expired"
	case has("key unavailable"), has("no key"), has("no valid key"), has("key revoked"), has("multiple TXT"):
		return channels.CheckNone, "no_key"
	case has("weak"), has("too short"):
		return channels.CheckNone, "weak"
	}
	return channels.CheckNone, "malformed"
}
