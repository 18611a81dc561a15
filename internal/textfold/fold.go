// Package textfold turns what people write into what can be searched: letters
// without case and accents, words cut to their Italian stem, and a parser for
// the search box. It also measures how easy a text is to read.
//
// The same folding and stemming makes the index column and the query, so that
// both databases give the same hits whatever their own language support.
package textfold

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold gives s in lower case, without accents, with everything that is neither
// letter nor digit turned into one blank: "Città d'Arte" becomes "citta d
// arte". Soft hyphens and zero-width characters vanish. Ideographs stand as
// words of their own, since no blank parts them. The result has no blank at
// its ends, and folding it again changes nothing.
func Fold(s string) string {
	out := make([]byte, 0, len(s))
	sc := scanner{text: s}
	for sc.next() {
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = append(out, sc.word...)
	}
	return string(out)
}

// scanner walks over the folded words of a text.
type scanner struct {
	text string
	at   int    // next byte to read
	word []byte // the word found by next, valid until the next call
	max  int    // bytes of a word that are kept; 0 keeps all
}

// next reads one more word and reports whether there was one.
func (sc *scanner) next() bool {
	sc.word = sc.word[:0]
	for sc.at < len(sc.text) {
		c := sc.text[sc.at]
		if c < utf8.RuneSelf {
			sc.at++
			if f := asciiFold[c]; f != 0 {
				if sc.max == 0 || len(sc.word) < sc.max {
					sc.word = append(sc.word, f)
				}
				continue
			}
			if len(sc.word) > 0 {
				return true
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(sc.text[sc.at:])
		if ideograph(r) {
			if len(sc.word) == 0 {
				sc.word = utf8.AppendRune(sc.word, r)
				sc.at += n
			}
			return true
		}
		sc.at += n
		folded, class := foldRune(r)
		switch {
		case class == skip:
		case class == part:
			if sc.max == 0 || len(sc.word)+len(folded) <= sc.max {
				sc.word = append(sc.word, folded...)
			}
		case len(sc.word) > 0:
			return true
		}
	}
	return len(sc.word) > 0
}

// class says what a character does to the word that is being read.
type class uint8

const (
	gap  class = iota // ends the word
	part              // belongs to the word
	skip              // is as if it were not there
)

// asciiFold gives the folded byte of each letter and digit, 0 for the rest.
var asciiFold = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			t[c] = byte(c)
		case c >= 'A' && c <= 'Z':
			t[c] = byte(c - 'A' + 'a')
		}
	}
	return t
}()

// latinEnd is the end of the Latin blocks that are folded by a table.
const latinEnd = 0x250

type folded struct {
	text  string
	class class
}

var latinFold = func() (t [latinEnd]folded) {
	for r := rune(utf8.RuneSelf); r < latinEnd; r++ {
		text, class := decompose(r)
		t[r] = folded{text, class}
	}
	return t
}()

func foldRune(r rune) (string, class) {
	if r < latinEnd {
		f := latinFold[r]
		return f.text, f.class
	}
	return decompose(r)
}

// plain holds the letters that Unicode does not decompose and that people
// without the key write with others.
var plain = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ħ': "h",
	'ı': "i", 'ŋ': "n", 'ŧ': "t", 'ĸ': "k", 'ə': "e",
}

// ideograph reports whether r is of a script written without blanks between words.
func ideograph(r rune) bool {
	const first = 0x2e80 // nothing of these scripts lies below
	return r >= first && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// decompose folds one character by the Unicode tables.
func decompose(r rune) (string, class) {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return "", skip
	}
	var buf [utf8.UTFMax]byte
	self := buf[:utf8.EncodeRune(buf[:], r)]
	apart := norm.NFKD.Properties(self).Decomposition()
	if apart == nil || bytes.ContainsFunc(apart, ideograph) {
		apart = self // "㊀" stays what it is: an ideograph could not be part of a word
	}
	var out []byte
	for _, c := range string(apart) {
		// Only letters and numbers stay: the accents of the decomposition go.
		if !unicode.IsLetter(c) && !unicode.IsNumber(c) && !unicode.Is(unicode.Mc, c) {
			continue
		}
		c = unicode.ToLower(c)
		if p, ok := plain[c]; ok {
			out = append(out, p...)
			continue
		}
		out = utf8.AppendRune(out, c)
	}
	if len(out) == 0 {
		return "", gap
	}
	return string(out), part
}
