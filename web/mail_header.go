package web

import (
	"bytes"
	"mime"
	"strings"
	"unicode"

	"filodiretto/web/page"
)

// How much of a header a page shows.
const (
	headerBytes = 32 << 10
	headerLines = 80
	headerValue = 1000
)

// mailHeaders are the header lines of a mail as it came, for people who want to
// know why it was held: unfolded, encoded words read where they can be, nothing
// interpreted.
func mailHeaders(raw []byte) []page.Header {
	raw = raw[:min(len(raw), headerBytes)]
	var out []page.Header
	for line := range bytes.Lines(raw) {
		text := strings.TrimRight(string(line), "\r\n")
		if strings.TrimSpace(text) == "" {
			if len(out) == 0 {
				continue // blank lines on top
			}
			break
		}
		if (text[0] == ' ' || text[0] == '\t') && len(out) > 0 {
			last := &out[len(out)-1]
			last.Value += " " + strings.TrimSpace(text)
			continue
		}
		name, value, ok := strings.Cut(text, ":")
		if !ok || len(out) == headerLines {
			break
		}
		out = append(out, page.Header{Name: printable(name), Value: strings.TrimSpace(value)})
	}
	var words mime.WordDecoder
	for i := range out {
		if v, err := words.DecodeHeader(out[i].Value); err == nil {
			out[i].Value = v
		}
		out[i].Value = printable(out[i].Value)
	}
	return out
}

// printable takes out what does not print or turns the direction of the text.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if r := []rune(s); len(r) > headerValue {
		s = string(r[:headerValue]) + "…"
	}
	return s
}
