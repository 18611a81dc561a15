package rfc822

import (
	"bytes"
	"slices"
	"strings"
)

// Entity is a message or one of its parts.
type Entity struct {
	Header Header
	Type   Value  // Content-Type; Main is never empty
	Body   []byte // still encoded, a piece of the message
	Parts  []*Entity
	// Lied says that the declared transfer encoding was not the true one.
	Lied bool
}

// Message is a whole mail.
type Message struct {
	Entity
	// Exceeded are the limits that the message is over (OverTotal, ...).
	Exceeded []string
	// Notes are what had to be guessed or repaired, as stable codes.
	Notes []string
	lim   Limits
}

// Read takes a message apart. The entities point into raw, which must not
// change afterwards.
func Read(raw []byte, lim Limits) *Message {
	r := reader{lim: lim}
	m := &Message{lim: lim}
	if onlyCR(raw) {
		raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
		r.note("bare_cr")
	}
	if int64(len(raw)) > lim.Total {
		r.over(OverTotal)
		m.Header, m.Body = r.section(raw, true)
		m.Type = Value{Main: "application/octet-stream"}
	} else {
		r.entity(&m.Entity, raw, 0, "text/plain")
	}
	m.Exceeded, m.Notes = r.exceeded, r.notes
	return m
}

// reader counts what a message has cost so far.
type reader struct {
	lim             Limits
	parts, fields   int
	decoded         int64 // bytes of encoded messages that were opened
	exceeded, notes []string
}

func (r *reader) note(code string) {
	if !slices.Contains(r.notes, code) {
		r.notes = append(r.notes, code)
	}
}

func (r *reader) over(code string) {
	if !slices.Contains(r.exceeded, code) {
		r.exceeded = append(r.exceeded, code)
	}
}

// entity reads one part and what is inside it.
func (r *reader) entity(e *Entity, raw []byte, depth int, deflt string) {
	e.Header, e.Body = r.section(raw, depth == 0)
	e.Type = contentType(e.Header.Get("Content-Type"), deflt)
	e.Header.Charset = e.Type.Raw("charset")
	switch {
	case strings.HasPrefix(e.Type.Main, "multipart/"):
		r.multipart(e, depth)
	case e.Type.Main == "message/rfc822" || e.Type.Main == "message/global":
		if depth >= r.lim.Depth {
			r.over(OverDepth)
			return
		}
		body := e.Body
		if name, _ := transferName(e.Header.Get("Content-Transfer-Encoding")); name != identity {
			if r.decoded += int64(len(body)); r.decoded > r.lim.Part {
				r.over(OverPart)
				return
			}
			body, _ = e.decode()
		}
		child := &Entity{}
		r.parts++
		r.entity(child, body, depth+1, "text/plain")
		e.Parts = []*Entity{child}
	}
}

// contentType reads the type; what is no type becomes the default, and the
// short forms of old mailers are understood.
func contentType(s, deflt string) Value {
	v := ParseValue(s)
	switch v.Main {
	case "":
		v.Main = deflt
	case "text", "plain", "text/":
		v.Main = "text/plain"
	case "html", "text/htm":
		v.Main = "text/html"
	case "multipart", "multipart/":
		v.Main = "multipart/mixed"
	}
	if kind, sub, ok := strings.Cut(v.Main, "/"); !ok || kind == "" || sub == "" || len(v.Main) > 120 {
		v.Main = "application/octet-stream"
	}
	return v
}

func (r *reader) multipart(e *Entity, depth int) {
	if depth >= r.lim.Depth {
		r.over(OverDepth)
		return
	}
	boundary := strings.TrimRight(e.Type.Raw("boundary"), " \t")
	pieces, closed := r.split(e.Body, boundary)
	if len(pieces) == 0 {
		if boundary = guessBoundary(e.Body); boundary != "" {
			r.note("boundary_guessed")
			pieces, closed = r.split(e.Body, boundary)
		}
	}
	if len(pieces) == 0 {
		if len(bytes.TrimSpace(e.Body)) > 0 {
			r.note("no_boundary")
			e.Type.Main = "text/plain"
			if looksHTML(e.Body) {
				e.Type.Main = "text/html"
			}
		}
		return
	}
	if !closed {
		r.note("no_final_boundary")
	}
	deflt := "text/plain"
	if e.Type.Main == "multipart/digest" {
		deflt = "message/rfc822"
	}
	for _, p := range pieces {
		child := &Entity{}
		r.entity(child, p, depth+1, deflt)
		if !adopt(e.Parts, child, boundary) {
			e.Parts = append(e.Parts, child)
		}
	}
}

// adopt gives a text part to the empty multipart before it when that has the
// very boundary of its parent: then the parent's lines were meant for it.
func adopt(before []*Entity, child *Entity, boundary string) bool {
	if len(before) == 0 || !strings.HasPrefix(child.Type.Main, "text/") {
		return false
	}
	last := before[len(before)-1]
	if !strings.HasPrefix(last.Type.Main, "multipart/") || len(bytes.TrimSpace(last.Body)) > 0 ||
		strings.TrimRight(last.Type.Raw("boundary"), " \t") != boundary {
		return false
	}
	last.Parts = append(last.Parts, child)
	return true
}

// split cuts a body at its boundary lines. closed says that the last one was
// the closing one.
func (r *reader) split(body []byte, boundary string) (pieces [][]byte, closed bool) {
	if boundary == "" {
		return nil, false
	}
	delimiter := []byte("--" + boundary)
	start := -1
	for at := 0; ; {
		i := bytes.Index(body[at:], delimiter)
		if i < 0 {
			break
		}
		i += at
		end, final, ok := delimiterLine(body, i, len(delimiter))
		if !ok {
			at = i + 2
			continue
		}
		if start >= 0 {
			pieces = append(pieces, beforeDelimiter(body[start:i]))
		}
		at, start, closed = end, end, final
		if final {
			start = -1 // what follows is no part, unless another boundary line comes
			continue
		}
		if r.parts >= r.lim.Parts {
			r.over(OverParts)
			return pieces, true
		}
		r.parts++
	}
	if start >= 0 && start < len(body) {
		pieces = append(pieces, body[start:])
	}
	return pieces, closed
}

// delimiterLine checks that the delimiter found at i stands alone on a line,
// and says where the next line begins.
func delimiterLine(body []byte, i, length int) (end int, final, ok bool) {
	if i > 0 && body[i-1] != '\n' && body[i-1] != '\r' {
		return 0, false, false
	}
	j := i + length
	if bytes.HasPrefix(body[j:], []byte("--")) {
		final = true
		j += 2
	}
	for j < len(body) && (isSpace(body[j]) || body[j] == '\r') {
		j++
	}
	switch {
	case j == len(body):
		return j, final, true
	case body[j] == '\n':
		return j + 1, final, true
	default:
		return 0, false, false
	}
}

// beforeDelimiter takes off the line end that belongs to the delimiter.
func beforeDelimiter(b []byte) []byte {
	b = bytes.TrimSuffix(b, []byte("\n"))
	return trimCR(b)
}

// guessBoundary finds a boundary where the header names none or a wrong one:
// the first line that starts with "--" and is followed by part headers.
func guessBoundary(body []byte) string {
	for at := 0; at < len(body); {
		if at > 0 {
			i := bytes.Index(body[at-1:], []byte("\n--"))
			if i < 0 {
				return ""
			}
			at += i
		}
		line, rest := cutLine(body[at:])
		b := bytes.TrimRight(bytes.TrimPrefix(line, []byte("--")), " \t")
		if bytes.HasPrefix(line, []byte("--")) && len(b) > 0 && len(b) <= 200 {
			next, _ := cutLine(rest[:min(len(rest), 200)])
			if n := fieldName(next); n != nil && len(n) > 8 && equalFold(n[:8], "content-") {
				return string(b)
			}
		}
		at = len(body) - len(rest)
		if at == 0 {
			break
		}
	}
	return ""
}

func looksHTML(b []byte) bool {
	b = bytes.ToLower(bytes.TrimSpace(b[:min(len(b), 1024)]))
	return bytes.HasPrefix(b, []byte("<html")) || bytes.HasPrefix(b, []byte("<!doctype html"))
}
