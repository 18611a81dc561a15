package person

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// maxPhone bounds the text that is searched for a number, in bytes.
const maxPhone = 200

// Phone finds the telephone number in what a person wrote in a field and gives
// it in E.164. Numbers without a country code are read as those of region
// (ISO 3166, "IT"). The 0 that leads Italian landlines stays: 0575 123456 is
// +390575123456. Where there are several numbers, the first valid one counts.
// ok is false when there is none; valid means that the numbering plan knows
// such a number, not that somebody answers.
func Phone(raw, region string) (e164 string, ok bool) {
	if len(raw) > maxPhone {
		return "", false
	}
	for _, piece := range phonePieces(norm.NFKC.String(raw)) {
		if e164, ok := phone(piece, region); ok {
			return e164, true
		}
		// "0575 123456 / 333 1234567" is two numbers, "0575/123456" is one.
		if strings.Contains(piece, "/") {
			for part := range strings.SplitSeq(piece, "/") {
				if e164, ok := phone(part, region); ok {
					return e164, true
				}
			}
		}
	}
	return "", false
}

func phone(s, region string) (string, bool) {
	n, err := phonenumbers.Parse(s, region)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	// Some numbering plans admit more than the fifteen digits of E.164.
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if len(e164) > len("+")+15 {
		return "", false
	}
	return e164, true
}

// GroupPhone writes a number in E.164 as people read it, in groups:
// "+39 347 555 1042". What is no number stays as it is.
func GroupPhone(e164 string) string {
	n, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return e164
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// phonePieces cuts a text at everything that does not belong to a written
// number, letters first of all: the library would dial them.
func phonePieces(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsDigit(r) && !unicode.IsSpace(r) && !strings.ContainsRune("+-–‐().·/", r)
	})
}
