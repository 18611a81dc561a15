package telegram

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of one message, in UTF-16 code units after the entities are parsed
// (channels 1.6).
const (
	textLimit    = 4096
	captionLimit = 1024
)

// atom is the smallest piece of a text that is never broken: a character, a
// character reference of the markup, or a tag.
type atom struct {
	raw   string // as in the markup
	plain string // what people see; empty for a tag
	tag   string // name of a tag that opens, "/name" of one that closes
}

// units is the atom's length as the platform counts it.
func (a atom) units() int { return units(a.plain) }

// units counts UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// piece is one message's worth of text.
type piece struct {
	markup string // with tags balanced
	plain  string
}

// readPlain makes atoms of plain text.
func readPlain(text string) []atom {
	atoms := make([]atom, 0, len(text))
	for i := 0; i < len(text); {
		_, n := utf8.DecodeRuneInString(text[i:])
		s := strings.ToValidUTF8(text[i:i+n], "\uFFFD")
		atoms = append(atoms, atom{raw: s, plain: s})
		i += n
	}
	return atoms
}

// splitAtoms cuts at the end of a paragraph, else of a line, else of a word,
// and outside of all tags where it can. Where it cannot (a bold passage longer
// than a message) the tags are closed at the cut and opened again after it, so
// that every piece is whole in itself.
func splitAtoms(atoms []atom, limit int) []piece {
	var pieces []piece
	var open []atom // tags open at the beginning of the rest
	for len(atoms) > 0 {
		end := cutAt(atoms, len(open), limit)
		p, after := assemble(atoms[:end], open)
		if strings.TrimSpace(p.plain) != "" {
			pieces = append(pieces, p)
		}
		open = after
		atoms = atoms[end:]
		for len(atoms) > 0 && atoms[0].tag == "" && strings.TrimSpace(atoms[0].plain) == "" {
			atoms = atoms[1:]
		}
	}
	return pieces
}

// assemble writes a piece with the tags that were open before it, and gives
// those that are open after it.
func assemble(atoms, open []atom) (piece, []atom) {
	var markup, plain strings.Builder
	for _, t := range open {
		markup.WriteString(t.raw)
	}
	stack := append([]atom{}, open...)
	for _, a := range atoms {
		markup.WriteString(a.raw)
		plain.WriteString(a.plain)
		switch {
		case strings.HasPrefix(a.tag, "/"):
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
		case a.tag != "":
			stack = append(stack, a)
		}
	}
	for i := len(stack) - 1; i >= 0; i-- {
		markup.WriteString("</" + stack[i].tag + ">")
	}
	return piece{markup.String(), plain.String()}, stack
}

// The places where a text may be cut, best first: outside of all tags, then
// inside.
const (
	afterParagraph = iota
	afterLine
	afterWord
	kindsOfPlace
)

// cutAt gives the number of atoms of the first piece. depth is how many tags
// are open before the first atom.
func cutAt(atoms []atom, depth, limit int) int {
	var best [2 * kindsOfPlace]int // atoms before the last place of each kind
	size, hard := 0, 0
	previous := ""
	for i, a := range atoms {
		n := a.units()
		if size+n > limit {
			if kind := placeAfter("", a.plain); kind < kindsOfPlace {
				// White space begins just here: it need not come along.
				best[placeAt(kind, depth)] = i
			}
			return choose(best, hardCut(atoms, hard), atoms, limit)
		}
		size += n
		switch {
		case strings.HasPrefix(a.tag, "/"):
			depth--
		case a.tag != "":
			depth++
		}
		if a.tag != "" {
			continue
		}
		hard = i + 1
		if kind := placeAfter(previous, a.plain); kind < kindsOfPlace {
			best[placeAt(kind, depth)] = i + 1
		}
		previous = a.plain
	}
	return len(atoms)
}

// placeAt puts the kinds inside of tags after those outside.
func placeAt(kind, depth int) int {
	if depth > 0 {
		return kind + kindsOfPlace
	}
	return kind
}

// choose takes the best place that does not leave the piece nearly empty.
func choose(best [2 * kindsOfPlace]int, hard int, atoms []atom, limit int) int {
	for _, at := range best {
		if at == 0 {
			continue
		}
		size := 0
		for _, a := range atoms[:at] {
			size += a.units()
		}
		if size >= limit/4 {
			return at
		}
	}
	return max(hard, 1)
}

// placeAfter says what kind of place is after s, which follows previous.
func placeAfter(previous, s string) int {
	switch {
	case s == "\n" && previous == "\n":
		return afterParagraph
	case s == "\n":
		return afterLine
	case s == " " || s == "\t" || s == "\u3000":
		return afterWord
	}
	return kindsOfPlace
}

// hardCut moves a cut inside a word back so that it parts no letter from its
// accent and no emoji from its parts.
func hardCut(atoms []atom, at int) int {
	for back := at; back > 1 && at-back < 64; back-- {
		if back >= len(atoms) || !joins(atoms[back-1].plain, atoms[back].plain) {
			return back
		}
	}
	return at
}

// joins reports whether b continues the character that a begins.
func joins(a, b string) bool {
	const zeroWidthJoiner = '\u200D'
	last, _ := utf8.DecodeLastRuneInString(a)
	next, _ := utf8.DecodeRuneInString(b)
	return last == zeroWidthJoiner || next == zeroWidthJoiner ||
		unicode.In(next, unicode.M, unicode.Variation_Selector) ||
		next >= 0x1F3FB && next <= 0x1F3FF || // skin tones
		next >= 0xE0020 && next <= 0xE007F || // flags of regions
		isRegional(last) && isRegional(next)
}

func isRegional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }
