package mail

import (
	"errors"
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// signed reads multipart/signed: the signature is checked over the first part
// byte for byte, and kept as a file (mail rule 35; RFC 8551 section 3.5.3).
// It speaks for the message only where it is around all of it: text beside a signed
// part is nobody's word.
func (p *parsing) signed(e *rfc822.Entity) []segment {
	if len(e.Parts) > 1 && isSignature(e.Parts[1].Type.Main) && p.isAll(e) {
		if der, _, tooLarge := p.msg.Content(e.Parts[1]); !tooLarge {
			p.item.Signatures = append(p.item.Signatures, forMail(p.check(der, cms.Lines(e.Parts[0].Raw)))...)
		}
	}
	var out []segment
	for _, child := range e.Parts {
		out = append(out, p.collect(child)...)
	}
	return out
}

// forMail holds the signatures of a message against what their certificates are for.
func forMail(signatures []cms.Signature) []cms.Signature {
	for i := range signatures {
		signatures[i].For(cms.Mail)
	}
	return signatures
}

// isAll reports whether a part is the whole message, or all that a signature around
// the whole message holds.
func (p *parsing) isAll(e *rfc822.Entity) bool { return e == &p.msg.Entity && !p.within }

func isSignature(kind string) bool {
	return kind == "application/pkcs7-signature" || kind == "application/x-pkcs7-signature"
}

func isEnvelope(kind string) bool {
	return kind == "application/pkcs7-mime" || kind == "application/x-pkcs7-mime"
}

// wrapped reports whether a part is a message inside its signature, rather
// than a signed file that a mailer gave the same type.
func (p *parsing) wrapped(e *rfc822.Entity) bool {
	if !isEnvelope(e.Type.Main) {
		return false
	}
	name := strings.ToLower(claimedName(e))
	return e == &p.msg.Entity || name == "smime.p7m"
}

// opaque reads the message inside a signature. An encrypted one is kept as a
// file and said to be one.
func (p *parsing) opaque(e *rfc822.Entity) []segment {
	p.attach(e)
	d := p.parts[len(p.parts)-1] // what came out of it, if anything did
	if d.from != nil {
		p.parts = p.parts[:len(p.parts)-1]
		inner := rfc822.Read(d.part.Body, p.lim)
		if inner.Header.Get("Content-Type") != "" {
			for w := d.from; w != nil; w = w.from {
				w.part.Signatures = forMail(w.part.Signatures)
			}
			outer, within := p.msg, p.within
			if p.within = !p.isAll(e); !p.within {
				for _, x := range p.parts {
					p.item.Signatures = append(p.item.Signatures, x.part.Signatures...)
				}
			}
			p.note("opened_signed_message")
			p.msg = inner
			out := p.collect(&inner.Entity)
			p.msg, p.within = outer, within
			for _, code := range inner.Notes {
				p.note(code)
			}
			p.msg.Exceeded = append(p.msg.Exceeded, inner.Exceeded...)
			return out
		}
		p.parts = append(p.parts, d)
	}
	return nil
}

// openSigned takes the content out of a signed file, which may be one itself.
func (p *parsing) openSigned(d *partDraft) {
	signed, err := cms.Parse(cms.Bare(d.part.Body))
	switch {
	case errors.Is(err, cms.ErrNotSigned):
		p.note("encrypted")
		return
	case err != nil:
		p.note("signed_file_unreadable")
		d.part.Signatures = []cms.Signature{{Outcome: cms.Unknown, Reason: "unreadable"}}
		return
	case signed.Content == nil:
		return // a signature without its file
	}
	d.part.Signatures = p.verify(signed, nil)
	if len(signed.Content) > 1 { // a copy
		if n := signed.Content.Len(); p.joined > 0 && p.joined+n > maxJoined {
			p.note("limit:unpacked")
			return
		}
		p.joined += signed.Content.Len()
	}
	body := signed.Content.Bytes()
	inner := &partDraft{from: d, name: withoutSignature(d)}
	inner.part = channels.Part{Kind: channels.File, Body: body, Size: int64(len(body)), Detected: detected(body)}
	inner.part.Claimed = inner.part.Detected
	p.parts = append(p.parts, inner)
	p.unpack(inner)
}

// withoutSignature is the name of what was signed: "atto.pdf" of "atto.pdf.p7m".
func withoutSignature(d *partDraft) string {
	name := d.called()
	if strings.HasSuffix(strings.ToLower(name), ".p7m") {
		name = name[:len(name)-len(".p7m")]
	}
	return name
}

// signaturesBeside checks detached signatures of files that came along:
// "atto.pdf.p7s" beside "atto.pdf".
func (p *parsing) signaturesBeside() {
	for _, s := range p.parts {
		if s.part.Body == nil {
			continue
		}
		about, is := strings.CutSuffix(strings.ToLower(s.called()), ".p7s")
		if !is || about == "" || about == "smime" {
			continue
		}
		for _, f := range p.parts {
			if f != s && f.part.Body != nil && strings.ToLower(f.called()) == about {
				f.part.Signatures = append(f.part.Signatures, p.check(s.part.Body, cms.Octets{f.part.Body})...)
			}
		}
	}
}

// check reads a detached signature over content.
func (p *parsing) check(der []byte, content cms.Octets) []cms.Signature {
	signed, err := cms.Parse(cms.Bare(der))
	if err != nil {
		return []cms.Signature{{Outcome: cms.Unknown, Reason: "unreadable"}}
	}
	return p.verify(signed, content)
}

// maxSigners bounds the signatures of one message that are checked: the slowest
// kind takes some milliseconds each.
const maxSigners = 200

// verify checks the signers of one signature, as long as the message has not had
// too many of them.
func (p *parsing) verify(signed *cms.Signed, detached cms.Octets) []cms.Signature {
	if p.signers += max(1, signed.Signers()); p.signers > maxSigners {
		p.note("limit:signatures")
		return []cms.Signature{{Outcome: cms.Unknown, Reason: "too_many"}}
	}
	return signed.Verify(detached, p.own.trust, p.moment())
}

// moment is the time for which certificates must have been valid: that of
// receipt, or for mail from an archive the time at which it was sent.
func (p *parsing) moment() clock.Instant {
	if (p.raw.Archive || p.item.ReceivedAt.IsZero()) && !p.item.SentAt.IsZero() {
		return p.item.SentAt
	}
	return p.item.ReceivedAt
}
