package mail

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// header is a header being written, field by field. No value can begin another
// field: what is not printable becomes a space first.
type header struct {
	buf  bytes.Buffer
	utf8 bool // the letter travels with SMTPUTF8: fields may hold raw UTF-8
}

// foldAt is the column after which a line is folded (RFC 5322 2.1.1).
const foldAt = 76

// field writes a value that is ASCII already, folded at spaces.
func (h *header) field(name, value string) {
	h.buf.WriteString(name)
	h.buf.WriteByte(':')
	column := len(name) + 1
	for word := range strings.SplitSeq(oneLine(value), " ") {
		if column+1+len(word) > foldAt && column > len(name)+1 {
			h.buf.WriteString("\r\n")
			column = 0
		}
		h.buf.WriteByte(' ')
		h.buf.WriteString(word)
		column += 1 + len(word)
	}
	h.buf.WriteString("\r\n")
}

// text writes words that people wrote, encoded where needed.
func (h *header) text(name, value string) {
	if value = strings.TrimSpace(oneLine(value)); value != "" {
		h.field(name, encodeWords(value))
	}
}

// ids writes message identifiers; unusable ones are left out.
func (h *header) ids(name string, ids ...string) {
	var b strings.Builder
	for _, id := range ids {
		if validID(id) {
			b.WriteString(" <" + id + ">")
		}
	}
	if b.Len() > 0 {
		h.field(name, b.String()[1:])
	}
}

// addresses writes a list of mailboxes; an empty list writes nothing.
func (h *header) addresses(name string, list ...recipient) {
	if len(list) == 0 {
		return
	}
	written := make([]string, len(list))
	for i, r := range list {
		written[i] = r.String()
		if !h.utf8 && !ascii(r.address) {
			written[i] = r.downgraded()
		}
	}
	h.field(name, strings.Join(written, ", "))
}

// end closes the header with its empty line.
func (h *header) end() []byte {
	h.buf.WriteString("\r\n")
	return h.buf.Bytes()
}

// oneLine makes one line of a text: line ends and other invisible controls
// become spaces, so that no value can hold a second field.
func oneLine(s string) string {
	clean := func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError
	}
	if !strings.ContainsFunc(s, clean) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", " ")
	return strings.Map(func(r rune) rune {
		if clean(r) {
			return ' '
		}
		return r
	}, s)
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// wordBytes is how many bytes of text go into one encoded word: with its frame
// the word is at most 60 characters, so that it fits behind a field's name.
const wordBytes = 36

// encodeWords writes a text as RFC 2047 wants it. Plain ASCII stays readable,
// unless it looks like an encoded word itself or has a word too long to fold.
func encodeWords(s string) string {
	if ascii(s) && !strings.Contains(s, "=?") && !longWord(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		n := 0
		for n < len(s) {
			_, size := utf8.DecodeRuneInString(s[n:])
			if n+size > wordBytes {
				break
			}
			n += size
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(s[:n])) + "?=")
		s = s[n:]
	}
	return b.String()
}

func longWord(s string) bool {
	for word := range strings.SplitSeq(s, " ") {
		if len(word) > foldAt-len("Subject: ") {
			return true
		}
	}
	return false
}

// fileParameter writes the name of a file as a parameter: plain names in
// quotes, others percent-encoded and in pieces when they are long (RFC 2231).
func fileParameter(name string) string {
	if ascii(name) && !strings.ContainsAny(name, `"\\%*'`) && len(name) <= wordBytes {
		return `filename="` + name + `"`
	}
	var pieces []string
	piece := "utf-8''"
	for _, r := range name {
		encoded := percent(r)
		if len(piece)+len(encoded) > foldAt-len(" filename*00*=;") {
			pieces = append(pieces, piece)
			piece = ""
		}
		piece += encoded
	}
	if len(pieces) == 0 {
		return "filename*=" + piece
	}
	var b strings.Builder
	for i, p := range append(pieces, piece) {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString("filename*" + strconv.Itoa(i) + "*=" + p)
	}
	return b.String()
}

// percent writes a character so that it can stand in a parameter.
func percent(r rune) string {
	if r < utf8.RuneSelf && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~", r)) {
		return string(r)
	}
	if r == ' ' {
		return "%20"
	}
	return url.QueryEscape(string(r))
}

// validID tells whether a Message-ID can stand between angle brackets.
func validID(id string) bool {
	if id == "" || len(id) > 900 {
		return false
	}
	for i := 0; i < len(id); i++ {
		if c := id[i]; c <= ' ' || c > '~' || c == '<' || c == '>' {
			return false
		}
	}
	return true
}

// validToken tells whether a text may be the detail of an address.
func validToken(token string) bool {
	for i := 0; i < len(token); i++ {
		c := token[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return token != ""
}
