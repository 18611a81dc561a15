package mail

import (
	"bytes"
	"context"
	"html"
	"slices"
	"strings"
	"time"

	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/safehtml"
)

// htmlDeadline is the net under the sanitiser, whose own limits end it long
// before (mail rule 44).
const htmlDeadline = 5 * time.Second

// segment is a piece of the message's text, as plain text, as HTML or both.
type segment struct {
	plain, html string
}

// content reads text, HTML and parts.
func (p *parsing) content() {
	segments := p.collect(&p.msg.Entity)
	if !slices.ContainsFunc(segments, func(s segment) bool { return s.plain != "" || s.html != "" }) {
		if segments = p.promote(); len(segments) == 0 {
			segments = p.inside
		}
	}
	plain, markup := join(segments)
	p.text(plain, markup)
	if p.item.Text == "" && p.item.HTML == "" {
		p.textOfParts()
		p.noteIf(p.item.Text == "", "no_text")
	}
	p.finishParts()
}

// textOfParts is for messages that only carry other messages or an invitation:
// what these say is the text.
func (p *parsing) textOfParts() {
	var b strings.Builder
	for _, d := range p.parts {
		if d.part.Preview != "" {
			b.WriteString(d.part.Preview + "\n\n")
		}
	}
	if b.Len() > 0 {
		p.note("text_from_parts")
		p.item.Text = p.cut(strings.TrimSpace(b.String()), p.lim.Text, "text_cut") + "\n"
	}
}

// collect walks the parts in order: text becomes segments, everything else an
// attachment (mail rule 31).
func (p *parsing) collect(e *rfc822.Entity) []segment {
	switch {
	case len(e.Parts) == 0 || strings.HasPrefix(e.Type.Main, "message/"):
		return p.leaf(e)
	case e.Type.Main == "multipart/signed":
		return p.signed(e)
	case e.Type.Main == "multipart/alternative":
		return p.alternative(e)
	case e.Type.Main == "multipart/related":
		return p.related(e)
	default:
		var out []segment
		for _, child := range e.Parts {
			out = append(out, p.collect(child)...)
		}
		return out
	}
}

// alternative keeps both the text and the HTML, each from the child that has
// it best.
func (p *parsing) alternative(e *rfc822.Entity) []segment {
	var both segment
	for _, child := range e.Parts {
		switch child.Type.Main {
		case "text/x-amp-html", "text/watch-html":
			p.note("alternative_left_out")
			continue
		}
		plain, markup := join(p.collect(child))
		if both.plain == "" {
			both.plain = plain
		}
		if markup != "" {
			both.html = markup
		}
	}
	return []segment{both}
}

// related finds the root, which "start" may name; the other parts belong to it.
func (p *parsing) related(e *rfc822.Entity) []segment {
	root := 0
	if start := strings.Trim(e.Type.Raw("start"), "<> "); start != "" {
		root = max(0, slices.IndexFunc(e.Parts, func(c *rfc822.Entity) bool { return c.ID() == start }))
	}
	if t := e.Parts[root].Type.Main; !strings.HasPrefix(t, "text/") && !strings.HasPrefix(t, "multipart/") {
		root = max(0, slices.IndexFunc(e.Parts, func(c *rfc822.Entity) bool { return c.Type.Main == "text/html" }))
	}
	out := p.collect(e.Parts[root])
	for i, child := range e.Parts {
		if i != root {
			out = append(out, p.collect(child)...)
		}
	}
	return out
}

// leaf is one part without parts of its own.
func (p *parsing) leaf(e *rfc822.Entity) []segment {
	if strings.HasPrefix(e.Type.Main, "multipart/") && len(bytes.TrimSpace(e.Body)) == 0 {
		return nil
	}
	if e.Type.Main != "text/plain" && e.Type.Main != "text/html" {
		if p.wrapped(e) {
			return p.opaque(e)
		}
		p.attach(e)
		return nil
	}
	d := e.Disposition()
	if d.Main == "attachment" || d.Has("filename") || e.Type.Has("name") || d.Main != "" && d.Main != "inline" {
		p.attach(e)
		return nil
	}
	return p.bodyText(e)
}

func (p *parsing) bodyText(e *rfc822.Entity) []segment {
	content, _, tooLarge := p.msg.Content(e)
	if tooLarge {
		p.attach(e)
		return nil
	}
	if budget := p.lim.HTML - p.textBytes; len(content) > budget {
		p.note("text_cut")
		p.attach(e) // whole
		content = content[:max(0, budget)]
	}
	p.textBytes += len(content)
	text := p.decodeText(e, content)
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if e.Type.Main == "text/html" {
		return []segment{{html: text}}
	}
	if strings.EqualFold(e.Type.Raw("format"), "flowed") {
		text = rfc822.Flowed(text, strings.EqualFold(e.Type.Raw("delsp"), "yes"))
	}
	return []segment{{plain: text}}
}

// decodeText turns the bytes of a text part into text and notes the charset
// (mail rule 28).
func (p *parsing) decodeText(e *rfc822.Entity, content []byte) string {
	declared := e.Charset()
	if declared == "" && e.Type.Main == "text/html" {
		declared = metaCharset(content)
	}
	text, used := rfc822.DecodeCharset(content, declared)
	if used != rfc822.ASCII {
		p.note("charset:" + used)
		switch {
		case declared == "":
			p.note("charset_undeclared")
		case !rfc822.SameCharset(declared, used):
			p.note("charset_not_as_declared")
		}
	}
	if strings.Contains(text, "\ufffd") {
		p.note("charset_invalid_bytes")
	}
	return rfc822.Clean(text)
}

// metaCharset is the charset that an HTML page names in its head.
func metaCharset(b []byte) string {
	head := strings.ToLower(string(b[:min(len(b), 2048)]))
	i := strings.Index(head, "charset=")
	if i < 0 {
		return ""
	}
	s := strings.TrimLeft(head[i+len("charset="):], "\"' ")
	if end := strings.IndexAny(s, "\"' />;"); end >= 0 {
		return s[:end]
	}
	return ""
}

// promote finds text for a message that has none: a text part with a file
// name, when there is no other, is the message.
func (p *parsing) promote() []segment {
	for i, d := range p.parts {
		if d.entity != nil && (d.entity.Type.Main == "text/plain" || d.entity.Type.Main == "text/html") &&
			d.entity.Disposition().Main != "attachment" {
			if seg := p.bodyText(d.entity); seg != nil {
				p.parts = slices.Delete(p.parts, i, i+1)
				return seg
			}
		}
	}
	return nil
}

// join puts the segments in order. When one of them is HTML, the others are
// turned into HTML too, so that nothing is missing from either form.
func join(segments []segment) (plain, markup string) {
	if len(segments) == 1 {
		return segments[0].plain, segments[0].html
	}
	var text, page strings.Builder
	anyHTML := slices.ContainsFunc(segments, func(s segment) bool { return s.html != "" })
	anyPlain := slices.ContainsFunc(segments, func(s segment) bool { return s.plain != "" })
	for _, s := range segments {
		if anyPlain {
			if text.Len() > 0 && !strings.HasSuffix(text.String(), "\n") {
				text.WriteByte('\n')
			}
			text.WriteString(s.asPlain())
		}
		if anyHTML {
			page.WriteString(s.asHTML())
		}
	}
	return text.String(), page.String()
}

func (s segment) asPlain() string {
	if s.plain == "" && s.html != "" {
		return plainOf(s.html)
	}
	return s.plain
}

func (s segment) asHTML() string {
	if s.html == "" && s.plain != "" {
		return `<div style="white-space: pre-wrap">` + html.EscapeString(s.plain) + "</div>"
	}
	return s.html
}

func plainOf(markup string) string {
	ctx, cancel := context.WithTimeout(context.Background(), htmlDeadline)
	defer cancel()
	return safehtml.Text(ctx, markup)
}

// text settles what people read: the sanitised HTML, and always a plain text
// (mail rules 32 and 41).
func (p *parsing) text(plain, markup string) {
	if markup != "" {
		plain = p.page(plain, markup)
	}
	p.item.Text = p.cut(strings.TrimRight(plain, " \t\n"), p.lim.Text, "text_cut")
	if p.item.Text != "" {
		p.item.Text += "\n"
	}
}

// page sanitises the HTML and gives the text to go with it.
func (p *parsing) page(plain, markup string) string {
	ctx, cancel := context.WithTimeout(context.Background(), htmlDeadline)
	defer cancel()
	images := p.imageIndex()
	res, err := safehtml.Clean(ctx, markup, safehtml.Options{OwnHosts: p.own.hosts, Links: p.lim.Links, Inline: images.find})
	images.settle(res.CIDs)
	switch {
	case err != nil:
		p.note("html_deadline")
	case res.Empty:
		p.note("html_empty")
	default:
		p.item.HTML = res.HTML
	}
	p.noteIf(res.RemoteImages, "remote_images")
	p.noteIf(res.Pixels, "tracking_images_removed")
	p.noteIf(res.OwnLinks, "own_links_removed")
	p.noteIf(res.Cut, "html_cut")
	p.noteIf(res.TooManyLinks, "limit:"+rfc822.OverLinks)
	if res.TooManyLinks {
		p.item.Quarantine = quarantineOverLimit
	}
	if stub(plain, res.Text) {
		if strings.TrimSpace(plain) != "" {
			p.note("text_from_html")
		}
		return res.Text
	}
	return plain
}

// stub reports whether the plain text is missing or only says that there is
// HTML, so that the text of the HTML is the better one.
func stub(plain, fromHTML string) bool {
	n := len(strings.TrimSpace(plain))
	return n == 0 && fromHTML != "" || n < 300 && len(fromHTML) > 1000 && len(fromHTML) > 5*n
}
