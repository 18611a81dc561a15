package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"
)

// phrase makes a text out of one with alternatives and marks. words gives what
// stands for a mark; one that it does not know stays as it is, so that a test
// finds it.
func phrase(rng *rand.Rand, text string, words func(mark string) (string, bool)) string {
	p := &phrasing{rng: rng, words: words}
	out, _ := p.read(text, false)
	return tidy(out)
}

type phrasing struct {
	rng   *rand.Rand
	words func(string) (string, bool)
}

// read goes to the end of the text, or, inside brackets, to their end. It gives
// what was made and what is left.
func (p *phrasing) read(s string, inside bool) (out, rest string) {
	var options []string
	var b strings.Builder
	for s != "" {
		c := s[0]
		switch {
		case c == '[':
			var part string
			part, s = p.read(s[1:], true)
			b.WriteString(part)
			continue
		case inside && c == '|':
			options = append(options, b.String())
			b.Reset()
		case inside && c == ']':
			options = append(options, b.String())
			return options[p.rng.IntN(len(options))], s[1:]
		case c == '{':
			if name, after, ok := strings.Cut(s[1:], "}"); ok {
				word, known := p.words(name)
				if !known {
					word = "{" + name + "}"
				}
				b.WriteString(word)
				s = after
				continue
			}
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
		s = s[1:]
	}
	return b.String(), ""
}

// tidy removes the doubled spaces that an empty alternative leaves.
func tidy(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		l = strings.Join(strings.Fields(l), " ")
		for _, sign := range []string{",", ".", "?", "!", ":"} {
			l = strings.ReplaceAll(l, " "+sign, sign)
		}
		lines[i] = l
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// pick takes one of a list; the empty string from an empty one.
func pick(rng *rand.Rand, list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[rng.IntN(len(list))]
}

// chance is true in so many of a hundred cases.
func chance(rng *rand.Rand, percent int) bool { return rng.IntN(100) < percent }

// hurried is how somebody writes who has no time: no capitals, no accents.
func hurried(s string) string {
	r := strings.NewReplacer("È", "E'", "è", "e'", "é", "e'", "à", "a'", "ù", "u'", "ò", "o'", "ì", "i'", "perche'", "perche", "’", "'")
	return r.Replace(lowerFirst(s))
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// lowerFirst leaves words that begin with several capitals.
func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	r, n := utf8.DecodeRuneInString(s)
	if second, _ := utf8.DecodeRuneInString(s[n:]); unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(r)) + s[n:]
}

// euro writes an amount as Italians do.
func euro(cents int) string { return fmt.Sprintf("%d,%02d", cents/100, cents%100) }
