package fiscalcode

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The vectors of reference/italian-pa.md section 3.
func TestCheckVectors(t *testing.T) {
	tests := []struct {
		in       string
		status   Status
		kind     Kind
		computed string
	}{
		{"RSSMRA85T10A562S", Valid, Person, "S"},
		{"MRTMTT25D09F205Z", Valid, Person, "Z"},
		{"LVLDAA85T50G702B", Valid, Person, "B"},
		{"RSSMRA85T10A56NH", Valid, Person, "H"},
		{"RSSMRA85T10A5SNT", Valid, Person, "T"},
		{"SPNDNL80R13C555X", WrongCheck, Person, "T"},
		{"GLABNC72H25H501Y", WrongCheck, Person, "R"},
		{"RRANGL74M28R701V", WrongCheck, Person, "D"},
		{"00743110157", Valid, Numeric, "7"},
		{"12345678903", Valid, Numeric, "3"},
		{"06363391001", Valid, Numeric, "1"},
		{"80078750587", Valid, Numeric, "7"},
		{"97735020584", Valid, Numeric, "4"},
		{"12345678901", WrongCheck, Numeric, "3"},
		{"00000000000", Refused, Numeric, "0"},

		{"  rssmra85t10a562s\n", Valid, Person, "S"},
		{"RSS MRA 85T10 A562S", Valid, Person, "S"},
		{"RSSMRA85T10A562\u200bS", Valid, Person, "S"}, // a zero-width space from a copy

		{"", BadForm, NoKind, ""},
		{"RSSMRA85T10A562", BadForm, NoKind, ""},
		{"RSSMRA85T10A562SS", BadForm, NoKind, ""},
		{"RSSMRA85F10A562S", BadForm, NoKind, ""}, // F is no month
		{"RSSMRA8AT10A562S", BadForm, NoKind, ""}, // A is no omocodia letter
		{"RSSMR485T10A562S", BadForm, NoKind, ""},
		{"RSSMRÀ85T10A562S", BadForm, NoKind, ""},
		{"1234567890", BadForm, NoKind, ""},
		{"1234567890A", BadForm, NoKind, ""},
		{"１２３４５６７８９０３", BadForm, NoKind, ""}, // full-width digits are not digits here
	}
	for _, tt := range tests {
		want := Verdict{tt.status, tt.kind, tt.computed}
		if got := Check(tt.in); got != want {
			t.Errorf("Check(%q) = %+v, want %+v", tt.in, got, want)
		}
		if got := Check(tt.in).OK(); got != (tt.status == Valid) {
			t.Errorf("Check(%q).OK() = %v", tt.in, got)
		}
	}
}

func TestMask(t *testing.T) {
	tests := []struct{ in, want string }{
		{"RSSMRA85T10A562S", "**************2S"},
		{"rss mra 85t10 a562s", "**************2S"},
		{"SPNDNL80R13C555X", "**************5X"}, // a wrong check is personal data all the same
		{"00743110157", "*********57"},
		{"Lucia Ferrante", "***"},
		{"", "***"},
	}
	for _, tt := range tests {
		if got := Mask(tt.in); got != tt.want {
			t.Errorf("Mask(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

const omocodia = "LMNPQRSTUV"

// digitPlaces are the seven places where omocodia may put a letter, from 0.
var digitPlaces = []int{6, 7, 9, 10, 12, 13, 14}

// anyPerson draws a code of a person, with any subset of digits replaced.
func anyPerson(t *rapid.T) string {
	letter := rapid.StringOfN(rapid.RuneFrom([]rune("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), 6, 6, -1)
	digits := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789")), 7, 7, -1).Draw(t, "digits")
	b := []byte(letter.Draw(t, "names") + digits[:2] +
		string(rapid.SampledFrom([]byte("ABCDEHLMPRST")).Draw(t, "month")) + digits[2:4] +
		string(rapid.ByteRange('A', 'Z').Draw(t, "place")) + digits[4:])
	for _, p := range digitPlaces {
		if rapid.Bool().Draw(t, "omocodia") {
			b[p] = omocodia[b[p]-'0']
		}
	}
	return string(b) + string(personCheck(string(b)+"A"))
}

func anyNumeric(t *rapid.T) string {
	s := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789")), 10, 10, -1).Draw(t, "digits")
	return s + string(numericCheck(s+"0"))
}

// The weights of the odd places are all different among letters, and so are
// those of the even places; within the digit places digits and omocodia
// letters never weigh the same. So every single substitution that keeps the
// form is caught.
func TestOneSubstitutionIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := anyPerson(t)
		if v := Check(code); v.Status != Valid || v.Kind != Person {
			t.Fatalf("made code %q: %+v", code, v)
		}
		i := rapid.IntRange(0, personLen-1).Draw(t, "at")
		c := rapid.SampledFrom([]byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")).Draw(t, "to")
		if c == code[i] {
			return
		}
		other := code[:i] + string(c) + code[i+1:]
		want := WrongCheck
		if !fits(personPattern[i], c) {
			want = BadForm
		}
		if v := Check(other); v.Status != want {
			t.Fatalf("%q made from %q: %+v, want %s", other, code, v, want)
		}
	})
}

// The numeric code catches every single digit, and every swap of neighbours
// but 09 and 90.
func TestNumericCatchesDigitsAndSwaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := anyNumeric(t)
		if v := Check(code); v.Status != Valid && v.Status != Refused {
			t.Fatalf("made code %q: %+v", code, v)
		}
		i := rapid.IntRange(0, numericLen-1).Draw(t, "at")
		c := rapid.ByteRange('0', '9').Draw(t, "to")
		if other := code[:i] + string(c) + code[i+1:]; other != code && Check(other).Status != WrongCheck {
			t.Fatalf("%q made from %q checks", other, code)
		}
		j := rapid.IntRange(0, numericLen-2).Draw(t, "swap")
		pair := code[j : j+2]
		swapped := code[:j] + pair[1:] + pair[:1] + code[j+2:]
		caught := Check(swapped).Status == WrongCheck
		if blind := pair == "09" || pair == "90" || pair[0] == pair[1]; caught == blind {
			t.Fatalf("swap of %q in %q: caught %v", pair, code, caught)
		}
	})
}

func TestNormaliseIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := Normalise(s)
		if twice := Normalise(once); twice != once {
			t.Fatalf("Normalise(%q) = %q, again %q", s, once, twice)
		}
	})
}

func TestMaskNeverShowsMoreThanTwo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := anyPerson(t)
		m := Mask(code)
		if len(m) != personLen || strings.Trim(m[:personLen-2], "*") != "" {
			t.Fatalf("Mask(%q) = %q", code, m)
		}
	})
}
