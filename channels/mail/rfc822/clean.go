package rfc822

import (
	"strings"
	"unicode/utf8"
)

// Clean makes text fit for the database and the page: valid UTF-8, lines
// ending in "\n", no NUL and no other control character but the tab (mail
// rule 40).
func Clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '\r': // any number of CR before LF is one line end
				n := i
				for i+1 < len(s) && s[i+1] == '\r' {
					i++
				}
				if i+1 >= len(s) || s[i+1] != '\n' {
					b.WriteString(strings.Repeat("\n", i-n+1))
				}
			case c >= ' ' && c != 0x7f, c == '\n', c == '\t':
				b.WriteByte(c)
			case c == '\f', c == '\v':
				b.WriteByte('\n')
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		if r >= 0x80 && r < 0xa0 || r == 0xfeff || r == 0xfffe || r == 0xffff {
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isClean(s string) bool {
	ascii := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if ascii {
		return true
	}
	for _, r := range s {
		if r == utf8.RuneError || r >= 0x80 && r < 0xa0 || r == 0xfeff || r == 0xfffe || r == 0xffff {
			return false
		}
	}
	return true
}

// CleanLine is Clean for one line, a subject or a name: without line ends,
// trimmed, and without the characters that turn the reading direction, which
// can make a name look like another (mail rule 37).
func CleanLine(s string) string {
	s = Clean(s)
	if strings.ContainsAny(s, "\n\t\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029") {
		s = strings.Map(func(r rune) rune {
			switch {
			case r == '\n', r == '\t', r == '\u2028', r == '\u2029':
				return ' '
			case IsBidi(r), r == '\u200b':
				return -1
			default:
				return r
			}
		}, s)
	}
	return strings.TrimSpace(s)
}

// IsBidi reports whether r changes the reading direction without being seen.
func IsBidi(r rune) bool {
	return r == '\u061c' || r == '\u200e' || r == '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}
