package rfc822

import (
	"bytes"
	"strings"
)

// decode undoes the transfer encoding, the true one when the header lies
// (mail rule 30). notes are stable codes of what was odd.
func (e *Entity) decode() (out []byte, notes []string) {
	name, known := transferName(e.Header.Get("Content-Transfer-Encoding"))
	if !known {
		notes = append(notes, "unknown_encoding")
	}
	switch name {
	case b64:
		out, junk, ok := decodeBase64(e.Body)
		switch {
		case !ok:
			e.Lied = true
			return e.Body, append(notes, "encoding_lied")
		case junk:
			notes = append(notes, "base64_junk")
		}
		return out, notes
	case qp:
		if strings.HasPrefix(e.Type.Main, "image/") && bytes.IndexByte(e.Body, 0) >= 0 {
			e.Lied = true
			return e.Body, append(notes, "encoding_lied")
		}
		out, odd := decodeQP(e.Body)
		if odd {
			notes = append(notes, "quoted_printable_odd")
		}
		return out, notes
	case uu:
		if out, ok := decodeUU(e.Body); ok {
			return out, notes
		}
		e.Lied = true
		return e.Body, append(notes, "encoding_lied")
	default:
		if !strings.HasPrefix(e.Type.Main, "text/") && !strings.HasPrefix(e.Type.Main, "message/") && allBase64(e.Body) {
			if out, _, ok := decodeBase64(e.Body); ok {
				e.Lied = true
				return out, append(notes, "encoding_lied")
			}
		}
		return e.Body, notes
	}
}

// allBase64 reports whether a body that is declared plain is base64 in truth:
// several lines, nothing but its alphabet.
func allBase64(b []byte) bool {
	b = bytes.TrimSpace(b)
	if len(b) < 60 || len(bytes.TrimRight(b, "="))%2 == 1 && b[len(b)-1] != '=' {
		return false
	}
	line, _ := cutLine(b)
	if len(line) < 40 || len(line) > 100 {
		return false
	}
	for _, c := range b {
		if alphabet[c] == 255 || isSpace(c) {
			return false
		}
	}
	return true
}

// Content is the decoded body. When it would be over the limit of a part,
// tooLarge is true and there is none; size then is an estimate.
func (m *Message) Content(e *Entity) (body []byte, size int64, tooLarge bool) {
	n := int64(len(e.Body))
	if name, _ := transferName(e.Header.Get("Content-Transfer-Encoding")); name == b64 {
		n = n / 78 * 57
	}
	if n > m.lim.Part {
		m.over(OverPart)
		return nil, n, true
	}
	body, notes := e.decode()
	for _, code := range notes {
		m.Note(code)
	}
	if int64(len(body)) > m.lim.Part {
		m.over(OverPart)
		return nil, int64(len(body)), true
	}
	return body, int64(len(body)), false
}

// Note adds a remark once.
func (m *Message) Note(code string) {
	r := reader{notes: m.Notes}
	r.note(code)
	m.Notes = r.notes
}

func (m *Message) over(code string) {
	r := reader{exceeded: m.Exceeded}
	r.over(code)
	m.Exceeded = r.exceeded
}

// Charset is the charset that the part declares, if any.
func (e *Entity) Charset() string { return e.Type.Raw("charset") }

// Disposition is the Content-Disposition, its Main "" when there is none.
func (e *Entity) Disposition() Value { return ParseValue(e.Header.Get("Content-Disposition")) }

// ID is the Content-ID without <>, or "".
func (e *Entity) ID() string { return strings.Trim(e.Header.Get("Content-ID"), " \t<>") }
