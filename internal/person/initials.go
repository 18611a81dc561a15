package person

import (
	"strings"
	"unicode"

	"filodiretto/internal/textfold"
)

// Initials gives one or two letters for a person's avatar: the first letters
// of the first and the last word of a name, of a mail address when there is no
// name in it, or "?".
func Initials(raw string) string {
	if local, _, isMail := strings.Cut(raw, "@"); isMail {
		raw = local
	}
	words := writtenWords(raw)
	var kept []string
	for _, w := range words {
		if !particles[textfold.Fold(w)] {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		kept = words
	}
	if len(kept) == 0 {
		return "?"
	}
	s := upperFirst(kept[0])
	if len(kept) > 1 {
		s += upperFirst(kept[len(kept)-1])
	}
	return s
}

func upperFirst(word string) string {
	for _, r := range word {
		if unicode.IsLetter(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return ""
}
