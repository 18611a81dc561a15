package safehtml

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxOpen bounds the nesting that is kept; deeper elements are left out, their
// text stays.
const maxOpen = 200

// maxHTML and maxText bound the output, in bytes.
const (
	maxHTML = 2 << 20
	maxText = 4 << 20
)

// walker goes once over the tokens and writes clean HTML and text together.
type walker struct {
	ctx      context.Context
	o        Options
	res      Result
	html     strings.Builder
	text     textWriter
	textOnly bool
	lenient  bool // show what is hidden or inside an element without end

	open  []atom.Atom // elements written and not yet closed
	skip  atom.Atom   // element whose content is left out
	skips int         // how many of it are open
	nodes int
	links int
	seen  bool // something visible was written
}

func (w *walker) walk(doc string) error {
	z := html.NewTokenizer(strings.NewReader(doc))
	for n := 0; ; n++ {
		if n%512 == 0 && w.ctx.Err() != nil {
			return ErrDeadline
		}
		kind := z.Next()
		if kind == html.ErrorToken {
			return nil
		}
		if w.text.b.Len() > maxText {
			w.res.Cut = true
			return nil
		}
		switch kind {
		case html.TextToken:
			if w.skip == 0 {
				w.nodes++
				w.textToken(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			w.startTag(z, kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := z.TagName()
			w.endTag(atom.Lookup(name))
		}
	}
}

func (w *walker) textToken(s string) {
	s = clean(s)
	if s == "" {
		return
	}
	w.text.write(s)
	if !w.seen && strings.Trim(s, " \n\t\r\u00a0\u200b\u200c\u200d") != "" {
		w.seen = true
	}
	for s != "" && !w.full() {
		n := min(len(s), 32<<10)
		for n < len(s) && !utf8.RuneStart(s[n]) {
			n--
		}
		w.html.WriteString(html.EscapeString(s[:n]))
		s = s[n:]
	}
}

// full reports whether no more HTML is to be written: only the text goes on.
func (w *walker) full() bool {
	if !w.textOnly && (w.nodes > w.o.Nodes || w.html.Len() > maxHTML) {
		w.res.Cut, w.textOnly = true, true
	}
	return w.textOnly
}

func (w *walker) startTag(z *html.Tokenizer, selfClosing bool) {
	name, hasAttr := z.TagName()
	tag := atom.Lookup(name)
	if w.skip != 0 {
		if tag == w.skip && !selfClosing {
			w.skips++
		}
		return
	}
	if never[tag] || skipped[tag] && !w.lenient {
		if !selfClosing && !void[tag] {
			w.skip, w.skips = tag, 1
		}
		return
	}
	w.nodes++
	a := w.attributes(z, tag, hasAttr)
	if a.hidden && !w.lenient && !void[tag] && !selfClosing {
		w.skip, w.skips = tag, 1
		return
	}
	w.text.start(tag, a)
	if tag == atom.Img {
		if !a.picture {
			return
		}
		w.seen = true
	}
	if w.full() || !allowed[tag] || len(w.open) >= maxOpen && !void[tag] {
		return
	}
	w.html.WriteByte('<')
	w.html.WriteString(tag.String())
	w.html.WriteString(a.written)
	w.html.WriteByte('>')
	if !void[tag] {
		w.open = append(w.open, tag)
	}
}

func (w *walker) endTag(tag atom.Atom) {
	if w.skip != 0 {
		if tag == w.skip {
			if w.skips--; w.skips == 0 {
				w.skip = 0
			}
		}
		return
	}
	w.text.end(tag)
	if w.full() || !slices.Contains(w.open, tag) {
		return
	}
	// The innermost one of that name is closed, with all that is open in it.
	i := len(w.open) - 1
	for ; w.open[i] != tag; i-- {
		w.closeTag(w.open[i])
	}
	w.closeTag(tag)
	w.open = w.open[:i]
}

func (w *walker) closeTag(tag atom.Atom) {
	w.html.WriteString("</")
	w.html.WriteString(tag.String())
	w.html.WriteByte('>')
}

func (w *walker) finish() {
	for _, tag := range slices.Backward(w.open) {
		w.closeTag(tag)
	}
	w.open = nil
	w.res.Text = w.text.String()
	w.res.Empty = !w.seen
}

// clean keeps what may stand in a text: valid UTF-8 without control characters.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfeff || r == 0xfffe || r == 0xffff:
			return -1
		default:
			return r
		}
	}, s)
}
