// Package fiscalcode checks the form and the check character of an Italian
// codice fiscale: the 16 characters of a person, with or without omocodia, and
// the 11 digits of a body, a company or a temporary code.
//
// A code that checks proves nothing about existence, and a code that does not
// may still be the one in the registry: a wrong check character is a warning
// that an operator may override, never a block. The package deliberately has
// no way to read sex, birth date or birthplace out of a code: omocodia and the
// rectification of gender make such a reading false for some people
// (reference/italian-pa.md section 3).
package fiscalcode

import (
	"strings"
	"unicode"
)

// Status is the outcome of a check.
type Status string

// The outcomes of a check.
const (
	Valid      Status = "valid"       // form and check character fit
	WrongCheck Status = "wrong_check" // the form fits, the check character does not: warn, let people override
	BadForm    Status = "bad_form"    // not a codice fiscale at all
	Refused    Status = "refused"     // passes the arithmetic and is still nobody's: eleven zeros
)

// Kind says which of the two families a code belongs to.
type Kind string

// The families of codes. NoKind goes with BadForm.
const (
	NoKind  Kind = ""
	Person  Kind = "person"  // 16 characters
	Numeric Kind = "numeric" // 11 digits: bodies, companies, temporary codes of persons
)

// Verdict is what Check found. Computed is the check character that the other
// characters ask for, one letter or one digit; it is empty for BadForm.
type Verdict struct {
	Status   Status
	Kind     Kind
	Computed string
}

// OK reports whether the code may be stored without a warning.
func (v Verdict) OK() bool { return v.Status == Valid }

const (
	personLen  = 16
	numericLen = 11
)

// Normalise gives the form in which codes are stored and compared: upper case,
// without any white space or invisible character. It changes nothing else, so
// that what is wrong with a code stays visible.
func Normalise(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
}

// Check normalises s and tells whether it is a codice fiscale.
func Check(s string) Verdict {
	s = Normalise(s)
	switch {
	case len(s) == personLen && personForm(s):
		return verdict(Person, s, personCheck(s))
	case len(s) == numericLen && allDigits(s):
		v := verdict(Numeric, s, numericCheck(s))
		if s == strings.Repeat("0", numericLen) {
			v.Status = Refused
		}
		return v
	}
	return Verdict{Status: BadForm}
}

func verdict(kind Kind, code string, computed byte) Verdict {
	v := Verdict{Status: Valid, Kind: kind, Computed: string(computed)}
	if code[len(code)-1] != computed {
		v.Status = WrongCheck
	}
	return v
}

// Mask gives what a log may show: the last two characters of a well-formed
// code behind asterisks, and three asterisks for anything else, so that not
// even the length of a foreign text gets out.
func Mask(s string) string {
	s = Normalise(s)
	if Check(s).Status == BadForm {
		return "***"
	}
	return strings.Repeat("*", len(s)-2) + s[len(s)-2:]
}

// personPattern says what each of the 16 places may hold: L a letter, N a
// digit or its omocodia letter, M a month letter.
const personPattern = "LLLLLLNNMNNLNNNL"

func personForm(s string) bool {
	for i := range personLen {
		if !fits(personPattern[i], s[i]) {
			return false
		}
	}
	return true
}

func fits(class, c byte) bool {
	switch class {
	case 'N':
		return c >= '0' && c <= '9' || strings.IndexByte("LMNPQRSTUV", c) >= 0
	case 'M':
		return strings.IndexByte("ABCDEHLMPRST", c) >= 0
	}
	return c >= 'A' && c <= 'Z'
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// oddValue holds the weights of the odd places (counted from 1) of A..Z; the
// digits 0..9 weigh as A..J.
var oddValue = [26]int{
	1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
}

// personCheck computes the sixteenth character from the first fifteen (DM 23/12/1976).
func personCheck(s string) byte {
	sum := 0
	for i := range personLen - 1 {
		rank := int(s[i] - 'A')
		if s[i] <= '9' {
			rank = int(s[i] - '0')
		}
		if i%2 == 0 { // first, third, ... place
			rank = oddValue[rank]
		}
		sum += rank
	}
	return byte('A' + sum%26)
}

// numericCheck computes the eleventh digit from the first ten.
func numericCheck(s string) byte {
	sum := 0
	for i := range numericLen - 1 {
		d := int(s[i] - '0')
		if i%2 == 1 { // second, fourth, ... place
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}
