package person

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestName(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"Lucia Ferrante", "ferrante lucia"},
		{"FERRANTE LUCIA", "ferrante lucia"},
		{"Ferrante, Lucia", "ferrante lucia"},
		{"Sig.ra Lucia Ferrante", "ferrante lucia"},
		{"Gent.ma Sig.ra Dott.ssa Lucia Ferrante", "ferrante lucia"},
		{"Dott. ssa Lucia Ferrante", "ferrante lucia"},
		{"Dott.Ferrante Lucia", "ferrante lucia"},
		{"Geom. Niccolò D'Angelo", "dangelo niccolo"},
		{"D’Angelo Niccolo'", "dangelo niccolo"},
		{"Niccolo\u0300 d angelo", "dangelo niccolo"},
		{"Anna De Luca", "anna deluca"},
		{"DELUCA ANNA", "anna deluca"},
		{"Maria de la Cruz", "delacruz maria"},
		{"Anna Maria Lo Giudice", "anna loGiudice maria"},
		{"L.Ferrante", "ferrante l"},
		{"G.B. Rossi", "b g rossi"},
		{"lucia.ferrante72", "ferrante lucia"},
		{"Lucia Ferrante (via Facebook)", "ferrante lucia"},
		{"Lucia (Ferrante", "ferrante lucia"},
		{"Gentile Marco", "gentile marco"},
		{"Marco Gentile", "gentile marco"},
		{"Gentile sig.ra Ferrante", "ferrante"},
		{"Gentile Lucia Ferrante", "ferrante lucia"},
		{"Don Mario Rossi", "mario rossi"},
		{"Santa Rossi", "rossi santa"},
		{"Łukasz Straße", "lukasz strasse"},
		{"Лукия Ферранте", "лукия ферранте"},
		{"lucia@example.it", ""},
		{"Geom.", ""},
		{"", ""},
		{"333 1234567", ""},
		{"😀", ""},
	}
	for _, tt := range tests {
		if got := Name(tt.raw); got != strings.ToLower(tt.want) {
			t.Errorf("Name(%q) = %q, want %q", tt.raw, got, tt.want)
		}
	}
}

func TestNameMatch(t *testing.T) {
	tests := []struct {
		a, b string
		want Match
	}{
		{"Lucia Ferrante", "FERRANTE Lucia", Same},
		{"Sig.ra Lucia Ferrante", "lucia ferrante", Same},
		{"Anna Maria De Luca", "Deluca Annamaria", Same},
		{"Fatima El Amrani", "Elamrani Fatima", Same},
		{"Li Wei", "Wei Li", Same},
		{"Niccolò D'Angelo", "Niccolo' Dangelo", Same},
		{"L. Ferrante", "Lucia Ferrante", Compatible},
		{"Ferrante L.", "Lucia Ferrante", Compatible},
		{"Lucia M. Ferrante", "Lucia Maria Ferrante", Compatible},
		{"Lucia Maria Ferrante", "Lucia Ferrante", Compatible},
		{"L. M. Ferrante", "Lucia Ferrante", Compatible},
		{"L. Ferrante", "L. Ferrante", Compatible}, // the initial may hide two people
		{"Lucia", "Lucia", Compatible},
		{"M. Ferrante", "Lucia Ferrante", Different},
		{"Maria Ferrante", "Lucia Ferrante", Different},
		{"Mario Rossi", "Maria Rossi", Different},
		{"Lucia Ferrante", "Lucia Rossi", Different},
		{"Lucia Ferrante Rossi", "Lucia Ferrante Bianchi", Different},
		{"Lucia", "Lucia Ferrante", Unknown},
		{"Ferrante", "Lucia Ferrante", Unknown},
		{"zorro", "Marco Rossi", Unknown},
		{"Lucia", "Marco", Unknown},
		{"L. F.", "Lucia Ferrante", Unknown},
		{"L", "L", Unknown},
		{"", "Lucia Ferrante", Unknown},
		{"lucia@example.it", "Lucia Ferrante", Unknown},
		{"", "", Unknown},
	}
	for _, tt := range tests {
		for range 2 {
			if got := NameMatch(tt.a, tt.b); got != tt.want {
				t.Errorf("NameMatch(%q, %q) = %s, want %s", tt.a, tt.b, got, tt.want)
			}
			tt.a, tt.b = tt.b, tt.a
		}
	}
}

func TestInitials(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"Lucia Ferrante", "LF"},
		{"lucia maria ferrante", "LF"},
		{"Geom. Mario De Luca", "ML"},
		{"Dott.ssa Èva D'Angelo", "ÈD"},
		{"Lucia", "L"},
		{"lucia.ferrante@example.it", "LF"},
		{"Di", "D"},
		{"日本 太郎", "日太"},
		{"+39 333 1234567", "?"},
		{"", "?"},
		{"\u200b", "?"},
		{"Geom.", "?"},
	}
	for _, tt := range tests {
		if got := Initials(tt.raw); got != tt.want {
			t.Errorf("Initials(%q) = %q, want %q", tt.raw, got, tt.want)
		}
	}
}

var (
	givenNames = []string{"Lucia", "Mario", "Anna", "Niccolò", "Maria", "Wei", "Łukasz", "Santa"}
	surnames   = []string{"Ferrante", "De Luca", "D'Angelo", "Rossi", "Lo Giudice", "El Amrani", "Gentile", "Li"}
)

// Order, case, titles and accents never matter.
func TestNameIsTheSameHoweverWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SampledFrom(givenNames).Draw(t, "given")
		sur := rapid.SampledFrom(surnames).Draw(t, "surname")
		plain := given + " " + sur
		other := sur + ", " + given
		if rapid.Bool().Draw(t, "upper") {
			other = strings.ToUpper(other)
		}
		other = rapid.SampledFrom([]string{"", "Sig. ", "Dott.ssa ", "Egr. Geom. "}).Draw(t, "title") + other
		if got := NameMatch(plain, other); got != Same {
			t.Fatalf("NameMatch(%q, %q) = %s: %q %q", plain, other, got, Name(plain), Name(other))
		}
		short := given[:1] + ". " + sur
		if utf8.ValidString(short) && NameMatch(plain, short) != Compatible {
			t.Fatalf("NameMatch(%q, %q) = %s", plain, short, NameMatch(plain, short))
		}
	})
}

// checkNames holds for any two texts.
func checkNames(t interface{ Fatalf(string, ...any) }, a, b string) {
	m := NameMatch(a, b)
	if back := NameMatch(b, a); back != m {
		t.Fatalf("NameMatch(%q, %q) = %s, the other way %s", a, b, m, back)
	}
	if m == Same || m == Compatible {
		kb := NameKeys(b)
		if !slices.ContainsFunc(NameKeys(a), func(k string) bool { return slices.Contains(kb, k) }) {
			t.Fatalf("%q and %q are %s and share no key: %q %q", a, b, m, NameKeys(a), kb)
		}
	}
	if n := utf8.RuneCountInString(Initials(a)); n < 1 || n > 2 {
		t.Fatalf("Initials(%q) = %q", a, Initials(a))
	}
	if n := Name(a); !utf8.ValidString(n) || strings.Join(strings.Fields(n), " ") != n {
		t.Fatalf("Name(%q) = %q", a, n)
	}
}

func TestNameMatchIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{
			"Lucia", "L.", "M.", "Maria", "Anna", "Annamaria", "De", "Luca", "Deluca", "Ferrante", "Dott.", "ssa", "El", "Amrani",
			"Elamrani", "Gentile", "d'", "(x)",
		})
		name := rapid.SliceOfN(word, 0, 5)
		checkNames(t, strings.Join(name.Draw(t, "a"), " "), strings.Join(name.Draw(t, "b"), " "))
	})
}

func FuzzNameMatch(f *testing.F) {
	for _, s := range [][2]string{
		{"Lucia Ferrante", "L. Ferrante"},
		{"", "\xff"},
		{"((((", "a)b(c)"},
		{"Dott.", "ssa"},
		{"ß SS", "ss ß"},
		{"日本", "日 本"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) { checkNames(t, a, b) })
}
