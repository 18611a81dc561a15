package safehtml

import (
	"context"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html/atom"
)

// allowed are the elements that are kept; of all others the text stays.
var allowed = set(atom.A, atom.Abbr, atom.Address, atom.Article, atom.Aside, atom.B, atom.Bdi, atom.Bdo, atom.Big,
	atom.Blockquote, atom.Br, atom.Caption, atom.Center, atom.Cite, atom.Code, atom.Col, atom.Colgroup, atom.Dd,
	atom.Del, atom.Details, atom.Dfn, atom.Div, atom.Dl, atom.Dt, atom.Em, atom.Figcaption, atom.Figure, atom.Font,
	atom.Footer, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Header, atom.Hr, atom.I, atom.Img,
	atom.Ins, atom.Kbd, atom.Li, atom.Main, atom.Mark, atom.Ol, atom.P, atom.Pre, atom.Q, atom.S, atom.Samp,
	atom.Section, atom.Small, atom.Span, atom.Strike, atom.Strong, atom.Sub, atom.Summary, atom.Sup, atom.Table,
	atom.Tbody, atom.Td, atom.Tfoot, atom.Th, atom.Thead, atom.Time, atom.Tr, atom.Tt, atom.U, atom.Ul, atom.Var,
	atom.Wbr)

// skipped are elements that go with all that is in them.
var skipped = set(atom.Script, atom.Style, atom.Title, atom.Noscript, atom.Template, atom.Svg, atom.Math,
	atom.Object, atom.Embed, atom.Applet, atom.Iframe, atom.Frame, atom.Frameset, atom.Noframes, atom.Noembed,
	atom.Select, atom.Textarea, atom.Xmp, atom.Plaintext, atom.Audio, atom.Video, atom.Canvas, atom.Link, atom.Meta,
	atom.Base, atom.Basefont)

// never are skipped even when their end is missing.
var never = set(atom.Script, atom.Style, atom.Title, atom.Iframe, atom.Textarea, atom.Link, atom.Meta, atom.Base,
	atom.Basefont, atom.Embed, atom.Frame)

// void elements have no end tag.
var void = set(atom.Br, atom.Hr, atom.Img, atom.Wbr, atom.Col, atom.Link, atom.Meta, atom.Base, atom.Embed,
	atom.Input, atom.Frame, atom.Basefont, atom.Area, atom.Source, atom.Track, atom.Param)

func set(of ...atom.Atom) map[atom.Atom]bool {
	m := make(map[atom.Atom]bool, len(of))
	for _, a := range of {
		m[a] = true
	}
	return m
}

// simple are attributes without addresses, and what their values may be.
var simple = map[string]*regexp.Regexp{
	"align":       regexp.MustCompile(`^(?i:left|right|center|justify|top|middle|bottom)$`),
	"valign":      regexp.MustCompile(`^(?i:top|middle|bottom|baseline)$`),
	"dir":         regexp.MustCompile(`^(?i:ltr|rtl|auto)$`),
	"lang":        regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`),
	"width":       regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,3})?(%|px)?$`),
	"height":      regexp.MustCompile(`^[0-9]{1,4}(\.[0-9]{1,3})?(%|px)?$`),
	"border":      regexp.MustCompile(`^[0-9]{1,2}$`),
	"cellpadding": regexp.MustCompile(`^[0-9]{1,3}$`),
	"cellspacing": regexp.MustCompile(`^[0-9]{1,3}$`),
	"colspan":     regexp.MustCompile(`^[0-9]{1,3}$`),
	"rowspan":     regexp.MustCompile(`^[0-9]{1,3}$`),
	"span":        regexp.MustCompile(`^[0-9]{1,3}$`),
	"start":       regexp.MustCompile(`^-?[0-9]{1,6}$`),
	"value":       regexp.MustCompile(`^-?[0-9]{1,6}$`),
	"size":        regexp.MustCompile(`^[+-]?[0-9]{1,2}$`),
	"color":       regexp.MustCompile(`^(#[0-9A-Fa-f]{3,8}|[A-Za-z]{3,20})$`),
	"bgcolor":     regexp.MustCompile(`^(#[0-9A-Fa-f]{3,8}|[A-Za-z]{3,20})$`),
	"face":        regexp.MustCompile(`^[A-Za-z0-9 ,'_-]+$`),
	"type":        regexp.MustCompile(`^(?i:1|a|i|disc|circle|square|cite)$`),
	"title":       regexp.MustCompile(`^[^\x00-\x1f<>]*$`),
	"alt":         regexp.MustCompile(`^[^\x00-\x1f<>]*$`),
	"scope":       regexp.MustCompile(`^(?i:row|col|rowgroup|colgroup)$`),
	"datetime":    regexp.MustCompile(`^[0-9TZ:+. -]{4,40}$`),
}

// sanitisedStyle is what Clean's own style filter writes, and nothing else.
var sanitisedStyle = regexp.MustCompile(`^[a-z-]+: ?[A-Za-z0-9#%.,'() +!-]+(; [a-z-]+: ?[A-Za-z0-9#%.,'() +!-]+)*$`)

// policy is the allow-list in bluemonday's words.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	for tag := range allowed {
		p.AllowElements(tag.String())
		p.AllowNoAttrs().OnElements(tag.String())
	}
	for name, value := range simple {
		p.AllowAttrs(name).Matching(value).Globally()
	}
	p.AllowAttrs("style").Matching(sanitisedStyle).Globally()
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^noopener noreferrer nofollow$`)).OnElements("a")
	p.AllowAttrs("target").Matching(regexp.MustCompile(`^_blank$`)).OnElements("a")
	p.AllowAttrs("data-cid").Matching(regexp.MustCompile(`^[^\x00-\x20<>"]+$`)).OnElements("img")
	p.AllowAttrs("data-src").Matching(regexp.MustCompile(`^https?://[^\x00-\x20<>"']+$`)).OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.RequireParseableURLs(true)
	return p
})

// sanitise is the second lock: it stops at the deadline because its reader does.
func sanitise(ctx context.Context, s string) (string, error) {
	var out strings.Builder
	out.Grow(len(s))
	err := policy().SanitizeReaderToWriter(&untilDone{ctx, strings.NewReader(s)}, &out)
	if err != nil || ctx.Err() != nil {
		return "", ErrDeadline
	}
	return out.String(), nil
}

// untilDone is a reader that ends with its context.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u *untilDone) Read(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, ErrDeadline
	}
	return u.r.Read(p)
}
