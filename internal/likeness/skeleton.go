// Package likeness tells names and domains that look like others apart from
// those that are the same: letters of other scripts in a name, "rn" for "m" in a
// domain, our own domain under another ending (mail rule 51).
package likeness

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Plain gives s with every letter that passes for a Latin one written as that
// one, in lower case and without accents: Cyrillic "а" is "a", "０" is "0". What
// looks like nothing Latin stays. Marks that do not show are left out.
func Plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
			continue
		}
		if l, ok := looks[r]; ok {
			r = l
		}
		r = unicode.ToLower(r)
		if l, ok := looks[r]; ok {
			r = l
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Disguised reports whether a text holds letters that only pass for Latin ones
// beside true Latin letters: nobody writes so by chance.
func Disguised(s string) bool {
	latin, foreign := false, false
	for _, r := range norm.NFKC.String(s) {
		if unicode.Is(unicode.Latin, r) {
			latin = true
		} else if _, ok := looks[r]; ok && unicode.IsLetter(r) {
			foreign = true
		}
	}
	return latin && foreign
}

// looks are letters of other scripts that the usual typefaces draw like Latin
// ones (after Unicode TR 39, as far as mail programs meet them).
var looks = pairs(
	// Cyrillic
	"аaбbвbгrеeёeіiїiјjкkмmнhоoпnрpсcтtуyүyхxѕsԁdһhӏlԛqԝwьb",
	"АAВBЕEІIЇIЈJКKМMНHОOРPСCТTУYХXЅSԚQԜWЗ3",
	// Greek
	"αaβbγyεeηnιiκkνvοoρpσoτtυuχxωw", "ΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧX",
	// Armenian, Latin letters without a decomposition, and lone signs
	"օoսuոnցgհhɑaɡgıiɩiʟlɪiɴnʀrʏyꞮIƖlǀlߊl׀lᴀaᴄcᴇeᴏoᴠvᴡwᴢzøołlđdħh",
)

func pairs(lists ...string) map[rune]rune {
	m := map[rune]rune{}
	for _, l := range lists {
		rs := []rune(l)
		for i := 0; i+1 < len(rs); i += 2 {
			m[rs[i]] = rs[i+1]
		}
	}
	return m
}
