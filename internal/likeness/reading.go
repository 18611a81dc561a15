package likeness

import (
	"slices"
	"strings"
)

// Readings are the ways in which a quick eye reads a name: as Plain, and where
// digits stand within words as the letters that they look like ("Ponteliet0",
// "E1ena"). The first is Plain.
func Readings(s string) []string {
	plain := Plain(s)
	out := []string{plain}
	for _, digits := range []*strings.Replacer{asL, asI} {
		words := strings.Fields(plain)
		for i, w := range words {
			if strings.IndexFunc(w, latin) >= 0 { // else a number
				words[i] = digits.Replace(w)
			}
		}
		if r := strings.Join(words, " "); strings.Join(strings.Fields(plain), " ") != r && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// Closer is a reading in which two letters that stand close are taken for one:
// "cornune" is "comune". Surnames of people differ by no more, and are not read so.
func Closer(reading string) string { return pairsOfLetters.Replace(reading) }

var (
	asL            = strings.NewReplacer("0", "o", "1", "l", "|", "l", "3", "e", "4", "a", "5", "s", "7", "t", "$", "s")
	asI            = strings.NewReplacer("0", "o", "1", "i", "|", "i", "3", "e", "4", "a", "5", "s", "7", "t", "$", "s")
	pairsOfLetters = strings.NewReplacer("rn", "m", "vv", "w")
)

func latin(r rune) bool { return r >= 'a' && r <= 'z' }
