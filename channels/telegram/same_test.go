package telegram

import "testing"

func TestSameFile(t *testing.T) {
	c := new(Channel)
	of := func(id, unique, name string) string { return remote{ID: id, Unique: unique, Name: name}.String() }
	for _, x := range []struct {
		name, a, b string
		same       bool
	}{
		{"as it was", of("a", "u", "x.jpg"), of("a", "u", "x.jpg"), true},
		{"another handle in an edit", of("a", "u", "x.jpg"), of("b", "u", "x.jpg"), true},
		{"another name by another parser", of("a", "u", "x.jpg"), of("a", "u", "foto.jpg"), true},
		{"another photo under the same name", of("a", "u", "x.jpg"), of("b", "w", "x.jpg"), false},
		{"only one says what is unique to it", of("a", "u", "x.jpg"), of("a", "", "x.jpg"), true},
		{"nobody says it", of("a", "", "x.jpg"), of("b", "", "x.jpg"), false},
		{"no handle of this channel", "a", "a", true},
		{"one handle of this channel", "a", of("a", "", ""), false},
	} {
		if got := c.SameFile(x.a, x.b); got != x.same || c.SameFile(x.b, x.a) != got {
			t.Errorf("%s: %v", x.name, got)
		}
	}
}
