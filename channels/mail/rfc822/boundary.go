package rfc822

import "bytes"

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
			if n := fieldName(next); len(n) > 8 && equalFold(n[:8], "content-") {
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
