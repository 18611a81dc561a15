package rfc822

import "bytes"

// section reads the header section at the start of raw and returns what
// follows it. It copes with missing blank lines, garbage between the fields,
// mbox lines, folds of white space alone and blank lines on top. top is true
// for the message itself, false for its parts.
func (r *reader) section(raw []byte, top bool) (Header, []byte) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	h := Header{src: raw}
	for at := 0; at < len(raw); {
		line, rest := cutLine(raw[at:])
		next := len(raw) - len(rest)
		switch {
		case next > r.lim.Header, r.fields >= r.lim.Fields:
			r.over(OverHeader)
			h.add(line, at, min(next, max(at, r.lim.Header)))
			return h, afterBlank(raw[at:])
		case isBlank(line):
			if h.Len() == 0 && top && blankOnTop(raw[next:]) {
				r.note("blank_line_on_top")
				break
			}
			if len(line) == 0 || !continues(rest) {
				return h, rest
			}
			h.extend(at, next)
		case isSpace(line[0]):
			h.extend(at, next)
		case h.add(line, at, next):
			r.fields++
		case h.Len() == 0 && isMbox(line):
		case startsKnown(rest):
			r.note("header_garbage")
		default:
			r.note("no_blank_line")
			return h, raw[at:]
		}
		at = next
	}
	return h, r.textAfterFields(&h)
}

// add appends the line as a field; it reports false when the line is none.
func (h *Header) add(line []byte, at, end int) bool {
	name := fieldName(line)
	if name == nil {
		return false
	}
	colon := at + bytes.IndexByte(line, ':') + 1
	h.fields = append(h.fields, field{int32(at), int32(at + len(name)), int32(colon), int32(max(colon, end))})
	return true
}

// extend lengthens the last field over a folded line that follows it directly.
func (h *Header) extend(at, end int) {
	if n := len(h.fields); n > 0 && int(h.fields[n-1].end) == at {
		h.fields[n-1].end = int32(end)
	}
}

// textAfterFields is for a header section that reaches the end of the input:
// trailing lines that only look like fields are the text.
func (r *reader) textAfterFields(h *Header) []byte {
	n := len(h.fields)
	for n > 0 && !knownName(h.name(n-1)) {
		n--
	}
	if n == 0 || n == len(h.fields) {
		return nil
	}
	text := h.src[h.fields[n].nameAt:]
	h.fields = h.fields[:n]
	r.note("no_blank_line")
	return text
}

// blankOnTop reports whether header fields follow some blank lines; it looks
// at a few lines only.
func blankOnTop(b []byte) bool {
	for range 5 {
		line, rest := cutLine(b)
		if !isBlank(line) {
			return startsKnown(b)
		}
		b = rest
	}
	return false
}

func startsKnown(b []byte) bool {
	line, _ := cutLine(b[:min(len(b), 512)])
	name := fieldName(line)
	return name != nil && knownName(name)
}

// continues reports whether a header section goes on after a line of white
// space alone.
func continues(next []byte) bool {
	line, _ := cutLine(next[:min(len(next), 512)])
	if len(line) == 0 {
		return false
	}
	return isSpace(line[0]) && !isBlank(line) || fieldName(line) != nil
}

func isMbox(line []byte) bool {
	return bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))
}

// afterBlank is what follows the first empty line.
func afterBlank(b []byte) []byte {
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return nil
		}
		b = b[i+1:]
		if len(b) > 0 && b[0] == '\n' {
			return b[1:]
		}
		if len(b) > 1 && b[0] == '\r' && b[1] == '\n' {
			return b[2:]
		}
	}
}
