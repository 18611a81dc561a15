package textfold

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is one term as typed: name:value, or a value alone.
type token struct {
	name, value string
	quoted, not bool
	start, end  int // bytes of the text that it stands for
}

const (
	openQuotes  = "\"“”„«"
	closeQuotes = "\"“”»"
	minuses     = "-−–" // what keyboards and word processors make of a minus
)

// lex cuts the text into tokens. closed is false when the last quote has no end;
// there is then at least one token.
func lex(text string) (tokens []token, closed bool) {
	closed = true
	rest := text
	for {
		rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		if rest == "" {
			return tokens, closed
		}
		t := token{start: len(text) - len(rest)}
		if after, ok := cutMinus(rest); ok {
			t.not, rest = true, after
		}
		end := strings.IndexFunc(rest, unicode.IsSpace)
		if end < 0 {
			end = len(rest)
		}
		if colon := strings.IndexByte(rest[:end], ':'); colon > 0 && allLetters(rest[:colon]) && (colon > 1 || oneLetter(rest[:colon])) {
			t.name, rest = rest[:colon], rest[colon+1:]
			end -= colon + 1
		}
		if open, n := utf8.DecodeRuneInString(rest); n > 0 && strings.ContainsRune(openQuotes, open) {
			t.quoted = true
			t.value, rest, closed = cutQuoted(rest[n:])
		} else {
			t.value, rest = rest[:end], rest[end:]
		}
		t.value = strings.TrimSpace(t.value)
		t.end = len(text) - len(rest)
		tokens = append(tokens, t)
	}
}

// cutMinus takes the sign of exclusion off a term. A dash before a blank or
// another dash is none.
func cutMinus(s string) (rest string, ok bool) {
	r, n := utf8.DecodeRuneInString(s)
	if !strings.ContainsRune(minuses, r) || n == len(s) {
		return s, false
	}
	next, _ := utf8.DecodeRuneInString(s[n:])
	if unicode.IsSpace(next) || strings.ContainsRune(minuses, next) {
		return s, false
	}
	return s[n:], true
}

func cutQuoted(text string) (value, rest string, closed bool) {
	i := strings.IndexAny(text, closeQuotes)
	if i < 0 {
		return text, "", false
	}
	_, n := utf8.DecodeRuneInString(text[i:])
	return text[:i], text[i+n:], true
}

func allLetters(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return true
}
