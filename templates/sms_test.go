package templates

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestMeasure(t *testing.T) {
	tests := []struct {
		name, text string
		want       Length
	}{
		{"empty", "", Length{GSM7, 0, 0, 160, false}},
		{"one", "a", Length{GSM7, 1, 1, 159, false}},
		{"Italian vowels", "àèéìòùÉ", Length{GSM7, 7, 1, 153, false}},
		{"escaped count two", "€[]{}\\|^~\f", Length{GSM7, 20, 1, 140, false}},
		{"full", strings.Repeat("a", 160), Length{GSM7, 160, 1, 0, false}},
		{"one more", strings.Repeat("a", 161), Length{GSM7, 161, 2, 145, false}},
		{"two full", strings.Repeat("a", 306), Length{GSM7, 306, 2, 0, false}},
		{"three", strings.Repeat("a", 307), Length{GSM7, 307, 3, 152, false}},
		{"escape not split", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), Length{GSM7, 306, 3, 152, false}},
		{"capital accent", "À", Length{UCS2, 1, 1, 69, false}},
		{"apostrophe", "l’acqua", Length{UCS2, 7, 1, 63, false}},
		{"UCS-2 full", strings.Repeat("ж", 70), Length{UCS2, 70, 1, 0, false}},
		{"UCS-2 two", strings.Repeat("ж", 71), Length{UCS2, 71, 2, 63, false}},
		{"emoji counts two", "😀", Length{UCS2, 2, 1, 68, false}},
		{"surrogate pair not split", strings.Repeat("ж", 66) + "😀" + strings.Repeat("ж", 66), Length{UCS2, 134, 3, 66, false}},
		{"c with cedilla", "ç", Length{UCS2, 1, 1, 69, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Measure(tt.text); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestFitSMS(t *testing.T) {
	tests := []struct {
		in, want string
		enc      Encoding
		adapted  bool
	}{
		{"ciao", "ciao", GSM7, false},
		{"L’ACQUA È “buona” – n° 1…", `L'ACQUA E' "buona" - no 1...`, GSM7, true},
		{"Città, perché, É", "Città, perché, É", GSM7, false},
		{"Nicolás Țepeș Ångström", "Nicolàs Tepes Ångström", GSM7, true},
		{"non\u00a0spezzare", "non spezzare", GSM7, true},
		{"l•••@example.it", "l---@example.it", GSM7, true},
		{"Привет, l’acqua", "Привет, l’acqua", UCS2, false},
		{"ok 😀", "ok 😀", UCS2, false},
	}
	for _, tt := range tests {
		got, l := fitSMS(tt.in)
		if got != tt.want || l.Encoding != tt.enc || l.Adapted != tt.adapted {
			t.Errorf("fitSMS(%q) = %q, %+v; want %q", tt.in, got, l, tt.want)
		}
	}
}

// The parts hold all units, and no part more than it may.
func TestMeasureProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("a€[àè \n")), rapid.SampledFrom([]rune("a€’😀")))).Draw(t, "s")
		s = strings.Repeat(s, rapid.IntRange(1, 30).Draw(t, "times"))
		fit, l := fitSMS(s)
		if l != func() Length { m := Measure(fit); m.Adapted = l.Adapted; return m }() {
			t.Fatalf("length of %q is not that of what is sent", s)
		}
		alone, part := 160, 153
		if l.Encoding == UCS2 {
			alone, part = 70, 67
		}
		switch {
		case l.Units <= alone && l.Parts > 1, l.Units > alone && l.Parts*part < l.Units,
			l.Parts > 1 && (l.Parts-1)*(part-1) >= l.Units, l.Left < 0:
			t.Fatalf("%q: %+v", fit, l)
		}
	})
}

func FuzzFitSMS(f *testing.F) {
	for _, s := range []string{"", "ciao", "l’acqua", "😀", "\xff", "e\u0301", "ŉ", "ﬁ", "\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out, l := fitSMS(s)
		if l.Adapted && l.Encoding != GSM7 || utf8.ValidString(s) && !utf8.ValidString(out) {
			t.Errorf("fitSMS(%q) = %q, %+v", s, out, l)
		}
		if again, _ := fitSMS(out); again != out {
			t.Errorf("fitSMS(%q) = %q, again %q", s, out, again)
		}
	})
}
