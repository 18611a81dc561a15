package textfold

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Gulpease measures how easy an Italian text is to read: 0 hardest, 100
// easiest. The formula of the GULP of Rome (1988) is 89 + (300 sentences - 10
// letters) / words, cut to 0..100. words is how many words were counted; with
// fewer than some twenty the index says little, with none it is 0.
//
// Sentences end at . ! ? and …, at a blank line and before a list item, not at
// the points of abbreviations ("art. 5") and figures ("1.250"). Links and mail
// addresses are not prose and are not counted.
func Gulpease(text string) (index, words int) {
	letters, sentences := 0, 0
	open := 0 // words of the sentence that is being read
	end := func() {
		if open > 0 {
			sentences++
			open = 0
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		rest, item := cutListMark(line)
		if line == "" || item {
			end()
		}
		for token := range strings.FieldsSeq(rest) {
			if link(token) {
				if terminal(token) {
					end()
				}
				continue
			}
			w, l := count(token)
			words += w
			letters += l
			open += w
			if terminal(token) && !abbreviation(token) {
				end()
			}
		}
	}
	end()
	if words == 0 {
		return 0, 0
	}
	g := 89 + float64(300*sentences-10*letters)/float64(words)
	return int(math.Round(min(max(g, 0), 100))), words
}

// count gives the words and letters of a token: an apostrophe or a hyphen
// parts two words, a point within a figure does not.
func count(token string) (words, letters int) {
	in := false
	for _, r := range token {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			letters++
			if !in {
				words++
			}
			in = true
		case (r == '.' || r == ',' || r == ':') && in: // 1.250,50 and 10:30 are one word each
		case unicode.IsMark(r):
		default:
			in = false
		}
	}
	return words, letters
}

func link(token string) bool {
	return strings.Contains(token, "://") || strings.HasPrefix(token, "www.") ||
		strings.IndexByte(token, '@') > 0
}

// cutListMark takes "- ", "* ", "• ", "1. " or "a) " off the front of a line.
func cutListMark(line string) (rest string, item bool) {
	mark, rest, found := strings.Cut(line, " ")
	if !found {
		return line, false
	}
	body := strings.TrimRight(mark, ".)")
	number := body != mark && body != "" && strings.Trim(body, "0123456789") == ""
	letter := len(body) == 1 && strings.HasSuffix(mark, ")")
	if number || letter || mark == "-" || mark == "*" || mark == "•" || mark == "–" {
		return rest, true
	}
	return line, false
}

// terminal reports whether a token ends a sentence, leaving aside what closes
// after the point.
func terminal(token string) bool {
	token = strings.TrimRight(token, `"'”’»)]`)
	r, _ := utf8.DecodeLastRuneInString(token)
	return r == '.' || r == '!' || r == '?' || r == '…'
}

// abbreviation reports whether the point at the end of a token belongs to it.
func abbreviation(token string) bool {
	if !strings.HasSuffix(token, ".") {
		return false
	}
	word := strings.ToLower(strings.Trim(token, `.("'«“`))
	return abbreviations[word] || initials(word)
}

// initials reports whether a word is single letters with points between: "s.v".
func initials(word string) bool {
	for letter := range strings.SplitSeq(word, ".") {
		if utf8.RuneCountInString(letter) != 1 || hasDigit(letter) {
			return false
		}
	}
	return true
}

// abbreviations leaves out "ecc", whose point mostly ends the sentence too.
var abbreviations = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`art artt n nn nr num pag pagg p pp cap co comma lett all cfr es sig sigg
		sig.ra sig.na dott dott.ssa dr geom ing avv arch rag prof prof.ssa on gent egr spett tel cell fax
		v vs c.a p.zza c.so v.le l.go loc fraz int sc d.l d.lgs d.p.r d.m l l.r s.s s.p s.n.c u.r.p mr mrs`) {
		m[w] = true
	}
	return m
}()

// Level says in words what an index means.
type Level struct {
	Key    string // stable: "very_easy", "easy", "hard", "very_hard"
	It, En string // one short sentence for people
}

// The levels, by the schooling that a reader needs to read alone (the
// published thresholds of the index: 80, 60, 40).
var (
	VeryEasy = Level{
		"very_easy", "Molto facile: lo capisce chi ha la licenza elementare.",
		"Very easy: clear to people who left school after primary school.",
	}
	Easy = Level{
		"easy", "Facile: lo capisce chi ha la licenza media.",
		"Easy: clear to people who left school after middle school.",
	}
	Hard = Level{
		"hard", "Difficile: si legge bene solo con un diploma. Frasi più corte e parole comuni aiutano.",
		"Hard: reads well only with a high-school diploma. Shorter sentences and common words help.",
	}
	VeryHard = Level{
		"very_hard", "Molto difficile: quasi tutti faticano. Dividi le frasi e usa parole comuni.",
		"Very hard: nearly everyone struggles. Split the sentences and use common words.",
	}
)

// LevelOf gives the level of a Gulpease index.
func LevelOf(index int) Level {
	switch {
	case index >= 80:
		return VeryEasy
	case index >= 60:
		return Easy
	case index >= 40:
		return Hard
	}
	return VeryHard
}
