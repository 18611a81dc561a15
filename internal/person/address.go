package person

import (
	"slices"
	"strings"

	"filodiretto/internal/textfold"
)

// Postal is an Italian street address taken apart. All fields are folded
// (lower case, no accents) and spelled out: "v." is "via", "int." the Unit.
// An empty field was not written.
type Postal struct {
	Kind     string // "via", "piazza", "localita"; empty when none was written
	Street   string // without kind, particles and titles: "giuseppe garibaldi"
	Civic    string // the number: "14", "km 12+300", or "snc" where there is none
	Suffix   string // of the number: "a", "bis", "3"
	Building string // palazzina, edificio, blocco, lotto, torre
	Stair    string
	Floor    string
	Unit     string // interno
	CAP      string // five digits
	Town     string
	Province string // two letters
}

// maxPostal bounds what is read of an address, in bytes.
const maxPostal = 400

// Address takes an address apart as far as it can. What it does not
// understand goes to the street or is left out; a text that is no address gives
// a Postal without Civic, which AddressMatch does not compare.
func Address(raw string) Postal {
	if len(raw) > maxPostal {
		raw = strings.ToValidUTF8(raw[:maxPostal], "")
	}
	r := addressReader{tokens: addressTokens(raw)}
	r.skipCareOf()
	r.kind()
	r.street()
	r.civic()
	r.rest()
	return r.out
}

// IsZero reports whether nothing was found.
func (p Postal) IsZero() bool { return p == Postal{} }

// String gives the normal form on one line: two ways to write the same address
// give the same line.
func (p Postal) String() string {
	var b strings.Builder
	add := func(label, v string) {
		if v == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(label + v)
	}
	add("", p.Kind)
	add("", p.Street)
	number := p.Civic
	if p.Suffix != "" {
		number += "/" + p.Suffix
	}
	add("", number)
	add("edificio ", p.Building)
	add("scala ", p.Stair)
	add("piano ", p.Floor)
	add("interno ", p.Unit)
	place := strings.TrimSpace(p.CAP + " " + p.Town)
	if p.Province != "" {
		place += " (" + p.Province + ")"
	}
	if place != "" && b.Len() > 0 {
		b.WriteByte(',')
	}
	add("", place)
	return b.String()
}

// AddressMatch compares two written addresses: Same when all that both say is
// equal and neither says more, Compatible when one only says less ("via
// Garibaldi 14" and "v. G. Garibaldi 14 int. 3"), Different when something
// contradicts, the interno included: neighbours are not one person.
func AddressMatch(a, b string) Match { return Address(a).Match(Address(b)) }

// Match compares two addresses taken apart, as AddressMatch does.
func (p Postal) Match(o Postal) Match {
	if p.Street == "" || o.Street == "" || p.Civic == "" || o.Civic == "" {
		return Unknown
	}
	m := matchStreet(p.Street, o.Street)
	for _, f := range [][2]string{
		{p.Kind, o.Kind},
		{p.Civic, o.Civic},
		{p.Suffix, o.Suffix},
		{p.Building, o.Building},
		{p.Stair, o.Stair},
		{p.Unit, o.Unit},
		{p.CAP, o.CAP},
		{p.Town, o.Town},
		{p.Province, o.Province},
	} {
		m = weaker(m, matchField(f[0], f[1]))
	}
	// People count floors in their own way: only saying it or not matters.
	if m == Same && p.Floor != o.Floor {
		return Compatible
	}
	return m
}

func matchField(a, b string) Match {
	switch {
	case a == b:
		return Same
	case a == "" || b == "":
		return Compatible
	}
	return Different
}

// matchStreet compares street names: the shorter must be within the longer,
// given names may be initials, and one whole word must be common to both.
func matchStreet(a, b string) Match {
	wa, wb := strings.Fields(a), strings.Fields(b)
	full, matched := align(wa, wb)
	switch {
	case slices.Equal(wa, wb) || full == len(wa) && full == len(wb):
		return Same
	case full == 0 || matched < min(len(wa), len(wb)):
		return Different
	}
	return Compatible
}

func weaker(a, b Match) Match {
	for _, m := range []Match{Different, Unknown, Compatible} {
		if a == m || b == m {
			return m
		}
	}
	return Same
}

// addressToken is a word of an address, folded.
type addressToken struct {
	text  string
	upper bool // written in capitals
	comma bool // after a comma, a bracket or a line end
	glued bool // to the one before: the a of "14a" and "14/a"
}

// addressTokens cuts an address into words: "14/A int.3" gives 14, a, int, 3.
func addressTokens(raw string) []addressToken {
	var out []addressToken
	comma := false
	for chunk := range strings.FieldsSeq(addressSigns.Replace(raw)) {
		if chunk == "," {
			comma = true
			continue
		}
		pieces := splitChunk(chunk)
		for i, piece := range pieces {
			text := strings.ReplaceAll(textfold.Fold(piece), " ", "")
			if text == "" {
				continue
			}
			out = append(out, addressToken{
				text:  text,
				upper: piece == strings.ToUpper(piece),
				comma: comma,
				glued: i > 0 && !strings.HasSuffix(pieces[i-1], "."),
			})
			comma = false
		}
	}
	return out
}

// addressSigns sets commas apart, takes brackets for commas, and blanks for
// the signs that only decorate.
var addressSigns = strings.NewReplacer(
	",", " , ", ";", " , ", "\n", " , ", "(", " , ", ")", " , ", " - ", " , ",
	"n°", " n ", "N°", " n ", "nº", " n ", "Nº", " n ", "°", " ", "º", " ",
	"'", " ", "’", " ", "‘", " ", "`", " ",
)

// splitChunk parts what is written without a blank: "v.Garibaldi", "int.3",
// "14/A" and "14a", but neither "p.zza" nor "12.300".
func splitChunk(chunk string) []string {
	if w := strings.ReplaceAll(chunk, ".", ""); knownWord(textfold.Fold(w)) {
		return []string{w}
	}
	var out []string
	start := 0
	for i := 1; i < len(chunk); i++ {
		prev, c := chunk[i-1], chunk[i]
		thousands := prev == '.' && i > 1 && isDigit(chunk[i-2]) && isDigit(c)
		change := isDigit(prev) != isDigit(c) && asciiLetterOrDigit(prev) && asciiLetterOrDigit(c)
		if c == '/' || c == '-' || change || prev == '.' && !thousands {
			out = append(out, chunk[start:i])
			start = i
		}
	}
	return append(out, chunk[start:])
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func asciiLetterOrDigit(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
