package rfc822

import (
	"bytes"
	"strings"
)

// Header is the header section of a message or part, in its order.
type Header struct {
	src    []byte
	fields []field
	// Charset is what raw 8-bit bytes are taken for when they are not UTF-8,
	// usually the charset of the text; empty means windows-1252.
	Charset string
}

// field holds offsets into the section; the value still has its folds. Small,
// because a hostile header may have very many.
type field struct{ nameAt, nameEnd, at, end int32 }

func (h *Header) name(i int) []byte  { return h.src[h.fields[i].nameAt:h.fields[i].nameEnd] }
func (h *Header) value(i int) []byte { return h.src[h.fields[i].at:h.fields[i].end] }

// Get is the first value of the field, unfolded and trimmed, its bytes as they
// came. It is empty when there is none.
func (h *Header) Get(name string) string {
	for i := range h.fields {
		if equalFold(h.name(i), name) {
			return unfold(h.value(i))
		}
	}
	return ""
}

// Values are all values of the field, from the top of the message down.
func (h *Header) Values(name string) []string {
	var out []string
	for i := range h.fields {
		if equalFold(h.name(i), name) {
			out = append(out, unfold(h.value(i)))
		}
	}
	return out
}

// Has reports whether the field is there, even if empty.
func (h *Header) Has(name string) bool {
	for i := range h.fields {
		if equalFold(h.name(i), name) {
			return true
		}
	}
	return false
}

// Len is the number of fields.
func (h *Header) Len() int { return len(h.fields) }

// Recognised reports whether at least one field is one that mail has; other
// bytes may have a colon in them too.
func (h *Header) Recognised() bool {
	for i := range h.fields {
		if knownName(h.name(i)) {
			return true
		}
	}
	return false
}

// Text is the first value that says anything, as people should read it:
// encoded words decoded, valid UTF-8, no control characters (mail rule 29).
func (h *Header) Text(name string) string {
	for i := range h.fields {
		if equalFold(h.name(i), name) {
			if s := CleanLine(DecodeWords(unfold(h.value(i)), h.Charset)); s != "" {
				return s
			}
		}
	}
	return ""
}

func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range b {
		if lower(b[i]) != lower(s[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func unfold(v []byte) string {
	v = bytes.Trim(v, " \t\r\n")
	if bytes.IndexByte(v, '\n') < 0 && bytes.IndexByte(v, '\r') < 0 {
		return string(v)
	}
	var b strings.Builder
	b.Grow(len(v))
	for len(v) > 0 {
		i := bytes.IndexAny(v, "\r\n")
		if i < 0 {
			b.Write(v)
			break
		}
		b.Write(v[:i])
		j := i
		for j < len(v) && (v[j] == '\r' || v[j] == '\n') {
			j++
		}
		if j < len(v) && !isSpace(v[j]) {
			b.WriteByte(' ') // a bare CR inside a line
		}
		v = v[j:]
	}
	return b.String()
}

// fieldName gives the name in "Name: value", or nil when the line is none.
func fieldName(line []byte) []byte {
	i := bytes.IndexByte(line, ':')
	if i <= 0 || i > 200 {
		return nil
	}
	name := bytes.TrimRight(line[:i], " \t")
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return nil
		}
	}
	if len(name) == 0 {
		return nil
	}
	return name
}

// knownName tells real header fields from lines of text that have a colon.
func knownName(name []byte) bool {
	switch n := strings.ToLower(string(name)); n {
	case "from", "to", "cc", "bcc", "subject", "date", "sender", "reply-to", "message-id", "in-reply-to",
		"references", "received", "return-path", "delivered-to", "mime-version", "dkim-signature",
		"authentication-results", "arc-seal", "arc-message-signature", "arc-authentication-results",
		"received-spf", "precedence", "auto-submitted", "importance", "priority", "sensitivity", "organization",
		"user-agent", "thread-topic", "thread-index", "accept-language", "envelope-to", "errors-to", "comments",
		"keywords", "disposition-notification-to", "return-receipt-to", "autocrypt", "feedback-id":
		return true
	default:
		return strings.HasPrefix(n, "content-") || strings.HasPrefix(n, "x-") || strings.HasPrefix(n, "list-") ||
			strings.HasPrefix(n, "resent-") || strings.HasPrefix(n, "original-")
	}
}

// Field is one field of a header: its name in lower case, its value unfolded.
type Field struct{ Name, Value string }

// Among are the fields of these names, from the top of the message down.
func (h *Header) Among(names ...string) []Field {
	var out []Field
	for i := range h.fields {
		for _, name := range names {
			if equalFold(h.name(i), name) {
				out = append(out, Field{strings.ToLower(name), unfold(h.value(i))})
			}
		}
	}
	return out
}
