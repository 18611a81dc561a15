package rfc822

import (
	"bytes"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/korean"
)

// shiftedKorean decodes ISO-2022-KR (RFC 1557), which browsers read no more and old
// mailers still write: EUC-KR in seven bits, between the signs "shift out" and
// "shift in".
type shiftedKorean struct{}

func (shiftedKorean) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: &whole{read: decodeShiftedKorean}}
}

// NewEncoder is part of the interface; nobody writes it.
func (shiftedKorean) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: encoding.Replacement.NewEncoder()}
}

func decodeShiftedKorean(src []byte) []byte {
	const shiftOut, shiftIn = 0x0e, 0x0f
	src = bytes.ReplaceAll(src, []byte("\x1b$)C"), nil)
	euc := make([]byte, 0, len(src))
	out := false
	for _, c := range src {
		switch {
		case c == shiftOut || c == shiftIn:
			out = c == shiftOut
			continue
		case c == '\n': // each line begins unshifted
			out = false
		case out && c > ' ' && c < 0x7f:
			c |= 0x80
		}
		euc = append(euc, c)
	}
	return []byte(decodeWith(korean.EUCKR, euc))
}
