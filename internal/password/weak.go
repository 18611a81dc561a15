package password

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MinLength and MaxLength bound a new password, in letters.
const (
	MinLength = 12
	MaxLength = 256
)

// Weakness is a reason to refuse a new password, also the key of its text.
type Weakness string

// The reasons. None means that the password will do.
const (
	None     Weakness = ""
	TooShort Weakness = "password.too_short"
	TooLong  Weakness = "password.too_long"
	Repeated Weakness = "password.repeated" // few different letters
	Sequence Weakness = "password.sequence" // letters that follow each other, or neighbouring keys
	Obvious  Weakness = "password.obvious"  // made of words that everybody tries first
	Personal Weakness = "password.personal" // made of the person's or the Comune's name
)

var texts = map[Weakness]map[string]string{
	TooShort: {"it": "La password è troppo corta: servono almeno 12 caratteri. Va bene una frase di quattro o cinque parole.", "en": "The password is too short: it takes at least 12 characters. A phrase of four or five words will do."},
	TooLong:  {"it": "La password è troppo lunga: al massimo 256 caratteri.", "en": "The password is too long: at most 256 characters."},
	Repeated: {"it": "La password ripete pochi caratteri: scegline una più varia.", "en": "The password repeats a few characters: choose a more varied one."},
	Sequence: {"it": "La password segue l'ordine dei tasti o dell'alfabeto: è tra le prime che si provano.", "en": "The password follows the order of the keys or of the alphabet: it is among the first that are tried."},
	Obvious:  {"it": "La password è fatta di parole che tutti provano per prime: aggiungi parole che non c'entrano tra loro.", "en": "The password is made of words that everybody tries first: add words that have nothing to do with each other."},
	Personal: {"it": "La password contiene quasi solo il tuo nome o quello del Comune: scegli altre parole.", "en": "The password holds little more than your name or that of the municipality: choose other words."},
}

// Text says the weakness to the person, in "it" or "en"; another language gets Italian.
func (w Weakness) Text(lang string) string {
	if text, ok := texts[w][lang]; ok {
		return text
	}
	return texts[w]["it"]
}

// commonWords are those of which the passwords are made that are tried first.
var commonWords = []string{
	"password", "passwort", "passw", "parola", "segreta", "segreto", "secret", "amministratore", "administrator", "admin",
	"operatore", "utente", "user", "root", "test", "prova", "demo", "login", "accesso", "welcome", "benvenuto", "benvenuti", "ciao",
	"cambiami", "changeme", "letmein", "default", "comune", "municipio", "sindaco", "ufficio", "sportello", "anagrafe", "protocollo",
	"filodiretto", "italia", "roma", "milano", "napoli", "juventus", "forzajuve", "juve", "inter", "milan", "forza", "amore",
	"tiamo", "mamma", "papa", "estate", "inverno", "primavera", "autunno", "gennaio", "febbraio", "marzo", "aprile", "maggio",
	"giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre", "lunedi", "martedi", "mercoledi", "giovedi",
	"venerdi", "iloveyou", "dragon", "monkey", "football", "princess", "superman", "batman", "qwerty", "asdfgh", "zxcvbn", "abc",
}

// rows are runs of keys and letters that a hand or a habit produces.
var rows = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p",
}

// Check tells whether a new password may be taken. about are words that say
// who the person is: user name, name, surname, mail address, the Comune. What
// is refused is what a short list of guesses would find; there are no rules
// about capitals and digits (NIST SP 800-63B 5.1.1.2).
func Check(password string, about ...string) Weakness {
	letters := utf8.RuneCountInString(norm.NFC.String(password))
	switch {
	case letters < MinLength:
		return TooShort
	case letters > MaxLength:
		return TooLong
	}
	plain := fold(password)
	if distinct(plain) < 5 {
		return Repeated
	}
	if inSequence(plain)*4 >= utf8.RuneCountInString(plain)*3 {
		return Sequence
	}
	var personal []string
	for word := range strings.FieldsFuncSeq(strings.Join(about, " "), isSeparator) {
		if word = fold(word); utf8.RuneCountInString(word) >= 3 {
			personal = append(personal, word)
		}
	}
	switch words := slices.Concat(commonWords, personal); {
	case leftover(plain, commonWords) < 5:
		return Obvious
	case leftover(plain, words) < 5:
		return Personal
	}
	return None
}

func isSeparator(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// fold undoes capitals, accents and the usual swaps of letters for digits.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}

// swaps are the digits and signs that stand for letters.
var swaps = strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t")

// leftover counts the different letters that remain when the words, and the
// digits and signs around them, are taken out.
func leftover(plain string, words []string) int {
	longFirst := slices.SortedFunc(slices.Values(words), func(a, b string) int { return len(b) - len(a) })
	best := 1 << 30
	for _, s := range []string{plain, swaps.Replace(plain)} {
		for _, w := range longFirst {
			s = strings.ReplaceAll(s, w, " ")
		}
		rest := strings.Map(func(r rune) rune {
			if !unicode.IsLetter(r) {
				return -1
			}
			return r
		}, s)
		best = min(best, utf8.RuneCountInString(rest))
	}
	return best
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// inSequence counts the letters that follow the one before them in a row,
// forwards or backwards, or repeat it.
func inSequence(s string) int {
	count, before := 1, rune(-1)
	for _, r := range s {
		if before >= 0 && (r == before || neighbours(before, r)) {
			count++
		}
		before = r
	}
	return count
}

func neighbours(a, b rune) bool {
	pair, back := string([]rune{a, b}), string([]rune{b, a})
	return slices.ContainsFunc(rows, func(row string) bool {
		return strings.Contains(row, pair) || strings.Contains(row, back)
	})
}
