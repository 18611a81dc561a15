package password

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	about := []string{"lferri", "Lucia Ferri", "lucia.ferri@comune.pontelieto.example", "Comune di Pontelieto"}
	for _, c := range []struct {
		password string
		want     Weakness
	}{
		{"", TooShort},
		{"Xk9$mQ2!vB7", TooShort},
		{"perchéperc\u0301", TooShort},
		{strings.Repeat("a b c ", 50), TooLong},
		{"aaaaaaaaaaaaaa", Repeated},
		{"abababababab", Repeated},
		{"112211221122", Repeated},
		{"123456789012", Sequence},
		{"abcdefghijklm", Sequence},
		{"qwertyuiopasdf", Sequence},
		{"1q2w3e4r5t6y", Sequence},
		{"0987654321098", Sequence},
		{"password1234", Obvious},
		{"PasswordPassword", Obvious},
		{"P@ssw0rd2026!", Obvious},
		{"Benvenuto2026!", Obvious},
		{"ForzaJuventus1", Obvious},
		{"amministratore", Obvious},
		{"cambiami2026!!", Obvious},
		{"filodiretto1!", Obvious},
		{"25/12/1980 10:35", Obvious},
		{"Lucia1980!!!!", Personal},
		{"LuciaFerri1980", Personal},
		{"Pontelieto2026", Personal},
		{"comunepontelieto", Personal},
		{"lferri!2026!ab", Personal},
		{"cavallo batteria graffetta", None},
		{"il gatto di Lucia dorme sul tetto", None},
		{"mJ7#kd92Lw0q", None},
		{"Xk9$mQ2!vB7z", None},
		{"perché no, dopotutto", None},
		{"password del mio vecchio trattore", None},
		{"молоко на столе", None},
	} {
		if got := Check(c.password, about...); got != c.want {
			t.Errorf("Check(%q) = %q, want %q", c.password, got, c.want)
		}
	}
}

func TestEveryWeaknessHasWords(t *testing.T) {
	for _, w := range []Weakness{TooShort, TooLong, Repeated, Sequence, Obvious, Personal} {
		it, en := w.Text("it"), w.Text("en")
		if it == "" || en == "" || it == en || w.Text("de") != it {
			t.Errorf("%s: it %q, en %q", w, it, en)
		}
	}
	if None.Text("it") != "" {
		t.Error("words about nothing")
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("cavallo batteria graffetta", "Lucia Ferri")
	f.Add("\xff\xfe\xfd0123456789", "")
	f.Fuzz(func(t *testing.T, password, about string) {
		if w := Check(password, about); w != None && w.Text("it") == "" {
			t.Errorf("no words for %q", w)
		}
	})
}
