package person

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"filodiretto/internal/textfold"
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

// maxName bounds what is read of a name, in bytes: a display name is foreign text.
const maxName = 300

// nameWords gives the words of a name in their order, folded, without titles,
// particles joined to the next word.
func nameWords(raw string) []string {
	written := writtenWords(raw)
	words := make([]string, len(written))
	for i, w := range written {
		words[i] = textfold.Fold(w)
	}
	var out []string
	joined := ""
	for i, w := range words {
		if particles[w] && i+1 < len(words) {
			joined += w
			continue
		}
		out = append(out, joined+w)
		joined = ""
	}
	return out
}

// writtenWords gives the words of a name as written, without titles, brackets
// and apostrophes, or none when raw is a mail address.
func writtenWords(raw string) []string {
	if len(raw) > maxName {
		raw = strings.ToValidUTF8(raw[:maxName], "")
	}
	if strings.Contains(raw, "@") {
		return nil
	}
	raw = apostrophes.Replace(withoutBrackets(raw))
	all := strings.FieldsFunc(raw, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.Is(unicode.Cf, r)
	})
	words := slices.DeleteFunc(all, func(w string) bool { return textfold.Fold(w) == "" })
	return withoutTitles(words)
}

func withoutTitles(words []string) []string {
	isTitle := make([]bool, len(words))
	others := 0
	for i := 0; i < len(words); i++ {
		w := textfold.Fold(words[i])
		if i+1 < len(words) && len(w) > 1 && titles[w+textfold.Fold(words[i+1])] {
			isTitle[i], isTitle[i+1] = true, true // "Sig.ra", "Dott. ssa"
			i++
			continue
		}
		if isTitle[i] = titles[w]; !isTitle[i] && !surnamesToo[w] {
			others++
		}
	}
	var out []string
	for i, w := range words {
		if i == 0 && surnamesToo[textfold.Fold(w)] && (others > 1 || len(words) > 1 && isTitle[1]) {
			continue // "Gentile signora Ferrante", but not "Gentile Marco"
		}
		if !isTitle[i] {
			out = append(out, w)
		}
	}
	return out
}

// apostrophes vanish: D'Angelo is also written Dangelo, Niccolò also Niccolo'.
var apostrophes = strings.NewReplacer("'", "", "’", "", "‘", "", "`", "", "´", "", "ʼ", "", "′", "")

func withoutBrackets(s string) string {
	for {
		before, rest, found := strings.Cut(s, "(")
		if !found {
			return s
		}
		_, after, found := strings.Cut(rest, ")")
		if !found {
			return s
		}
		s = before + " " + after
	}
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// titles stand before a name and are no part of it.
var titles = set(`
	sig sigra signa sigri sigg signor signora signorina signori
	dott dottssa dottre dottor dottore dottoressa dr drssa dssa
	geom geometra ing ingegnere ingegner avv avvocato arch architetto rag ragra ragioniere ragioniera
	prof profssa professore professor professoressa dottcomm
	cav commend onle onorevole mons monsignor suor rev
	egr egregia gent gentma gentmo gentilma spett spettle spettabile illmo illma
	mr mrs ms miss mister herr frau mme madame monsieur`)

// surnamesToo are titles and greetings that are also surnames: they go only
// from the front, and only when a name is left.
var surnamesToo = set(`gentile egregio perito notaio signore don`)

// particles belong to the surname that follows. Those that are also names of
// their own elsewhere (Li, Le, Van, Ben, El) are left to joinAs.
var particles = set(`de di da del dello della dell dei degli delle dal dalla dalle lo la d san von`)

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
