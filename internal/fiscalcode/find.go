package fiscalcode

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Find gives the codes that a free text seems to hold, normalised, each once,
// in the order of the text. They are candidates for a link that a person
// confirms, not facts.
//
// Sixteen characters of the right form count even when the check character is
// wrong, since people mistype them; single blanks between the usual groups are
// allowed ("RSS MRA 85T10 A562S"). Eleven digits are far more often a
// telephone number: they count only when they check, stand alone and are not
// announced as a telephone number.
func Find(text string) []string {
	var found []string
	add := func(code string) {
		if !slices.Contains(found, code) {
			found = append(found, code)
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		if !alphanumeric(c) || !boundaryBefore(text, i) {
			i++
			continue
		}
		if code, end := personAt(text, i); code != "" {
			add(code)
			i = end
			continue
		}
		end := i
		for end < len(text) && alphanumeric(text[end]) {
			end++
		}
		if word := text[i:end]; len(word) == numericLen && boundaryAfter(text, end) &&
			Check(word).Status == Valid && !telephone(text[:i]) {
			add(word)
		}
		i = end
	}
	return found
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func boundaryBefore(text string, i int) bool {
	r, n := utf8.DecodeLastRuneInString(text[:i])
	return n == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}

func boundaryAfter(text string, i int) bool {
	r, n := utf8.DecodeRuneInString(text[i:])
	return n == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}

// groupEnd marks after how many characters people put a blank.
var groupEnd = [personLen]bool{3: true, 6: true, 8: true, 9: true, 11: true, 15: true}

// personAt reads a 16 character code that begins at i, or gives "".
func personAt(text string, i int) (code string, end int) {
	var buf [personLen]byte
	n := 0
	for n < personLen {
		if i >= len(text) {
			return "", 0
		}
		c := text[i]
		if groupEnd[n] && c == ' ' {
			if i++; i >= len(text) {
				return "", 0
			}
			c = text[i]
		}
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if !fits(personPattern[n], c) {
			return "", 0
		}
		buf[n] = c
		n++
		i++
	}
	if !boundaryAfter(text, i) {
		return "", 0
	}
	return string(buf[:]), i
}

// telephone reports whether the words before a number announce a telephone number.
func telephone(before string) bool {
	before = strings.TrimRight(before, " .:\t\u00a0")
	if strings.HasSuffix(before, "+") {
		return true
	}
	word := before
	if i := strings.LastIndexFunc(before, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		_, n := utf8.DecodeRuneInString(before[i:])
		word = before[i+n:]
	}
	switch strings.ToLower(word) {
	case "tel", "telefono", "telefonico", "telefonare", "cell", "cellulare", "cel", "fax", "mobile",
		"phone", "whatsapp", "chiamare", "recapito":
		return true
	}
	return false
}
