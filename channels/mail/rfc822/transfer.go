package rfc822

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// Transfer encodings as this package names them.
const (
	identity = ""
	b64      = "base64"
	qp       = "quoted-printable"
	uu       = "uuencode"
)

// transferName understands what mailers write for the encodings; known is
// false for a name that nobody knows, which is read as identity.
func transferName(s string) (name string, known bool) {
	s = strings.ToLower(strings.Trim(dropComments(s), " \t\"';:,."))
	switch s {
	case "", "7bit", "8bit", "binary", "7-bit", "8-bit", "7 bit", "8 bit", "none", "identity":
		return identity, true
	case "base64", "base-64", "base 64", "b64", "x-base64":
		return b64, true
	case "quoted-printable", "quoted_printable", "quotedprintable", "quoted printable", "qp", "quoted-printeable",
		"quote-printable":
		return qp, true
	case "uuencode", "x-uuencode", "x-uue", "uue":
		return uu, true
	default:
		return identity, false
	}
}

// lenientBase64 skips what is no base64. Padding ends a group, not the text,
// since some mailers glue encoded pieces together. junk counts the bytes that
// were neither alphabet nor white space.
func lenientBase64(to, s []byte) (out []byte, junk int) {
	var group uint32
	n := 0
	flush := func() {
		switch n {
		case 2:
			to = append(to, byte(group>>4))
		case 3:
			to = append(to, byte(group>>10), byte(group>>2))
		}
		group, n = 0, 0
	}
	for _, c := range s {
		v := alphabet[c]
		switch {
		case v < 64:
			group = group<<6 | uint32(v)
			if n++; n == 4 {
				to = append(to, byte(group>>16), byte(group>>8), byte(group))
				group, n = 0, 0
			}
		case c == '=':
			flush()
		case v == 255:
			junk++
		}
	}
	flush()
	return to, junk
}

// alphabet has the value of each base64 digit, 254 for white space and 255 for
// all else. The URL alphabet is understood too.
var alphabet = func() (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for i, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		t[c] = byte(i)
	}
	t['-'], t['_'] = 62, 63
	for _, c := range " \t\r\n=" {
		t[c] = 254
	}
	return t
}()

// decodeBase64 decodes a body; ok is false when it is no base64 at all: it
// begins with words, or more than one byte in eight is junk.
func decodeBase64(body []byte) (out []byte, junk, ok bool) {
	out = make([]byte, base64.StdEncoding.DecodedLen(len(body)))
	if n, err := base64.StdEncoding.Decode(out, body); err == nil {
		return out[:n], false, true
	}
	body, appended := beforeFooter(body)
	out, bad := lenientBase64(out[:0], body)
	if bad > len(body)/8 || appended && len(body) == 0 {
		return nil, true, false
	}
	return out, bad > 0 || appended, true
}

// beforeFooter cuts off a footer that a mailing list wrote in plain text below
// a base64 body: the first line of words, or of a drawn rule.
func beforeFooter(body []byte) (encoded []byte, cut bool) {
	for at := 0; at < len(body); {
		line, rest := cutLine(body[at:])
		if footerLine(line) {
			return body[:at], true
		}
		at = len(body) - len(rest)
		if len(rest) == 0 {
			break
		}
	}
	return body, false
}

func footerLine(line []byte) bool {
	line = bytes.TrimSpace(line)
	if len(line) >= 2 && (len(bytes.Trim(line, "_")) == 0 || len(bytes.Trim(line, "-")) == 0) {
		return true
	}
	words, longest := 0, 0
	for w := range bytes.FieldsSeq(line) {
		words++
		longest = max(longest, len(w))
	}
	return words > 1 && longest < 20
}

// decodeQP decodes quoted-printable; broken sequences stay as they are.
// odd says that there were some.
func decodeQP(body []byte) (out []byte, odd bool) {
	out = make([]byte, 0, len(body))
	for len(body) > 0 {
		i := bytes.IndexByte(body, '\n')
		line, end := body, false
		if i >= 0 {
			line, body, end = body[:i], body[i+1:], true
		} else {
			body = nil
		}
		line = bytes.TrimRight(line, " \t\r")
		soft := len(line) > 0 && line[len(line)-1] == '='
		if soft {
			line = line[:len(line)-1]
		}
		var bad bool
		out, bad = appendQP(out, line)
		odd = odd || bad
		if end && !soft {
			out = append(out, '\r', '\n')
		}
	}
	return out, odd
}

func appendQP(out, line []byte) ([]byte, bool) {
	odd := false
	for {
		i := bytes.IndexByte(line, '=')
		if i < 0 {
			return append(out, line...), odd
		}
		out = append(out, line[:i]...)
		if i+2 < len(line) {
			if v, ok := hexByte(line[i+1], line[i+2]); ok {
				out = append(out, v)
				line = line[i+3:]
				continue
			}
		}
		out = append(out, '=')
		odd = true
		line = line[i+1:]
	}
}

// decodeUU decodes uuencode; ok is false when no "begin" line is found.
func decodeUU(body []byte) (out []byte, ok bool) {
	begin := bytes.Index(body, []byte("begin "))
	if begin < 0 {
		return nil, false
	}
	_, body = cutLine(body[begin:])
	out = make([]byte, 0, len(body)*3/4)
	for len(body) > 0 {
		var line []byte
		line, body = cutLine(body)
		if len(line) == 0 || line[0] == '`' || line[0] == ' ' || bytes.HasPrefix(line, []byte("end")) {
			break
		}
		n := int(line[0]-' ') & 63
		from := len(out)
		for i := 1; i < len(line); i += 4 {
			var v [4]byte
			for k := range v {
				if i+k < len(line) {
					v[k] = (line[i+k] - ' ') & 63
				}
			}
			out = append(out, v[0]<<2|v[1]>>4, v[1]<<4|v[2]>>2, v[2]<<6|v[3])
		}
		out = out[:min(len(out), from+n)]
	}
	return out, true
}
