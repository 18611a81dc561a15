package templates

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// Encoding is how an SMS travels.
type Encoding string

// The encodings of SMS.
const (
	GSM7 Encoding = "gsm7" // 160 septets, or 153 a part
	UCS2 Encoding = "ucs2" // 70 UTF-16 units, or 67 a part
)

// Length says how a text travels as SMS (reference/channels.md 5.1.5).
type Length struct {
	Encoding Encoding
	Units    int // septets (signs such as € and [ count two), or UTF-16 units
	Parts    int // messages that the operator charges; 0 for no text
	Left     int // units still free in the last part
	// Adapted is true when signs that GSM lacks were replaced to save parts: ’ by ', À by A'.
	Adapted bool
}

// The units that one SMS holds, alone and as a part of several: six octets of
// each part are the header that joins them (8-bit reference).
const (
	gsmAlone, gsmPart   = 160, 153
	ucs2Alone, ucs2Part = 70, 67
)

// The GSM 03.38 alphabet and the signs that need an escape before them.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmEscaped = "\f^{}\\[~]|€"
)

// gsmUnits gives how many septets a character takes.
var gsmUnits = func() map[rune]int {
	m := map[rune]int{}
	for _, r := range gsmBasic {
		m[r] = 1
	}
	for _, r := range gsmEscaped {
		m[r] = 2
	}
	return m
}()

// Measure tells how a text travels as it is.
func Measure(text string) Length {
	l := Length{Encoding: GSM7}
	var units []int // per character, which no part may split
	for _, r := range text {
		n, ok := gsmUnits[r]
		if !ok {
			l.Encoding = UCS2
			break
		}
		units = append(units, n)
	}
	alone, part := gsmAlone, gsmPart
	if l.Encoding == UCS2 {
		alone, part = ucs2Alone, ucs2Part
		units = units[:0]
		for _, r := range text {
			units = append(units, utf16.RuneLen(unicodeOrReplacement(r)))
		}
	}
	for _, n := range units {
		l.Units += n
	}
	if l.Units <= alone {
		l.Parts, l.Left = min(l.Units, 1), alone-l.Units
		return l
	}
	l.Parts = 1
	used := 0
	for _, n := range units {
		if used+n > part {
			l.Parts++
			used = 0
		}
		used += n
	}
	l.Left = part - used
	return l
}

func unicodeOrReplacement(r rune) rune {
	if utf16.RuneLen(r) < 0 {
		return unicode.ReplacementChar
	}
	return r
}

// fitSMS gives the text to send and its length. Signs that GSM lacks are
// replaced when all of them can be: one ’ would otherwise cost half the room.
func fitSMS(text string) (string, Length) {
	l := Measure(text)
	if l.Encoding == GSM7 {
		return text, l
	}
	var b strings.Builder
	for _, r := range text {
		s, ok := toGSM(r)
		if !ok {
			return text, l
		}
		b.WriteString(s)
	}
	l = Measure(b.String())
	l.Adapted = true
	return b.String(), l
}

// gsmInstead replaces signs that have no base letter.
var gsmInstead = map[rune]string{
	'’': "'", '‘': "'", '‚': "'", '′': "'", '`': "'", '´': "'", 'ʼ': "'",
	'“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`, '″': `"`,
	'–': "-", '—': "-", '‐': "-", '‑': "-", '−': "-", '•': "-", '·': "-",
	'…': "...", '°': "o", 'º': "o", 'ª': "a", '×': "x", '™': "TM",
	'À': "A'", 'È': "E'", 'Ì': "I'", 'Ò': "O'", 'Ù': "U'", 'á': "à", 'í': "ì", 'ó': "ò", 'ú': "ù",
	'œ': "oe", 'Œ': "OE", 'ł': "l", 'Ł': "L", 'đ': "d", 'Đ': "D", 'ı': "i",
	'\u00ad': "", '\u200b': "", '\u200c': "", '\u200d': "", '\t': " ",
}

// toGSM gives a character in the GSM alphabet; ok is false for another script
// or an emoji, where replacing would lose what was said.
func toGSM(r rune) (s string, ok bool) {
	if gsmUnits[r] > 0 {
		return string(r), true
	}
	if s, ok := gsmInstead[r]; ok {
		return s, true
	}
	if unicode.IsSpace(r) {
		return " ", true
	}
	var b strings.Builder
	for _, c := range norm.NFD.String(string(r)) {
		if unicode.Is(unicode.Mn, c) {
			continue
		}
		if gsmUnits[c] == 0 || !unicode.Is(unicode.Latin, c) {
			return "", false
		}
		b.WriteRune(c)
	}
	return b.String(), b.Len() > 0 || unicode.Is(unicode.Mn, r)
}
