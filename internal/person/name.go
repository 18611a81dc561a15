package person

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Name gives the form in which names are compared: lower case, without
// accents, apostrophes and titles, particles joined to what they belong to
// ("De Luca" is "deluca"), the words in alphabetical order, since forms and
// registers disagree on whether the surname comes first. It is empty when
// there is no name in raw, as in a mail address.
func Name(raw string) string {
	words := nameWords(raw)
	slices.Sort(words)
	return strings.Join(words, " ")
}

// NameKeys gives the words of a name, and its neighbouring words run together,
// by which candidates are looked up: two names that NameMatch finds Same or
// Compatible share at least one key.
func NameKeys(raw string) []string {
	var keys []string
	add := func(w string) {
		if !slices.Contains(keys, w) {
			keys = append(keys, w)
		}
	}
	words := nameWords(raw)
	for i, w := range words {
		if initial(w) {
			continue
		}
		add(w)
		if i+1 < len(words) && !initial(words[i+1]) {
			add(w + words[i+1]) // the other may write both in one
		}
	}
	return keys
}

// NameMatch compares two names. "L. Ferrante" is Compatible with "Lucia
// Ferrante", and so is "Lucia Maria Ferrante"; "Anna Maria" written in one word
// is Same. One word alone is too little: it is at most Compatible with itself
// and Unknown otherwise. Typing errors are not forgiven: Mario and Maria are
// different people.
func NameMatch(a, b string) Match {
	wa, wb := nameWords(a), nameWords(b)
	if len(wa) == 0 || len(wb) == 0 {
		return Unknown
	}
	wa, wb = joinAs(wa, wb), joinAs(wb, wa)
	if len(wa) == 1 && len(wb) == 1 {
		if wa[0] == wb[0] && !initial(wa[0]) {
			return Compatible
		}
		return Unknown
	}
	if len(wa) == 1 || len(wb) == 1 {
		return Unknown
	}
	full, matched := align(wa, wb)
	switch {
	case full == 0 && matched == min(len(wa), len(wb)):
		return Unknown // initials only
	case matched < min(len(wa), len(wb)):
		return Different
	case full == len(wa) && full == len(wb):
		return Same
	}
	return Compatible
}

// align pairs the words of two names: full counts equal words that are no
// initials, matched also those where one is the other's initial.
func align(a, b []string) (full, matched int) {
	var restA []string
	restB := slices.Clone(b)
	for _, w := range a {
		i := slices.Index(restB, w)
		if i < 0 {
			restA = append(restA, w)
			continue
		}
		restB = slices.Delete(restB, i, i+1)
		matched++
		if !initial(w) {
			full++
		}
	}
	// Equal words are gone, so of each letter only one side has initials left:
	// taking the first that fits is as good as any choice.
	for _, w := range restA {
		i := slices.IndexFunc(restB, func(o string) bool {
			return (initial(w) || initial(o)) && firstRune(w) == firstRune(o)
		})
		if i >= 0 {
			restB = slices.Delete(restB, i, i+1)
			matched++
		}
	}
	return full, matched
}

// joinAs joins neighbours in words where the other name has them in one:
// "anna maria" as "annamaria".
func joinAs(words, other []string) []string {
	var out []string
	for i := 0; i < len(words); i++ {
		if i+1 < len(words) && !initial(words[i]) && !initial(words[i+1]) &&
			slices.Contains(other, words[i]+words[i+1]) {
			out = append(out, words[i]+words[i+1])
			i++
			continue
		}
		out = append(out, words[i])
	}
	return out
}

func initial(word string) bool { return utf8.RuneCountInString(word) == 1 }

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
