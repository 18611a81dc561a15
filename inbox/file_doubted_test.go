package inbox

import (
	"strings"
	"testing"
)

// A letter that comes first by a way on which our own mail server doubts its sender does
// not stand for the true one: that joins its case, as it was written, and the sender is
// told so. The other order, and the same doubted letter twice, are copies.
func TestADoubtedMailStandsForNoTrueOne(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.route.decide = func(Facts) Decision { return Decision{Receipt: true} }
		e.arrive(e.mail, letter("Rosa <rosa@example.org>", "r0@example.org", "Tributi", "Quanto devo?"))
		first := e.allCases()[0]
		again := letter("Rosa <rosa@example.org>", "r1@example.org", "Re: Tributi", "Ecco.", "References: <r0@example.org>")
		twisted := strings.Replace(again, "Content-Type: text/plain; charset=utf-8", "Content-Type: text/html; charset=utf-8", 1)
		if twisted == again {
			t.Fatal("nothing is twisted")
		}
		e.arrive(e.mail, isFalse+"\r\n"+twisted)
		e.arrive(e.mail, isTrue+"\r\n"+again)
		in := func() (out []*Message) {
			for _, m := range e.everything() {
				if m.Direction == In {
					out = append(out, m)
				}
			}
			return out
		}
		all := in()
		if len(all) != 3 || all[1].Standing() != StandsDoubted || all[1].CaseID == first.ID || all[2].Standing() != StandsConfirmed || all[2].CaseID != first.ID {
			t.Fatalf("%d messages", len(all))
		}
		e.arrive(e.mail, isFalse+"\r\nX-Way: other\r\n"+twisted, isFalse+"\r\nX-Way: third\r\n"+again, isTrue+"\r\nX-Way: fourth\r\n"+again)
		if n := len(in()); n != 3 {
			t.Error("copies became messages:", n)
		}
		for i, want := range []int{1, 3, 2} {
			if n := e.number("SELECT count(*) FROM copies WHERE message_id = ?", all[i].ID); n != want {
				t.Error(n, "originals of", all[i].ExternalID)
			}
		}
		both := letter("Rosa <rosa@example.org>", "r2@example.org", "Mensa", "Un'altra cosa.")
		e.arrive(e.mail, isTrue+"\r\n"+both)
		e.arrive(e.mail, isFalse+"\r\n"+both)
		if n := len(in()); n != 4 {
			t.Error("a doubted copy of a true mail is a message:", n)
		}
	})
}

// Nor does a letter that somebody else sends on as their own, with the same id and the
// same words: it is theirs, and the true one comes in beside it.
func TestAnothersMailIsNoCopy(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		for _, from := range []string{"Mallory <mallory@evil.example>", "Rosa <rosa@example.org>"} {
			e.arrive(e.mail, letter(from, "r1@example.org", "Tributi", "Quanto devo?"))
		}
		all := e.everything()
		if len(all) != 2 || all[1].Sender != "Rosa <rosa@example.org>" || all[0].CaseID == all[1].CaseID {
			t.Errorf("%d messages", len(all))
		}
	})
}
