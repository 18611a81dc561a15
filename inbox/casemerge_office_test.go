package inbox

import (
	"context"
	"errors"
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/db"
	"filodiretto/internal/textfold"
)

// kinSeen says what somebody may do with a case that was put into another: see the case
// on whose page it stands, see it, open its message, its original, and find its words.
func (e *env) kinSeen(v Viewer, root, kin, message int64) string {
	e.t.Helper()
	out := []byte("-----")
	can := func(i int, err error) {
		switch {
		case err == nil:
			out[i] = "rkmof"[i]
		case !errors.Is(err, ErrNotFound):
			e.t.Error(err)
		}
	}
	_, err := e.CaseByID(e.t.Context(), v, root)
	can(0, err)
	_, err = e.CaseByID(e.t.Context(), v, kin)
	can(1, err)
	_, err = e.Message(e.t.Context(), v, message)
	can(2, err)
	_, _, err = e.RawMessage(e.t.Context(), v, message)
	can(3, err)
	q, _ := textfold.Parse("lampione", textfold.Options{})
	if found, err := e.Search(e.t.Context(), v, q, 20); err != nil || len(found.Hits) > 0 {
		can(4, err)
	}
	return string(out)
}

// What was put into a case goes with it to another office: a reserved one keeps it from
// the front office as it keeps the case, and can open it; who had it keeps what they had.
func TestWhatWasPutIntoACaseIsGivenWithIt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		reserved, marta := e.reserved()
		trib := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
		desk := e.office("anagrafe", false)
		desk.FrontDesk = true
		l := letter("Ada <ada@posta.example>", "a2@posta.example", "Lampione", "In via Po.")
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Aiuto", "Ho paura."))
		root := e.allCases()[0].ID
		e.arrive(e.mail, l)
		m := e.lastIn(t)
		e.arrive(trib, "Received: by mx2\r\n"+l)
		e.mergeCase(e.theCase(m.CaseID), e.theCase(root))
		want := func(when string, all map[string]Viewer) {
			t.Helper()
			for want, v := range all {
				if got := e.kinSeen(v, root, m.CaseID, m.ID); got != want[:5] {
					t.Errorf("%s: %s may %s, want %s", when, v.Name, got, want[:5])
				}
			}
		}
		want("before", map[string]Viewer{"rkmof1": e.giulia, "rkmof2": desk, "-kmof": e.elena, "-----": marta})
		give := func(office int64) {
			t.Helper()
			_, err := e.Change(t.Context(), Viewer{System: true}, root, 0, func(ctx context.Context, tx *db.Tx, c *Case) ([]Event, error) {
				c.OfficeID = office
				_, err := tx.NewRaw("INSERT INTO case_offices (case_id, office_id, since_at) VALUES (?, ?, ?)", c.ID, e.urp, tx.Now).Exec(ctx) // as Desk.Answer
				return nil, err
			})
			must(t, err)
		}
		version := e.theCase(m.CaseID).Version
		give(reserved)
		want("given", map[string]Viewer{"rkmof1": e.giulia, "-----1": desk, "-----2": e.elena, "rkmof2": marta})
		if got := e.theCase(m.CaseID).Version; got != version+1 {
			t.Error("version", version, "and then", got)
		}
		c, err := e.UnmergeCase(t.Context(), marta, m.CaseID)
		if err != nil || c.OfficeID != reserved {
			t.Error(c, err)
		}
		want("taken out", map[string]Viewer{"rkmof1": e.giulia, "-----1": desk, "-----2": e.elena, "rkmof2": marta})
	})
}

// Who sees a case opens all that stands on its page, also what another office put into it.
func TestWhatAnotherOfficePutIntoACaseIsOpened(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		trib := e.mailbox(e.trib, "tributi", "tributi@comune.pontelieto.example")
		e.arrive(trib, letter("Ada <ada@posta.example>", "a1@posta.example", "Tassa", "Quanto devo?"))
		root := e.allCases()[0].ID
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a2@posta.example", "Lampione", "In via Po."))
		m := e.lastIn(t)
		third := e.office("ambiente", false)
		if got := e.kinSeen(e.elena, root, m.CaseID, m.ID); got != "r----" {
			t.Fatal(got)
		}
		e.mergeCase(e.theCase(m.CaseID), e.theCase(root))
		if got := e.kinSeen(e.elena, root, m.CaseID, m.ID); got != "r-mo-" {
			t.Error("the office of the case:", got)
		}
		if got := e.kinSeen(third, root, m.CaseID, m.ID); got != "-----" {
			t.Error("another office:", got)
		}
	})
}

// What did not arrive stands on the page of the case, and its office has it tried again.
func TestWhatAnotherOfficePutIntoACaseIsTriedAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		s := e.sender(e.mail)
		realCounter(e)
		k := e.writes(e.mail, "ada@posta.example", "Il lampione è spento")
		_, err := e.RecordVisit(t.Context(), e.giulia, Visit{AccountID: e.counter.ID, Key: "k1", CitizenID: k.c.CitizenID, Subject: "Tassa", Text: "Chiede."})
		must(t, err)
		var root *Case
		for _, c := range e.allCases() {
			if c.ID != k.c.ID {
				root = c
			}
		}
		e.exec(t, "UPDATE cases SET office_id = ? WHERE id = ?", e.trib, root.ID)
		s.refuse(&channels.Error{Class: channels.ContentRejected, Code: "550 5.7.1"})
		r := e.mustReply(k.reply("Passiamo domani."))
		e.deliver(e.mail)
		d := r.Deliveries[0].ID
		third := e.office("ambiente", false)
		tries := func(v Viewer, want error) {
			t.Helper()
			if err := e.RetryDelivery(t.Context(), v, d); !errors.Is(err, want) {
				t.Errorf("%s: %v", v.Name, err)
			}
		}
		tries(e.elena, ErrNotFound)
		e.mergeCase(e.theCase(k.c.ID), e.theCase(root.ID))
		tries(third, ErrNotFound)
		tries(e.elena, nil)
		if got := e.delivery(d).State; got != Queued || e.theCase(root.ID).Failed {
			t.Error(got, "and the case says that it failed")
		}
	})
}
