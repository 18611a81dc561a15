package safehtml

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// textWriter writes the text that a reader of the page would read: blocks on
// their own lines, lists with dashes, quotations with "> ", links with their
// address when the text does not show it (mail rule 32).
type textWriter struct {
	b     strings.Builder
	space bool // a blank is due before the next word
	lines int  // line ends due before the next word
	any   bool // something was written
	pre   int
	quote int
	cells int // cells of the present row
	href  string
	from  int // where the text of the present link begins
	tight int // length of the text when the present paragraph of Outlook began, plus one
}

// maxQuote bounds the marks before a line.
const maxQuote = 10

func (t *textWriter) write(s string) {
	if t.pre > 0 {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				t.lines++
			}
			if line != "" {
				t.word(line)
			}
		}
		return
	}
	for s != "" {
		i := strings.IndexFunc(s, blank)
		if i < 0 {
			t.word(s)
			return
		}
		if i > 0 {
			t.word(s[:i])
		}
		t.space = true
		_, n := utf8.DecodeRuneInString(s[i:])
		s = s[i+n:]
	}
}

func blank(r rune) bool {
	return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\u00a0'
}

func (t *textWriter) word(s string) {
	switch {
	case !t.any:
		t.mark()
	case t.lines > 0:
		t.b.WriteString("\n\n"[:min(t.lines, 2)])
		t.mark()
	case t.space:
		t.b.WriteByte(' ')
	}
	t.lines, t.space, t.any = 0, false, true
	t.b.WriteString(s)
}

func (t *textWriter) mark() {
	for range min(t.quote, maxQuote) {
		t.b.WriteString("> ")
	}
}

// newline asks for at least n line ends before the next word.
func (t *textWriter) newline(n int) { t.lines = max(t.lines, n) }

func (t *textWriter) start(tag atom.Atom, a attrs) {
	switch tag {
	case atom.Br:
		t.lines = min(t.lines+1, 2)
	case atom.Hr:
		t.newline(1)
		t.word("---")
		t.newline(1)
	case atom.Li:
		t.newline(1)
		t.word("-")
		t.space = true
	case atom.Pre:
		t.newline(1)
		t.pre++
	case atom.Blockquote:
		t.newline(2)
		t.quote++
	case atom.Tr:
		t.newline(1)
		t.cells = 0
	case atom.Td, atom.Th:
		if t.cells++; t.cells > 1 && t.lines == 0 {
			t.space = true
		}
	case atom.Img:
		if a.alt != "" && a.picture {
			t.space = true
			t.word("[" + a.alt + "]")
			t.space = true
		}
	case atom.A:
		t.href, t.from = a.href, t.b.Len()
	case atom.P:
		if a.tight {
			t.newline(1)
			t.tight = t.b.Len() + 1
		} else {
			t.newline(2)
		}
	default:
		if n := block(tag); n > 0 {
			t.newline(n)
		}
	}
}

func (t *textWriter) end(tag atom.Atom) {
	switch tag {
	case atom.Pre:
		t.pre = max(0, t.pre-1)
		t.newline(1)
	case atom.Blockquote:
		t.quote = max(0, t.quote-1)
		t.newline(2)
	case atom.A:
		t.link()
	case atom.P:
		t.paragraph()
	default:
		if n := block(tag); n > 0 {
			t.newline(n)
		}
	}
}

// paragraph ends one. Outlook's are lines, and an empty one is a blank line.
func (t *textWriter) paragraph() {
	switch t.tight {
	case 0, t.b.Len() + 1:
		t.newline(2)
	default:
		t.newline(1)
	}
	t.tight = 0
}

// link adds the address of a link whose text does not show it.
func (t *textWriter) link() {
	href := strings.TrimPrefix(t.href, "mailto:")
	t.href = ""
	if href == "" || t.from > t.b.Len() {
		return
	}
	label := t.b.String()[t.from:]
	bare := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(href, "https://"), "http://"), "/")
	if !strings.Contains(label, bare) && len(href) < 500 {
		t.space = true
		t.word("<" + href + ">")
	}
}

// block says how many line ends an element asks for.
func block(tag atom.Atom) int {
	switch tag {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Table:
		return 2
	case atom.Div, atom.Li, atom.Tr, atom.Dt, atom.Dd, atom.Section, atom.Article, atom.Header, atom.Footer,
		atom.Address, atom.Center, atom.Caption, atom.Figure, atom.Body, atom.Form, atom.Fieldset, atom.Option:
		return 1
	default:
		return 0
	}
}

// String is the text so far, ending in one line end when there is any.
func (t *textWriter) String() string {
	s := strings.TrimSpace(t.b.String())
	if s == "" {
		return ""
	}
	return s + "\n"
}
