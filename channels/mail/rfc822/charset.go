package rfc822

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Charset names returned by DecodeCharset, beside those of the WHATWG.
const (
	UTF8  = "utf-8"
	ASCII = "us-ascii"
	Latin = "windows-1252"
)

// aliases are names that the WHATWG's table does not know or that mail uses
// for something wider than what they say (mail rule 28).
var aliases = map[string]encoding.Encoding{
	"gb2312":              simplifiedchinese.GB18030,
	"gb_2312-80":          simplifiedchinese.GB18030,
	"gbk":                 simplifiedchinese.GB18030,
	"cp936":               simplifiedchinese.GB18030,
	"x-gbk":               simplifiedchinese.GB18030,
	"hz-gb-2312":          simplifiedchinese.HZGB2312,
	"ks_c_5601":           korean.EUCKR,
	"ks_c_5601-1987":      korean.EUCKR,
	"cp949":               korean.EUCKR,
	"uhc":                 korean.EUCKR,
	"iso-2022-jp-ms":      japanese.ISO2022JP,
	"iso-2022-jp-1":       japanese.ISO2022JP,
	"iso-2022-jp-2":       japanese.ISO2022JP,
	"cp932":               japanese.ShiftJIS,
	"ansi":                charmap.Windows1252,
	"ansi_x3.110-1983":    charmap.Windows1252,
	"latin-1":             charmap.Windows1252,
	"iso8859":             charmap.Windows1252,
	"iso-8859":            charmap.Windows1252,
	"iso-8859-1-windows":  charmap.Windows1252,
	"windows1252":         charmap.Windows1252,
	"win-1252":            charmap.Windows1252,
	"cp-1252":             charmap.Windows1252,
	"8859_1":              charmap.Windows1252,
	"latin9":              charmap.ISO8859_15,
	"cp850":               charmap.CodePage850,
	"ibm850":              charmap.CodePage850,
	"cp437":               charmap.CodePage437,
	"ibm437":              charmap.CodePage437,
	"iso-2022-kr":         shiftedKorean{},
	"csiso2022kr":         shiftedKorean{},
	"utf8mb4":             unicode.UTF8,
	"utf-8-sig":           unicode.UTF8,
	"utf_8":               unicode.UTF8,
	"cp65001":             unicode.UTF8,
	"unicode":             unicode.UTF8,
	"utf-16":              unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
	"utf-7":               utf7{},
	"unicode-1-1-utf-7":   utf7{},
	"x-unicode-2-0-utf-7": utf7{},
}

// undeclared are names that declare nothing.
func undeclared(name string) bool {
	switch name {
	case "", "x-user-defined", "user-defined", "x-unknown", "unknown", "unknown-8bit", "x-unknown-8bit", "default", "default_charset", "charset",
		"binary", "8bit", "7bit", "us-ascii", "ascii", "ansi_x3.4-1968", "_autodetect", "_autodetect_all", "none", "(null)":
		return true
	default:
		return false
	}
}

// codePage is a name of a code page as old mailers write it: "x-cp850", "cp-850",
// "ibm_437".
var codePage = regexp.MustCompile(`^(?:x-)?(cp|ibm)[-_ ]?([0-9]{3,5})$`)

// lookup finds the encoding of a declared name and its usual name; nil when
// nothing is declared or nobody knows it.
func lookup(declared string) (encoding.Encoding, string) {
	name := strings.ToLower(strings.Trim(declared, " \t\"'<>;,."))
	name = strings.TrimPrefix(name, "charset=")
	if undeclared(name) || len(name) > 60 {
		return nil, ""
	}
	if e, ok := aliases[name]; ok {
		if n, err := htmlindex.Name(e); err == nil {
			return e, n
		}
		return e, name
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		if m := codePage.FindStringSubmatch(name); m != nil && m[1]+m[2] != name {
			return lookup(m[1] + m[2])
		}
		if e, err = ianaindex.MIME.Encoding(name); err != nil || e == nil {
			return nil, ""
		}
	}
	if e == encoding.Replacement {
		return nil, ""
	}
	if n, err := htmlindex.Name(e); err == nil {
		name = n
	}
	return e, name
}

// DecodeCharset turns bytes into text by the chain of mail rule 28: byte order
// mark, declared charset, detection, windows-1252. It never gives less text
// than there are bytes: what is invalid becomes U+FFFD. used is the charset
// that was decided on; ASCII bytes are "us-ascii".
func DecodeCharset(b []byte, declared string) (text, used string) {
	if e, name, skip := byteOrderMark(b); e != nil {
		return decodeWith(e, b[skip:]), name
	}
	enc, name := lookup(declared)
	if isASCII(b) && !shifts(name) {
		return string(b), ASCII
	}
	if enc == nil || strings.HasPrefix(name, "utf-16") && isASCII(b) || name == "utf-16" && wide(b, 1) {
		return detect(b) // for UTF-16: it is none, or the mark of its byte order is missing
	}
	if cannotBe(enc, name, b) {
		return detect(b)
	}
	if name == UTF8 || name == Latin || strings.HasPrefix(name, "iso-8859-") || manyUTF8(b) && !shifts(name) {
		// A single-byte charset fits any bytes, UTF-8 hardly ever by chance.
		if utf8.Valid(b) {
			return unC1(string(b)), UTF8
		}
		if name == UTF8 && !mostlyUTF8(b) {
			return detect(b)
		}
	}
	text = decodeWith(enc, b)
	if bad := strings.Count(text, "\ufffd"); bad > 0 && name != UTF8 && bad*4 > len(b)-asciiBytes(b) {
		return detect(b)
	}
	if table, ok := enc.(*charmap.Charmap); ok {
		text = filled(table, b)
	}
	return text, name
}

// SameCharset reports whether a declared name means the charset used.
func SameCharset(declared, used string) bool {
	_, name := lookup(declared)
	return name == used
}

func byteOrderMark(b []byte) (encoding.Encoding, string, int) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return unicode.UTF8, UTF8, 3
	case bytes.HasPrefix(b, []byte("\xff\xfe")) && len(b) > 3:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16le", 2
	case bytes.HasPrefix(b, []byte("\xfe\xff")) && len(b) > 3:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "utf-16be", 2
	default:
		return nil, "", 0
	}
}

// detect guesses between the charsets that undeclared mail here really has.
func detect(b []byte) (string, string) {
	switch {
	case bytes.Contains(b, []byte("\x1b$B")), bytes.Contains(b, []byte("\x1b$@")):
		return decodeWith(japanese.ISO2022JP, b), "iso-2022-jp"
	case mostlyUTF8(b):
		return unC1(strings.ToValidUTF8(string(b), "\ufffd")), UTF8
	case wide(b, 1):
		return decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), b), "utf-16le"
	case wide(b, 0):
		return decodeWith(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), b), "utf-16be"
	case asciiBytes(b) == len(b):
		return string(b), ASCII // with some NUL in it
	default:
		return decodeWith(charmap.Windows1252, b), Latin
	}
}

func decodeWith(e encoding.Encoding, b []byte) string {
	if e == unicode.UTF8 {
		return unC1(strings.ToValidUTF8(string(b), "\ufffd"))
	}
	out, err := e.NewDecoder().Bytes(b)
	if err != nil { // a decoder that stops half-way: no byte may be lost
		rest, _ := charmap.Windows1252.NewDecoder().Bytes(b)
		return string(rest)
	}
	return string(out)
}

// cannotBe reports whether bytes show that they are not in a charset though it would
// read them: UTF-7 has no byte above 127, UTF-16 hardly a text without a NUL, EBCDIC
// no space where ASCII has it.
func cannotBe(e encoding.Encoding, name string, b []byte) bool {
	switch table, ok := e.(*charmap.Charmap); {
	case strings.Contains(name, "utf-7"):
		return asciiBytes(b) < len(b)
	case strings.Contains(name, "utf16"), strings.HasPrefix(name, "utf-16"):
		return bytes.IndexByte(b, 0) < 0 && asciiBytes(b)*2 > len(b)
	case ok:
		return table.DecodeByte(' ') != ' ' && bytes.IndexByte(b, ' ') >= 0
	}
	return false
}

// filled decodes by a table of single bytes; a byte that the table lacks is what it is
// in windows-1252, whose quotation marks come under every name.
func filled(table *charmap.Charmap, b []byte) string {
	var out strings.Builder
	out.Grow(len(b))
	for _, c := range b {
		r := table.DecodeByte(c)
		if r == utf8.RuneError {
			r = charmap.Windows1252.DecodeByte(c)
		}
		out.WriteRune(r)
	}
	return out.String()
}

// unC1 reads the control characters U+0080 to U+009F, which stand in no text, as the
// letters that a converter took for them: byte 0x92 became U+0092 and was an apostrophe.
func unC1(s string) string {
	if !strings.Contains(s, "\xc2") {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= 0x80 && r < 0xa0 {
			return charmap.Windows1252.DecodeByte(byte(r))
		}
		return r
	}, s)
}

// manyUTF8 reports whether b is UTF-8 with so many letters of several bytes that no
// other charset has it by chance.
func manyUTF8(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	n := utf8.RuneCount(b)
	return len(b)-n > 5 && len(b)-asciiBytes(b) > 8
}

// mostlyUTF8 reports whether b has more valid sequences of several bytes than
// invalid bytes.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		b = b[n:]
	}
	return good > bad
}

// wide reports whether nearly each second byte, from offset on, is NUL.
func wide(b []byte, offset int) bool {
	b = b[:min(len(b), 1024)]
	nul, n := 0, 0
	for i := offset; i < len(b); i += 2 {
		n++
		if b[i] == 0 {
			nul++
		}
	}
	return n > 4 && nul*10 > n*7
}

// shifts reports whether the charset writes other letters in ASCII bytes.
func shifts(name string) bool {
	return strings.HasPrefix(name, "iso-2022") || strings.HasPrefix(name, "utf-16") ||
		strings.HasPrefix(name, "hz") || strings.Contains(name, "utf-7")
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf || c == 0 || c == 0x1b {
			return false
		}
	}
	return true
}

func asciiBytes(b []byte) int {
	n := 0
	for _, c := range b {
		if c < utf8.RuneSelf {
			n++
		}
	}
	return n
}
