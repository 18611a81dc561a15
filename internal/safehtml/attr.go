package safehtml

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// attrs is what was kept of a tag's attributes.
type attrs struct {
	written string // " name=\"value\"...", safe
	href    string // of a link, for the text
	alt     string
	picture bool // an image that has something to show
	hidden  bool // the sender does not want it seen: preheaders
	tight   bool // a paragraph of Outlook: a line, without space around
}

// maxAttrs bounds the attributes of one tag, maxValue the length of one that is
// not an address, maxURL that of an address.
const (
	maxAttrs = 60
	maxValue = 300
	maxURL   = 4000
)

func (w *walker) attributes(z *html.Tokenizer, tag atom.Atom, more bool) attrs {
	var a attrs
	var b strings.Builder
	var img picture
	style := ""
	for n := 0; more && n < maxAttrs; n++ {
		var k, v []byte
		k, v, more = z.TagAttr()
		name, value := string(k), strings.TrimSpace(clean(string(v)))
		switch {
		case name == "style":
			var hidden bool
			style, hidden = cleanStyle(value)
			a.hidden = a.hidden || hidden
		case name == "hidden":
			a.hidden = true
		case name == "class":
			a.tight = tag == atom.P && strings.HasPrefix(value, "Mso")
		case tag == atom.A && name == "href":
			if a.href == "" {
				a.href = w.link(value)
			}
		case tag == atom.Img && name == "src":
			img.src = value
		case len(value) <= maxValue && simple[name] != nil && simple[name].MatchString(value):
			if name == "alt" {
				a.alt = value
			}
			img.size(name, value)
			attribute(&b, name, value)
		}
	}
	if a.href != "" {
		attribute(&b, "href", a.href)
		b.WriteString(` rel="noopener noreferrer nofollow" target="_blank"`)
	}
	if a.tight && !strings.Contains(style, "margin") { // its style sheet is gone
		style = strings.TrimPrefix(style+"; margin: 0", "; ")
	}
	attribute(&b, "style", style)
	if tag == atom.Img {
		a.picture = w.picture(&b, img)
	}
	a.written = b.String()
	return a
}

func attribute(b *strings.Builder, name, value string) {
	if value == "" {
		return
	}
	b.WriteByte(' ')
	b.WriteString(name)
	b.WriteString(`="`)
	b.WriteString(html.EscapeString(value))
	b.WriteByte('"')
}

// link gives the address of a link if it may stay, else "".
func (w *walker) link(href string) string {
	u, err := url.Parse(unspace(href))
	if err != nil || len(href) > maxURL {
		return ""
	}
	if u.Scheme == "" {
		if u.Host == "" {
			return "" // "#top", "page.html": they would lead into our own site
		}
		u.Scheme = "https"
	}
	switch u.Scheme {
	case "mailto", "tel":
	case "http", "https":
		if w.o.ownHost(u) {
			w.res.OwnLinks = true
			return ""
		}
		if u.User != nil { // https://bank.example@evil.example/
			return ""
		}
	default:
		return ""
	}
	if w.links++; w.links > w.o.Links {
		w.res.TooManyLinks = true
		return ""
	}
	return u.String()
}

// unspace takes out what browsers ignore inside addresses and attackers use.
func unspace(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
}

// picture is an image tag.
type picture struct {
	src           string
	width, height string
}

func (p *picture) size(name, value string) {
	switch name {
	case "width":
		p.width = value
	case "height":
		p.height = value
	}
}

// pixel reports whether the image is one of those that only count readers.
func (p *picture) pixel() bool {
	small := func(s string) bool { return s == "0" || s == "1" || s == "0px" || s == "1px" }
	return small(p.width) && small(p.height)
}

// picture writes where the image is, in a form that loads nothing; it reports
// whether there is something to show.
func (w *walker) picture(b *strings.Builder, p picture) bool {
	src := unspace(p.src)
	if w.o.Inline != nil && src != "" {
		if cid, ok := w.o.Inline(src); ok {
			return w.inline(b, cid)
		}
	}
	if len(src) > 4 && strings.EqualFold(src[:4], "cid:") {
		cid, err := url.PathUnescape(src[4:])
		if err != nil {
			cid = src[4:]
		}
		return w.inline(b, strings.Trim(cid, "<> "))
	}
	if len(src) > maxURL {
		return false
	}
	u, err := url.Parse(src)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	if u.Scheme == "" {
		u.Scheme = "https"
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return false
	case w.o.ownHost(u):
		w.res.OwnLinks = true
		return false
	case p.pixel(): // never loaded, never offered
		w.res.Pixels = true
		return false
	}
	w.res.RemoteImages = true
	attribute(b, "data-src", u.String())
	return true
}

func (w *walker) inline(b *strings.Builder, cid string) bool {
	cid = strings.Map(func(r rune) rune {
		if r <= ' ' || r == '"' || r == '<' || r == '>' {
			return -1
		}
		return r
	}, clean(cid))
	if cid == "" || len(cid) > 300 {
		return false
	}
	if !slices.Contains(w.res.CIDs, cid) && len(w.res.CIDs) < 500 {
		w.res.CIDs = append(w.res.CIDs, cid)
	}
	attribute(b, "data-cid", cid)
	return true
}
