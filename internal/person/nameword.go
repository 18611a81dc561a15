package person

import (
	"slices"
	"strings"
	"unicode"

	"filodiretto/internal/textfold"
)

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
