package templates

import (
	"fmt"
	"html"
	"strings"
)

// Rendered is a text with its values, ready for a channel.
type Rendered struct {
	Event, Channel, Lang string
	Subject              string // one line, for Mail, PEC and Page
	Plain                string // always there, but for SubjectOnly events
	// HTML is a whole document for Mail and PEC, unless the event is Partial:
	// then and for Page it is empty and Body is what there is.
	HTML   string
	Body   string // the paragraphs of HTML alone, for Mail, PEC and Page
	Markup string // for Telegram: Plain escaped for its HTML mode
	SMS    Length // for SMS: how Plain travels
}

// MissingError names the variables that a text needs and that had no value.
type MissingError struct {
	Event string
	Names []string
}

// Error names the event and the variables.
func (e *MissingError) Error() string {
	return fmt.Sprintf("text of %s: no value for %s", e.Event, strings.Join(e.Names, ", "))
}

// LinkError names a Link variable whose value is no http or https address.
type LinkError struct{ Event, Name string }

// Error names the event and the variable.
func (e *LinkError) Error() string {
	return fmt.Sprintf("text of %s: %s is not an http or https address", e.Event, e.Name)
}

// Render parses t and fills in the values for the channel. The error is a
// ParseErrors, a *MissingError or a *LinkError; it never holds a value.
func Render(t Text, values map[string]string, channel string) (Rendered, error) {
	p, err := Parse(t)
	if err != nil {
		return Rendered{}, fmt.Errorf("text of %s: %w", t.Event, err)
	}
	return p.Render(values, channel)
}

// Preview renders t with the example values of its variables.
func Preview(t Text, channel string) (Rendered, error) {
	e, _ := Lookup(t.Event)
	values := map[string]string{}
	for _, v := range e.Vars {
		values[v.Name] = v.Example(t.Lang)
	}
	return Render(t, values, channel)
}

// Render fills in the values for the channel. Values that the text does not
// use are ignored.
func (t *Template) Render(values map[string]string, channel string) (Rendered, error) {
	clean, err := t.clean(values)
	if err != nil {
		return Rendered{}, err
	}
	lines := t.fill(clean)
	write := body
	if t.event.Standing {
		lines, write = cutHeadings(lines), headedBody
	}
	out := Rendered{Event: t.Event, Channel: channel, Lang: t.Lang, Plain: plain(lines)}
	switch channel {
	case Mail, PEC, Page:
		out.Subject = t.fillSubject(clean)
		out.Body = write(lines)
		if channel != Page && !t.event.Partial {
			title := out.Subject
			if title == "" {
				title = t.event.Label(t.Lang)
			}
			out.HTML = Document(t.Lang, title, out.Body)
		}
	case Telegram:
		out.Markup = html.EscapeString(out.Plain)
	case SMS:
		out.Plain, out.SMS = fitSMS(out.Plain)
	}
	return out, nil
}

// clean gives the values of the variables that the text uses.
func (t *Template) clean(values map[string]string) (map[string]string, error) {
	clean := map[string]string{}
	var missing []string
	for _, l := range append([]line{t.subject}, t.lines...) {
		for _, s := range l {
			if s.v == nil {
				continue
			}
			if _, done := clean[s.v.Name]; done {
				continue
			}
			v := cleanValue(s.v.Kind, values[s.v.Name])
			clean[s.v.Name] = v
			switch {
			case v == "" && !s.v.Optional:
				missing = append(missing, s.v.Name)
			case v != "" && s.v.Kind == Link && !goodLink(v):
				return nil, &LinkError{t.Event, s.v.Name}
			}
		}
	}
	if missing != nil {
		return nil, &MissingError{t.Event, missing}
	}
	return clean, nil
}

// piece is a filled-in part of a line. Literals may hold addresses to be made
// clickable, values may not: only a Link is one.
type piece struct {
	text    string
	literal bool
	link    bool
	heading bool // the whole line is one
}

// fill puts the values into the lines, leaves out those whose optional values
// are empty, and keeps at most one blank line between others.
func (t *Template) fill(values map[string]string) [][]piece {
	var out [][]piece
	for _, l := range t.lines {
		pieces, keep := fillLine(l, values)
		if !keep || len(pieces) == 0 && (len(out) == 0 || len(out[len(out)-1]) == 0) {
			continue
		}
		out = append(out, pieces)
	}
	for len(out) > 0 && len(out[len(out)-1]) == 0 {
		out = out[:len(out)-1]
	}
	return out
}

func fillLine(l line, values map[string]string) (pieces []piece, keep bool) {
	if l.blank() {
		return nil, true
	}
	for _, s := range l {
		switch {
		case s.v == nil:
			pieces = appendLiteral(pieces, s.literal)
		case values[s.v.Name] == "":
			return nil, false
		case s.inLink:
			pieces = appendLiteral(pieces, inAddress(values[s.v.Name]))
		default:
			pieces = append(pieces, piece{text: values[s.v.Name], link: s.v.Kind == Link})
		}
	}
	return pieces, true
}

// appendLiteral joins neighbouring literals, so that an address with a value
// in it is found whole.
func appendLiteral(pieces []piece, text string) []piece {
	if n := len(pieces); n > 0 && pieces[n-1].literal {
		pieces[n-1].text += text
		return pieces
	}
	return append(pieces, piece{text: text, literal: true})
}

// fillSubject gives the subject on one line: no value can add a header.
func (t *Template) fillSubject(values map[string]string) string {
	var b strings.Builder
	for _, s := range t.subject {
		switch {
		case s.v == nil:
			b.WriteString(s.literal)
		case s.inLink:
			b.WriteString(inAddress(values[s.v.Name]))
		default:
			b.WriteString(values[s.v.Name])
		}
	}
	return cleanValue(Line, b.String())
}

func plain(lines [][]piece) string {
	var b strings.Builder
	for i, l := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, p := range l {
			b.WriteString(p.text)
		}
	}
	return b.String()
}
