package mail

import (
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
)

// partDraft is an attachment on its way; entity is nil for one that was taken
// out of the HTML.
type partDraft struct {
	entity   *rfc822.Entity
	part     channels.Part
	location string // Content-Location
	apple    string // x-apple-part-url
}

// attach keeps a part that is not the text (mail rule 42: all of them).
func (p *parsing) attach(e *rfc822.Entity) {
	body, size, tooLarge := p.msg.Content(e)
	if len(body) == 0 && !tooLarge && e.Header.Len() == 0 {
		return // nothing between two boundaries
	}
	d := &partDraft{entity: e, part: channels.Part{
		Kind: channels.File, Claimed: claimed(e.Type.Main), ContentID: cleanID(e.ID()), Body: body, Size: size,
	}}
	d.location = rfc822.CleanLine(rfc822.DecodeWords(e.Header.Get("Content-Location"), e.Header.Charset))
	d.apple = strings.Trim(e.Type.Raw("x-apple-part-url"), "<> ")
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
	case "text/rfc822-headers", "message/rfc822-headers":
		p.returned = append(p.returned, &rfc822.Read(body, p.lim).Entity)
	case "message/delivery-status", "message/global-delivery-status",
		"message/disposition-notification", "message/global-disposition-notification":
		p.reports = append(p.reports, e)
	case "text/calendar", "application/ics":
		p.invitation(d, p.decodeText(e, body))
	}
	p.parts = append(p.parts, d)
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
	kind, _, _ := strings.Cut(mimetype.Detect(body).String(), ";")
	return kind
}

// finishParts gives the parts their names and hands them to the item.
func (p *parsing) finishParts() {
	names := map[string]bool{}
	for i, d := range p.parts {
		d.part.Name = uniqueName(partName(d, i+1), names)
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
		p.note("calendar:" + strings.ToLower(event.method))
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
	inner := &parsing{own: p.own, lim: p.lim, msg: p.msg, raw: p.raw}
	var b strings.Builder
	for _, name := range []string{"From", "To", "Date", "Subject"} {
		if v := e.Header.Text(name); v != "" {
			b.WriteString(name + ": " + inner.cut(v, 500, "") + "\n")
		}
	}
	b.WriteByte('\n')
	plain, markup := join(inner.collect(e))
	if strings.TrimSpace(plain) == "" && markup != "" {
		plain = plainOf(markup[:min(len(markup), p.lim.HTML)])
	}
	b.WriteString(plain)
	for i, d := range inner.parts {
		b.WriteString("\n[" + partName(d, i+1) + "]\n")
		b.WriteString(d.part.Preview)
	}
	text := strings.TrimSpace(b.String())
	if len(text) > previewLimit {
		p.note("preview_cut")
	}
	return inner.cut(text, previewLimit, "")
}

// imageIndex finds the part that a picture in the HTML means (mail rule 38).
func (p *parsing) imageIndex() *images { return &images{p: p, used: map[*partDraft]bool{}} }

type images struct {
	p    *parsing
	used map[*partDraft]bool
}

// find gives the Content-ID of the part that src names; ok is false for
// pictures that are not in the message.
func (x *images) find(src string) (cid string, ok bool) {
	if len(src) > 5 && strings.EqualFold(src[:5], "data:") {
		return x.data(src)
	}
	d := x.match(src)
	if d == nil {
		return "", false
	}
	x.used[d] = true
	if d.part.ContentID == "" {
		d.part.ContentID = x.freshID()
	}
	return d.part.ContentID, true
}

func (x *images) match(src string) *partDraft {
	parts := x.p.parts
	if len(src) > 4 && strings.EqualFold(src[:4], "cid:") {
		id := strings.Trim(src[4:], "<> ")
		plain := cleanID(unescapeURL(id))
		for _, want := range []string{cleanID(id), plain} {
			if i := slices.IndexFunc(parts, func(d *partDraft) bool {
				return want != "" && (strings.EqualFold(d.part.ContentID, want) || d.apple == want || d.location == "cid:"+want)
			}); i >= 0 {
				return parts[i]
			}
		}
		return x.nameless(plain)
	}
	if src == "" {
		return nil
	}
	for _, d := range parts {
		if d.location != "" && (d.location == src || d.location == unescapeURL(src)) {
			return d
		}
	}
	return nil
}

// nameless finds an inline image without Content-ID, as Apple Mail sends them:
// by its file name in the id, or the next one that nothing else refers to.
func (x *images) nameless(id string) *partDraft {
	var next *partDraft
	for _, d := range x.p.parts {
		if d.entity == nil || d.part.ContentID != "" || x.used[d] || !strings.HasPrefix(d.part.Claimed, "image/") {
			continue
		}
		if name := claimedName(d.entity); name != "" && strings.HasPrefix(strings.ToLower(id), strings.ToLower(name)) {
			return d
		}
		if next == nil && d.entity.Disposition().Main == "inline" {
			next = d
		}
	}
	return next
}

// settle marks the parts that the HTML really shows; all others stay files.
func (x *images) settle(shown []string) {
	for _, d := range x.p.parts {
		if d.part.ContentID != "" && d.part.Kind == channels.File && slices.Contains(shown, d.part.ContentID) {
			d.part.Kind = channels.Inline
		}
	}
}
