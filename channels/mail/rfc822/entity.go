package rfc822

import (
	"bytes"
	"slices"
	"strings"
)

// Entity is a message or one of its parts.
type Entity struct {
	Raw    []byte // header and body as they came: what a signature is over
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
	e.Raw = raw
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
