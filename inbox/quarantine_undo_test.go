package inbox

import (
	"fmt"
	"testing"
	"time"
)

// Rule 22: what was rejected is found among what was decided, with who and why, and can
// wait again; what was let in is told with what it became, and stays.
func TestRule22RejectedWaitsAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		spam := func(id, subject string) *Quarantined {
			e.manual.Advance(time.Minute)
			e.arrive(e.mail, letter("Max <max@posta.example>", id+"@posta.example", subject, "Clicca.", "X-Spam-Flag: YES"))
			return e.held(t)
		}
		one := spam("o1", "Offerta")
		must(t, e.Reject(t.Context(), e.giulia, one.ID, "Pubblicità"))
		e.manual.Advance(time.Minute)
		two := spam("o2", "Domanda")
		c, err := e.Release(t.Context(), e.giulia, two.ID, 0, "")
		must(t, err)

		list, next, err := e.QuarantinePage(t.Context(), e.giulia, HeldFilter{Decided: true}, "", 1)
		if err != nil || len(list) != 1 || list[0].ID != two.ID || list[0].MessageID != e.lastIn(t).ID || next == "" {
			t.Fatalf("%+v, %q, %v", list, next, err)
		}
		list, next, err = e.QuarantinePage(t.Context(), e.giulia, HeldFilter{Decided: true}, next, 1)
		if err != nil || len(list) != 1 || list[0].ID != one.ID || list[0].Note != "Pubblicità" || list[0].DecidedBy != e.giulia.OperatorID || next != "" {
			t.Fatalf("%+v, %q, %v", list, next, err)
		}
		if x, err := e.Quarantine(t.Context(), e.giulia, two.ID); err != nil || x.Case == nil || x.Case.ID != c.ID {
			t.Error("what it became:", x.Case, err)
		}
		if other, _, err := e.QuarantinePage(t.Context(), e.elena, HeldFilter{Decided: true}, "", 9); err != nil || len(other) != 0 {
			t.Error("another office sees what was decided:", other, err)
		}

		if _, err := e.WaitAgain(t.Context(), e.elena, one.ID, false); err != ErrNotFound {
			t.Error("another office puts it back:", err)
		}
		if _, err := e.WaitAgain(t.Context(), e.giulia, two.ID, false); err != ErrChanged {
			t.Error("what is a case went back:", err)
		}
		if n, err := e.WaitAgain(t.Context(), e.giulia, one.ID, false); err != nil || n != (PutBack{Count: 1}) {
			t.Fatal(n, err)
		}
		back := e.held(t)
		if back.ID != one.ID || back.Reason != "spam_suspected" || back.DecidedBy != 0 || back.Note != "" {
			t.Errorf("%+v", back)
		}
		if _, err := e.WaitAgain(t.Context(), e.giulia, one.ID, false); err != ErrChanged {
			t.Error("twice:", err)
		}
		if _, err := e.Release(t.Context(), e.giulia, one.ID, 0, ""); err != nil {
			t.Error("it cannot be let in any more:", err)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'quarantine.put_back'"); n != 1 {
			t.Error("events:", n)
		}
	})
}

// Two who press at the same instant put an item back once: one event, and the other is
// told that it does not stand rejected any more.
func TestRejectedWaitsAgainOnceHoweverManyPress(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		const items, presses = 5, 3
		done, late := make(chan PutBack, items*presses), 0
		for i := range items {
			e.manual.Advance(time.Minute)
			e.arrive(e.mail, letter("Max <max@posta.example>", fmt.Sprintf("o%d@posta.example", i), "Offerta", "Clicca.", "X-Spam-Flag: YES"))
			id := e.held(t).ID
			must(t, e.Reject(t.Context(), e.giulia, id, "Pubblicità"))
			start, outcome := make(chan struct{}), make(chan error, presses)
			for range presses {
				go func() {
					<-start
					n, err := e.WaitAgain(t.Context(), e.giulia, id, false)
					done <- n
					outcome <- err
				}()
			}
			close(start)
			for range presses {
				if err := <-outcome; err == ErrChanged {
					late++
				} else if err != nil {
					t.Fatal(err)
				}
			}
			must(t, e.Reject(t.Context(), e.giulia, id, "Pubblicità")) // so that held finds the next one
		}
		told := 0
		for range items * presses {
			told += (<-done).Count
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'quarantine.put_back'"); n != items || told != items || late != items*(presses-1) {
			t.Errorf("%d events, %d told as put back, %d told that they came late; want %d, %d, %d", n, told, late, items, items, items*(presses-1))
		}
	})
}

// Rule 58: a storm that was kept out comes back as a whole, and nothing else with it.
func TestRule58AStormComesBack(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		e.set.PingPong = Budget{Count: 3, Within: 10 * time.Minute}
		e.arrive(e.mail, letter("Max <max@posta.example>", "o1@posta.example", "Offerta", "Clicca.", "X-Spam-Flag: YES"))
		must(t, e.Reject(t.Context(), e.giulia, e.held(t).ID, "Pubblicità"))
		for i := range 8 {
			e.manual.Advance(time.Second)
			e.arrive(e.mail, letter("Robot <robot@posta.example>", string(rune('a'+i))+"@posta.example", "Livello", "ciao"))
		}
		n, one, err := e.RejectStorm(t.Context(), e.giulia, e.mail.ID, "robot@posta.example", "Prova del sensore")
		if err != nil || n != 5 {
			t.Fatal(n, err)
		}
		if x, err := e.Quarantine(t.Context(), e.giulia, one); err != nil || x.Together != 5 {
			t.Errorf("%+v, %v", x, err)
		}
		// what went to an office of whose items she sees none is neither counted nor put back
		e.exec(t, "UPDATE quarantine SET office_id = ? WHERE id = (SELECT max(id) FROM quarantine WHERE state = 'rejected')", e.trib)
		if x, err := e.Quarantine(t.Context(), e.giulia, one); err != nil || x.Together != 4 {
			t.Errorf("%+v, %v", x, err)
		}
		e.exec(t, "UPDATE quarantine SET office_id = ? WHERE office_id = ?", e.urp, e.trib)
		if n, err := e.WaitAgain(t.Context(), e.giulia, one, true); err != nil || n != (PutBack{Count: 5}) {
			t.Fatal(n, err)
		}
		storms, err := e.Storms(t.Context(), e.giulia)
		if err != nil || len(storms) != 1 || storms[0].Count != 5 {
			t.Errorf("%+v, %v", storms, err)
		}
		if w := e.number("SELECT count(*) FROM raws WHERE state = 'quarantined'"); w != 5 || e.number("SELECT count(*) FROM quarantine WHERE state = 'rejected'") != 1 {
			t.Error("waiting originals:", w)
		}
	})
}

// Rule 53: automatic mail that belongs nowhere waits with its kind, and is found by it.
func TestRule53KindsAreToldApart(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		for id, header := range map[string]string{
			"bulk": "List-Id: <news.offerte.example>", "auto_reply": "Auto-Submitted: auto-replied", "vacation": "X-Vacation: yes", "challenge": "X-Challenge: 1", "notice": "Auto-Submitted: auto-generated",
		} {
			e.arrive(e.mail, letter("Ada <ada-"+id+"@posta.example>", id+"@posta.example", "Ciao "+id, "ciao", header))
		}
		counts, err := e.QuarantineCounts(t.Context(), e.giulia)
		if err != nil || len(counts) != 5 {
			t.Fatalf("%+v, %v", counts, err)
		}
		for _, n := range counts {
			list, _, err := e.QuarantinePage(t.Context(), e.giulia, HeldFilter{Reason: "auto", Kind: n.Kind}, "", 9)
			if err != nil || n.Reason != "auto" || n.N != 1 || len(list) != 1 || list[0].Subject != "Ciao "+n.Kind || list[0].Detail != n.Kind {
				t.Errorf("%+v: %+v, %v", n, list, err)
			}
		}
	})
}
