package cms

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
)

// Bare takes off what a signed file may be wrapped in: PEM, or base64 that
// some programs save as it came. Bytes that are neither come back unchanged.
func Bare(b []byte) []byte {
	if len(b) > 0 && b[0] == 0x30 {
		if _, _, _, err := head(b); err == nil {
			return b
		}
	}
	if bytes.HasPrefix(bytes.TrimLeft(b, "\r\n\t "), []byte("-----BEGIN ")) {
		if block, _ := pem.Decode(b); block != nil {
			return block.Bytes
		}
	}
	text := bytes.TrimSpace(b)
	if len(text) < 16 || text[0] != 'M' { // what base64 makes of a SEQUENCE
		return b
	}
	packed := make([]byte, 0, len(text))
	for _, c := range text {
		if c != '\r' && c != '\n' && c != ' ' && c != '\t' {
			packed = append(packed, c)
		}
	}
	packed = bytes.TrimRight(packed, "=") // some leave the padding out
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(packed)))
	n, err := base64.RawStdEncoding.Decode(out, packed)
	if err != nil {
		return b
	}
	return out[:n]
}
