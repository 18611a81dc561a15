package demo

import (
	"fmt"
	"testing"

	"filodiretto/internal/fiscalcode"
	"filodiretto/internal/person"
)

func TestPeople(t *testing.T) {
	a, b, other := newCensus(5), newCensus(5), newCensus(6)
	mail, chat, both, none, women := 0, 0, 0, 0, 0
	for range 400 {
		p, q, o := a.next(), b.next(), other.next()
		if fmt.Sprintf("%+v", p) != fmt.Sprintf("%+v", q) {
			t.Fatalf("the same seed gave %+v and %+v", p, q)
		}
		if p.Key == o.Key && p.CF == o.CF {
			t.Errorf("another seed gave the same %s", p.Key)
		}
		if !fiscalcode.Check(p.CF).OK() || p.CF[11:15] != placeCode {
			t.Errorf("%s has the codice fiscale %s", p.Key, p.CF)
		}
		if _, ok := person.Phone(p.Phone, "IT"); !ok {
			t.Errorf("%s has the telephone %s", p.Key, p.Phone)
		}
		for _, m := range p.Mail {
			if _, ok := person.Email(m); !ok || a.mail(m) != p {
				t.Errorf("%s has the address %s", p.Key, m)
			}
		}
		if p.Telegram.ID != 0 && a.chat(p.Telegram.ID) != p || a.key(p.Key) != p {
			t.Errorf("%s is not found again", p.Key)
		}
		switch {
		case len(p.Mail) > 0 && p.Telegram.ID != 0:
			both++
		case len(p.Mail) > 0:
			mail++
		case p.Telegram.ID != 0:
			chat++
		default:
			none++
		}
		if p.Woman {
			women++
		}
	}
	if mail < 40 || chat < 20 || both < 60 || none < 5 || women < 140 || women > 260 {
		t.Errorf("%d with mail, %d with Telegram, %d with both, %d with none; %d women", mail, chat, both, none, women)
	}
	l := a.key("lucia.ferrante")
	if l == nil || !l.Guest || l.Mail[0] != "lucia.ferrante@posta.example" || !fiscalcode.Check(l.CF).OK() {
		t.Errorf("Lucia is %+v", l)
	}
}

func TestPlainAndLetters(t *testing.T) {
	if got := plain("D'Angelo De Luca"); got != "dangelodeluca" {
		t.Error(got)
	}
	for name, want := range map[string]string{"Rossi": "RSS", "Re": "REX", "Ferrante": "FRR", "Aiace": "CAI"} {
		if got := letters(name); got != want {
			t.Errorf("%s gives %s, want %s", name, got, want)
		}
	}
}
