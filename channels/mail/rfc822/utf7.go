package rfc822

import (
	"encoding/base64"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// utf7 decodes RFC 2152, which old Exchange servers still send.
type utf7 struct{}

func (utf7) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: &whole{read: decodeUTF7}}
}

// NewEncoder is part of the interface; nobody writes UTF-7.
func (utf7) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: encoding.Replacement.NewEncoder()}
}

// whole gathers everything and decodes at the end: shifted runs may be cut
// anywhere, and the text of a mail is bounded.
type whole struct {
	read func([]byte) []byte
	out  []byte
}

func (d *whole) Reset() { d.out = nil }

func (d *whole) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	if !atEOF {
		return 0, 0, transform.ErrShortSrc
	}
	if d.out == nil {
		d.out = d.read(src)
	}
	if len(dst) < len(d.out) {
		return 0, 0, transform.ErrShortDst
	}
	return copy(dst, d.out), len(src), nil
}

func decodeUTF7(src []byte) []byte {
	out := make([]byte, 0, len(src))
	for i := 0; i < len(src); i++ {
		if src[i] != '+' {
			out = append(out, src[i])
			continue
		}
		j := i + 1
		for j < len(src) && isBase64(src[j]) {
			j++
		}
		switch {
		case j == i+1 && j < len(src) && src[j] == '-': // "+-" is a plus
			out = append(out, '+')
		case j == i+1:
			out = append(out, '+')
			continue
		default:
			out = append(out, utf16Text(src[i+1:j])...)
		}
		i = j - 1
		if j < len(src) && src[j] == '-' {
			i = j
		}
	}
	return out
}

func isBase64(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}

func utf16Text(b []byte) string {
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(b)))
	n, _ := base64.RawStdEncoding.Decode(raw, b) // what could be read is used
	units := make([]uint16, 0, n/2)
	for i := 0; i+1 < n; i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}
