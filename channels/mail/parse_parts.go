package mail

import (
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/filetype"
)

// partDraft is an attachment on its way; entity is nil for one that was taken
// out of the HTML.
type partDraft struct {
	entity   *rfc822.Entity
	part     channels.Part
	name     string     // as claimed, of a part that was taken out of another
	location string     // Content-Location
	apple    string     // x-apple-part-url
	from     *partDraft // that it was taken out of
}

// attach keeps a part that is not the text (mail rule 42: all of them).
func (p *parsing) attach(e *rfc822.Entity) {
	if c := p.cutIn(e); c != nil {
		p.attachCut(e, c)
		return
	}
	body, size, tooLarge := p.msg.Content(e)
	if len(body) == 0 && !tooLarge && e.Header.Len() == 0 {
		return // nothing between two boundaries
	}
	d := &partDraft{entity: e, part: channels.Part{
		Kind: channels.File, Claimed: claimed(e.Type.Main), ContentID: cleanID(e.ID()), Body: body, Size: size,
	}}
	d.place(e)
	if tooLarge {
		d.part.Problem = "too_large"
	} else {
		d.part.Detected = detected(body)
	}
	switch e.Type.Main {
	case "message/rfc822", "message/global":
		d.part.Kind = channels.Nested
		if len(e.Parts) > 0 {
			d.part.Preview = p.preview(e.Parts[0])
			p.returned = append(p.returned, e.Parts[0])
		}
	case "text/rfc822-headers", "message/rfc822-headers", "message/global-headers":
		p.returned = append(p.returned, &rfc822.Read(body, p.lim).Entity)
	case "message/delivery-status", "message/global-delivery-status",
		"message/disposition-notification", "message/global-disposition-notification":
		p.reports = append(p.reports, e)
	case "text/calendar", "application/ics":
		p.invitation(d, p.decodeText(e, body))
	}
	p.parts = append(p.parts, d)
	p.unpack(d)
}

// place notes by what names else the HTML may show the part.
func (d *partDraft) place(e *rfc822.Entity) {
	d.location = rfc822.CleanLine(rfc822.DecodeWords(e.Header.Get("Content-Location"), e.Header.Charset))
	d.apple = strings.Trim(e.Type.Raw("x-apple-part-url"), "<> ")
}

// claimed keeps only what can be a media type.
func claimed(s string) string {
	s = rfc822.CleanLine(s)
	if strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return "application/octet-stream"
	}
	return s
}

// cleanID keeps a Content-ID that can stand in an attribute.
func cleanID(s string) string {
	s = rfc822.CleanLine(s)
	if len(s) > 300 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == '"' || r == '<' || r == '>' {
			return -1
		}
		return r
	}, s)
}

// detected is the type that the bytes have (mail rule 37).
func detected(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	kind, _, _ := strings.Cut(filetype.Of(body), ";")
	return kind
}

// finishParts gives the parts their names and hands them to the item.
func (p *parsing) finishParts() {
	p.signaturesBeside()
	names := map[string]bool{}
	for i, d := range p.parts {
		d.part.Name = uniqueName(partName(d, i+1), names)
		if d.from != nil {
			d.part.Inside = d.from.part.Name
		}
		p.item.Parts = append(p.item.Parts, d.part)
	}
}

// invitation marks a calendar part and makes it readable.
func (p *parsing) invitation(d *partDraft, text string) {
	event := readEvent(text)
	if event.method == "" {
		event.method = strings.ToUpper(rfc822.CleanLine(d.entity.Type.Raw("method")))
	}
	d.part.Preview = event.describe()
	if event.method != "" && len(event.method) < 20 {
		p.calendar = event.method
	}
	if meaning := event.meaning(); notes["calendar:"+meaning] != [2]string{} {
		p.note("calendar:" + meaning)
	} else {
		p.note("calendar")
	}
}

// previewLimit bounds the readable text of a nested message, in bytes.
const previewLimit = 32 << 10

// preview is the readable form of a message inside the message (mail rule 33):
// the headers that matter, its text, the names of what is attached, and the
// same of messages inside it.
func (p *parsing) preview(e *rfc822.Entity) string {
	return p.previewOf(p.msg, e)
}

// previewOf is the same of a message that msg was read from.
func (p *parsing) previewOf(msg *rfc822.Message, e *rfc822.Entity) string {
	inner := &parsing{own: p.own, lim: p.lim, msg: msg, raw: p.raw, unpacked: p.unpacked, joined: p.joined, signers: p.signers, depth: p.depth}
	if msg != p.msg {
		inner.depth++
	}
	var b strings.Builder
	for _, name := range []string{"From", "To", "Date", "Subject"} {
		if v := e.Header.Text(name); v != "" {
			b.WriteString(name + ": " + inner.cut(v, 500, "") + "\n")
		}
	}
	b.WriteByte('\n')
	plain, markup := join(inner.collect(e))
	if strings.TrimSpace(plain) == "" && markup != "" {
		plain = plainOf(markup)
	}
	b.WriteString(plain)
	for i, d := range inner.parts {
		b.WriteString("\n[" + partName(d, i+1) + "]\n")
		b.WriteString(d.part.Preview)
	}
	p.unpacked, p.joined, p.signers = inner.unpacked, inner.joined, inner.signers
	text := strings.TrimSpace(b.String())
	if len(text) > previewLimit {
		p.note("preview_cut")
	}
	return inner.cut(text, previewLimit, "")
}
