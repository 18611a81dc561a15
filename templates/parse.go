package templates

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"filodiretto/internal/textfold"
)

// Template is a Text that was read without errors. It does not change and may
// be used by many goroutines.
type Template struct {
	Text
	event   Event
	subject []segment
	lines   []line // of Plain
}

// segment is a piece of a line: literal text, or the place of a value.
type segment struct {
	literal string
	v       *Var // nil for a literal
	// inLink is set where the value continues a literal address: it is then
	// escaped as part of one, on every channel.
	inLink bool
}

// line is a line of the text as written; values never add or take one, but for
// empty optional values.
type line []segment

func (l line) blank() bool {
	for _, s := range l {
		if s.v != nil || strings.TrimSpace(s.literal) != "" {
			return false
		}
	}
	return true
}

// Parse reads a text. The error is a ParseErrors with all that is wrong in it.
func Parse(t Text) (*Template, error) {
	e, ok := Lookup(t.Event)
	if !ok {
		return nil, ParseErrors{{Code: UnknownEvent, Name: t.Event}}
	}
	out := &Template{Text: t, event: e}
	var errs ParseErrors
	subject := strings.TrimSpace(t.Subject)
	if i := strings.IndexAny(subject, "\r\n"); i >= 0 {
		errs = append(errs, ParseError{Field: FieldSubject, Line: 1, Col: 1 + utf8.RuneCountInString(subject[:i]), Code: NewlineInSubject})
	}
	p := parser{event: e, field: FieldSubject}
	out.subject = p.line(subject, 1)
	errs = append(errs, p.errs...)

	p = parser{event: e, field: FieldPlain}
	plain := strings.TrimRightFunc(strings.ReplaceAll(t.Plain, "\r\n", "\n"), unicode.IsSpace)
	for i, written := range strings.Split(plain, "\n") {
		out.lines = append(out.lines, p.line(written, i+1))
	}
	errs = append(errs, p.errs...)
	for len(out.lines) > 0 && out.lines[0].blank() {
		out.lines = out.lines[1:]
	}
	switch {
	case e.SubjectOnly && subject == "":
		errs = append(errs, ParseError{Field: FieldSubject, Line: 1, Col: 1, Code: Empty})
	case !e.SubjectOnly && strings.TrimSpace(plain) == "":
		errs = append(errs, ParseError{Field: FieldPlain, Line: 1, Col: 1, Code: Empty})
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return out, nil
}

// parser reads the lines of one field.
type parser struct {
	event Event
	field string
	errs  ParseErrors
}

// line reads one line, number n from 1.
func (p *parser) line(s string, n int) line {
	var out line
	var lit strings.Builder
	address := false // an address is open at the end of what was read
	flush := func() {
		if lit.Len() > 0 {
			address = openAddress(lit.String(), address)
			out = append(out, segment{literal: lit.String()})
			lit.Reset()
		}
	}
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "{{") || strings.HasPrefix(s[i:], "}}"):
			lit.WriteByte(s[i])
			i += 2
		case s[i] == '{':
			name, size, code := readName(s[i:])
			if v, ok := p.event.Find(name); ok && code == "" {
				flush()
				out = append(out, segment{v: &v, inLink: address})
			} else {
				p.fail(s, i, n, name, code)
			}
			i += size
		case s[i] == '}':
			p.fail(s, i, n, "", LoneBrace)
			i++
		default:
			lit.WriteByte(s[i])
			i++
		}
	}
	flush()
	return out
}

func (p *parser) fail(s string, at, n int, name string, code Code) {
	e := ParseError{Field: p.field, Line: n, Col: 1 + utf8.RuneCountInString(s[:at]), Code: code, Name: name}
	if code == "" {
		e.Code = UnknownVariable
		var names []string
		for _, v := range p.event.Vars {
			names = append(names, v.Name)
		}
		e.Suggest = textfold.Nearest(name, names)
	}
	p.errs = append(p.errs, e)
}

// readName reads "{name}" at the front of s and gives the bytes it takes.
func readName(s string) (name string, size int, code Code) {
	end := strings.IndexAny(s[1:], "{}")
	if end < 0 || s[1+end] == '{' {
		return "", 1, UnclosedBrace
	}
	name = s[1 : 1+end]
	if !goodName(name) {
		code = BadName
	}
	return name, end + 2, code
}

// goodName reports whether name has the form of a variable: small letters,
// digits and underscores, a letter first.
func goodName(name string) bool {
	for i, r := range name {
		if r != '_' && (r < 'a' || r > 'z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != "" && name[0] != '_'
}

// openAddress reports whether the text ends within an http address; before
// tells whether the text before it did.
func openAddress(s string, before bool) bool {
	if i := strings.LastIndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`<>"`, r) }); i >= 0 {
		s, before = s[i:], false
	}
	return before || strings.Contains(s, "http://") || strings.Contains(s, "https://")
}
