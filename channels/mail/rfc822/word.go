package rfc822

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// DecodeWords decodes the encoded words of RFC 2047 in a header value, also
// in the ways in which mailers write them wrongly: words split inside a
// character, without white space between, inside quotes, with spaces, in
// lower case, without an end (mail rule 29). Raw 8-bit text is taken for
// UTF-8 or else for hint. The cost is linear.
func DecodeWords(s, hint string) string {
	if !strings.Contains(s, "=?") {
		return rawText(s, hint)
	}
	d := wordDecoder{hint: hint}
	lit := 0 // where the literal text before the next word begins
	for i := 0; ; {
		j := strings.Index(s[i:], "=?")
		if j < 0 {
			break
		}
		i += j
		w, end, ok := parseWord(s, i)
		if !ok {
			i += 2
			continue
		}
		d.literal(s[lit:i])
		d.word(w)
		i, lit = end, end
	}
	d.after = false
	d.literal(s[lit:])
	return d.out.String()
}

// wordDecoder joins neighbouring words of one charset before it decodes them.
type wordDecoder struct {
	hint    string
	out     strings.Builder
	charset string
	pending []byte
	after   bool // an encoded word came last
}

func (d *wordDecoder) literal(s string) {
	if d.after && strings.Trim(s, " \t\r\n") == "" {
		return // white space between two words is not text
	}
	d.flush()
	d.out.WriteString(rawText(s, d.hint))
	d.after = false
}

func (d *wordDecoder) word(w encodedWord) {
	if len(d.pending) > 0 && !strings.EqualFold(d.charset, w.charset) {
		d.flush()
	}
	d.charset = w.charset
	d.pending = w.appendBytes(d.pending)
	d.after = true
}

func (d *wordDecoder) flush() {
	if len(d.pending) > 0 {
		text, _ := DecodeCharset(d.pending, d.charset)
		d.out.WriteString(text)
		d.pending = d.pending[:0]
	}
}

type encodedWord struct {
	charset string
	base64  bool
	text    string
}

// parseWord reads the encoded word at s[at:], which starts with "=?", and
// returns where it ends.
func parseWord(s string, at int) (w encodedWord, end int, ok bool) {
	rest := s[at+2:]
	q := strings.IndexByte(rest[:min(len(rest), 80)], '?')
	if q <= 0 || q+2 >= len(rest) {
		return w, 0, false
	}
	w.charset, _, _ = strings.Cut(strings.TrimSpace(rest[:q]), "*") // RFC 2231: charset*language
	if w.charset == "" || strings.ContainsAny(w.charset, " \t=<>,;\"") {
		return w, 0, false
	}
	k := q + 1
	for k < len(rest) && k < q+4 && isSpace(rest[k]) {
		k++
	}
	if k+1 >= len(rest) || rest[k+1] != '?' {
		return w, 0, false
	}
	switch rest[k] {
	case 'b', 'B':
		w.base64 = true
	case 'q', 'Q':
	default:
		return w, 0, false
	}
	text, length := wordText(rest[k+2:])
	w.text = text
	return w, at + 2 + k + 2 + length, true
}

// wordText is the text up to "?=", and how long it is with its end. Without an
// end it reaches to the next word, or to the first white space.
func wordText(s string) (text string, length int) {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '?' && s[i+1] == '=' {
			return s[:i], i + 2
		}
		if s[i] == '=' && s[i+1] == '?' && (i+2 >= len(s) || s[i+2] != '=') {
			text = strings.TrimRight(s[:i], " \t\r\n")
			return text, i
		}
	}
	end := strings.IndexAny(s, " \t\r\n")
	if end < 0 {
		end = len(s)
	}
	return strings.TrimRight(s[:end], "?"), end
}

func (w encodedWord) appendBytes(to []byte) []byte {
	if w.base64 {
		return appendBase64(to, w.text)
	}
	for i := 0; i < len(w.text); i++ {
		switch c := w.text[i]; c {
		case '_':
			to = append(to, ' ')
		case '=':
			if i+2 < len(w.text) {
				if v, ok := hexByte(w.text[i+1], w.text[i+2]); ok {
					to = append(to, v)
					i += 2
					break
				}
			}
			to = append(to, '=')
		default:
			to = append(to, c)
		}
	}
	return to
}

// appendBase64 decodes leniently: junk is skipped, padding may be missing or
// stand in the middle where words were glued together.
func appendBase64(to []byte, s string) []byte {
	if b, err := base64.StdEncoding.DecodeString(s); err == nil {
		return append(to, b...)
	}
	out, _ := lenientBase64(to, []byte(s))
	return out
}

func hexByte(a, b byte) (byte, bool) {
	x, ok1 := hexDigit(a)
	y, ok2 := hexDigit(b)
	return x<<4 | y, ok1 && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	default:
		return 0, false
	}
}

// rawText is header text that is not in encoded words.
func rawText(s, hint string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == 0x1b {
			text, _ := DecodeCharset([]byte(s), hint)
			return text
		}
	}
	return s
}
