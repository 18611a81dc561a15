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
}

const (
	openQuotes  = "\"“”„«"
	closeQuotes = "\"“”»"
)

// lex cuts the text into tokens. closed is false when the last quote has no end;
// there is then at least one token.
func lex(text string) (tokens []token, closed bool) {
	closed = true
	for {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		if text == "" {
			return tokens, closed
		}
		var t token
		if rest, ok := strings.CutPrefix(text, "-"); ok && rest != "" && rest[0] != '-' && !startsWithSpace(rest) {
			t.not, text = true, rest
		}
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			end = len(text)
		}
		if colon := strings.IndexByte(text[:end], ':'); colon > 1 && allLetters(text[:colon]) {
			t.name, text = text[:colon], text[colon+1:]
			end -= colon + 1
		}
		if open, n := utf8.DecodeRuneInString(text); n > 0 && strings.ContainsRune(openQuotes, open) {
			t.quoted = true
			t.value, text, closed = cutQuoted(text[n:])
		} else {
			t.value, text = text[:end], text[end:]
		}
		t.value = strings.TrimSpace(t.value)
		tokens = append(tokens, t)
	}
}

func cutQuoted(text string) (value, rest string, closed bool) {
	i := strings.IndexAny(text, closeQuotes)
	if i < 0 {
		return text, "", false
	}
	_, n := utf8.DecodeRuneInString(text[i:])
	return text[:i], text[i+n:], true
}

func startsWithSpace(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsSpace(r)
}

func allLetters(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) {
			return false
		}
	}
	return true
}
