package textfold

import (
	"slices"
	"strings"
)

// choices are the values that an operator knows here.
func (p *parser) choices(o Operator) []Choice {
	return slices.Concat(o.Choices, p.opt.Choices[o.Op])
}

// takesAny reports whether an operator takes what it does not know: names, where
// the program gave none.
func (p *parser) takesAny(o Operator) bool {
	return len(p.opt.Choices[o.Op]) == 0 && (o.partial || len(o.Choices) == 0)
}

// match finds the values that were meant: the one that is spelled so, else,
// where a part of a name will do, all of which every typed word begins a word.
func (p *parser) match(o Operator, typed string) []string {
	typed = Fold(typed)
	if typed == "" {
		return nil
	}
	if v, ok := exact(p.choices(o), typed); ok {
		return []string{v}
	}
	var out []string
	for _, c := range p.opt.Choices[o.Op] {
		if o.partial && slices.ContainsFunc(c.Spellings(""), func(s string) bool { return beginsWords(Fold(s), typed) }) && !slices.Contains(out, c.Value) {
			out = append(out, c.Value)
		}
	}
	return out
}

// exact finds the value of a folded spelling.
func exact(choices []Choice, folded string) (string, bool) {
	for _, c := range choices {
		for _, s := range c.Spellings("") {
			if Fold(s) == folded {
				return c.Value, true
			}
		}
	}
	return "", false
}

// beginsWords reports whether each word of typed begins some word of name. Both
// are folded.
func beginsWords(name, typed string) bool {
	words := strings.Fields(name)
	for t := range strings.FieldsSeq(typed) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, t) }) {
			return false
		}
	}
	return true
}

// nearestChoice is the spelling that a mistyped value was probably meant for,
// or "". A name of several words is also known by each of them.
func nearestChoice(choices []Choice, typed string) string {
	meant := map[string]string{} // folded -> as it is spelled
	var all []string
	add := func(folded, spelling string) {
		if _, ok := meant[folded]; !ok {
			meant[folded] = spelling
			all = append(all, folded)
		}
	}
	for _, c := range choices {
		for _, s := range c.Spellings("") {
			add(Fold(s), s)
		}
	}
	for _, c := range choices {
		for _, s := range c.Spellings("") {
			for w := range strings.FieldsSeq(Fold(s)) {
				if len(w) > 3 {
					add(w, s)
				}
			}
		}
	}
	return meant[Nearest(Fold(typed), all)]
}

// Spelled are the spellings of values that a language teaches, one of each.
func Spelled(choices []Choice, lang string) []string {
	var out []string
	for _, c := range choices {
		if s := c.Spellings(lang); len(s) > 0 && !slices.Contains(out, s[0]) {
			out = append(out, s[0])
		}
	}
	return out
}

// quoted writes a value so that it is read back as one.
func quoted(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return r == ' ' || strings.ContainsRune(openQuotes, r) }) {
		return `"` + strings.NewReplacer(`"`, "", "”", "", "“", "", "»", "").Replace(value) + `"`
	}
	return value
}
