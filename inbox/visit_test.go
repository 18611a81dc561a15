package inbox

import (
	"errors"
	"testing"
)

func TestAVisitOnACaseIsOfItsPerson(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realCounter(e)
		realMail(e)
		ctx := t.Context()
		c := e.opened("Ada <ada@posta.example>", "a1@posta.example", "Buca", "C'è una buca.")
		visit := func(key string, change func(*Visit)) (*Case, error) {
			w := Visit{AccountID: e.counter.ID, Key: key, CaseID: c.ID, Text: "Chiede a che punto siamo."}
			change(&w)
			return e.RecordVisit(ctx, e.giulia, w)
		}
		people := e.number("SELECT count(*) FROM citizens")
		if got, err := visit("k1", func(*Visit) {}); err != nil || got.ID != c.ID {
			t.Fatalf("nobody named: %+v %v", got, err)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE kind = 'visit' AND citizen_id = ? AND case_id = ?", c.CitizenID, c.ID); n != 1 || e.number("SELECT count(*) FROM citizens") != people {
			t.Error("the visit is not of the case's person")
		}
		eva := e.citizen("Eva Prova", "email:eva@posta.example")
		for name, change := range map[string]func(*Visit){
			"a file": func(w *Visit) { w.CitizenID = eva.ID },
			"a name": func(w *Visit) { w.Person = "Eva Prova" },
			"a mail": func(w *Visit) { w.Email = "eva@posta.example" },
		} {
			_, err := visit("k2", change)
			if warning, ok := errors.AsType[*WarningError](err); !ok || warning.Field != "case" || warning.Code != "other_person" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := e.number("SELECT count(*) FROM messages WHERE kind = 'visit'"); n != 1 {
			t.Error("a refused visit was filed:", n)
		}
		if _, err := visit("k2", func(w *Visit) { w.CitizenID, w.OtherPerson = eva.ID, true }); err != nil {
			t.Fatal("confirmed:", err)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE kind = 'visit' AND citizen_id = ? AND case_id = ?", eva.ID, c.ID); n != 1 {
			t.Error("the daughter's visit is not on the case")
		}
		// Her own mail that answers the case's is no part of it: people decide.
		e.arrive(e.mail, letter("Eva <eva@posta.example>", "e1@posta.example", "Re: Buca", "parole di Eva", "References: <a1@posta.example>"))
		if n := e.number("SELECT count(*) FROM messages WHERE citizen_id = ? AND channel = 'mail' AND case_id = ?", eva.ID, c.ID); n != 0 {
			t.Error("a visitor's mail landed on a stranger's case")
		}
		if n := e.number("SELECT count(*) FROM suggestions WHERE other_id = ? AND state = 'open'", c.ID); n != 1 {
			t.Error("and nobody is asked:", n)
		}
		// One person by a merge is no other person.
		e.merge(eva, &Citizen{ID: c.CitizenID})
		if _, err := visit("k3", func(w *Visit) { w.CitizenID = eva.ID }); err != nil {
			t.Error("another row of the same person:", err)
		}
	})
}

func TestAVisitRecordedBeforeIsShownToWhoMaySeeIt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realCounter(e)
		w := Visit{AccountID: e.counter.ID, Key: "k1", Person: "Ada", Text: "Chiede."}
		c, err := e.RecordVisit(t.Context(), e.giulia, w)
		if err != nil {
			t.Fatal(err)
		}
		office, _ := e.reserved()
		e.exec(t, "UPDATE cases SET office_id = ? WHERE id = ?", office, c.ID)
		if got, err := e.RecordVisit(t.Context(), e.giulia, w); !errors.Is(err, ErrNotFound) || got != nil {
			t.Errorf("the key of a visit opened a reserved case: %+v %v", got, err)
		}
	})
}
