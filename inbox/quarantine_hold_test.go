package inbox

import (
	"errors"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/db/dbtest"
)

// waiting counts what waits for a reason.
func (e *env) waiting(reason string) int {
	return e.number("SELECT count(*) FROM quarantine WHERE state = 'waiting' AND reason = ?", reason)
}

// rejectHeld rejects the one item that waits, with its sender.
func (e *env) rejectHeld(t *testing.T) error {
	t.Helper()
	q := e.held(t)
	view, err := e.Quarantine(t.Context(), e.giulia, q.ID)
	must(t, err)
	err = e.RejectAndHold(t.Context(), e.giulia, q.ID, "Non serve")
	if (err == nil) != view.MayHold {
		t.Errorf("offered %v: %v", view.MayHold, err)
	}
	if err != nil {
		var invalid *InvalidError
		if !errors.As(err, &invalid) || *invalid != (InvalidError{"hold", "not_theirs"}) {
			t.Error(err)
		}
		if e.held(t).ID != q.ID || e.number("SELECT count(*) FROM held_senders") != 0 {
			t.Error("half of it was done")
		}
	}
	return err
}

// Rule 22: held is who wrote, as what they wrote: ordinary mail in the certified mailbox
// by the ordinary address, and not the certified one that has its name.
func TestRule22HeldByTheKindOfTheSender(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := ordinaryBox(t, e)
		e.arrive(o.acc, letter("Anna <"+annaPEC+">", "n1@pec.example", "Novità", "Sconti.", "List-Id: <news.pec.example>"))
		must(t, e.rejectHeld(t))
		e.arrive(o.acc, letter("Anna <"+annaPEC+">", "n2@pec.example", "Ancora", "Sconti."))
		if n := e.waiting("blocked_sender"); n != 1 {
			t.Error("the next ordinary mail does not wait:", n)
		}
		o.comes(o.provider, "c1@pec.example")
		if n := e.waiting("blocked_sender"); n != 1 || e.number("SELECT count(*) FROM messages WHERE certified <> ''") != 1 {
			t.Error("true certified mail waits for what came by ordinary mail")
		}
		must(t, e.Reject(t.Context(), e.giulia, e.held(t).ID, "Non serve"))
		must(t, e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "Spam", Items: []channels.Raw{{
			DedupKey: "a1", ContentType: "message/rfc822", ReceivedAt: e.clock.Now(), Meta: map[string]string{mail.MetaJunk: "true"},
			Body: []byte(o.toOrdinary(o.provider, annaPEC, "Anna Verdi", "a1@pec.example")),
		}}}))
		e.ingest(e.mail)
		if n := e.waiting("spam_suspected"); n != 1 {
			t.Fatal(n)
		}
		must(t, e.rejectHeld(t))
		e.arrive(e.mail, o.toOrdinary(o.provider, annaPEC, "Anna Verdi", "a2@pec.example"))
		if n := e.waiting("blocked_sender"); n != 1 {
			t.Error("the next certified mail in the ordinary mailbox does not wait:", n)
		}
	})
}

// Rule 22: for a mail that may be forged nobody is held: the address is somebody else's.
func TestRule22NobodyIsHeldForAForgedMail(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := ordinaryBox(t, e)
		e.arrive(e.mail, o.toOrdinary(o.liar, annaPEC, "Anna Verdi", "a1@pec.example"))
		if q := e.held(t); q.Reason != "pec_not_proven" || !strings.Contains(q.Sender, annaPEC) {
			t.Fatalf("%+v", q)
		}
		if e.rejectHeld(t) == nil {
			t.Error("the holder of the address is held")
		}
		must(t, e.Reject(t.Context(), e.giulia, e.held(t).ID, "Falsa"))
		ourMail(e)
		for id, raw := range map[string]string{
			"spam_suspected":  letter("Ada <ada@posta.example>", "s1@posta.example", "Bonifico", "Ecco.", "X-Spam-Flag: YES", "Authentication-Results: mx.comune.pontelieto.example; dmarc=fail header.from=posta.example"),
			"spoof_suspected": letter("Elena <elena@comune.pontelieto.example>", "s2@posta.example", "Bonifico", "Ecco.", ownFalse),
		} {
			e.arrive(e.mail, raw)
			if n := e.waiting(id); n != 1 {
				t.Fatal(id, n)
			}
			if e.rejectHeld(t) == nil {
				t.Error(id, "holds the holder of the address")
			}
			must(t, e.Reject(t.Context(), e.giulia, e.held(t).ID, "Falsa"))
		}
	})
}

// Rule 22: who takes "reject and hold" back takes the hold back too, if it began there.
func TestRule22TakenBackWithItsHold(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		e.arrive(e.mail, letter("Max <max@posta.example>", "o1@posta.example", "Offerta", "Clicca.", "X-Spam-Flag: YES"))
		must(t, e.HoldSender(t.Context(), e.giulia, "email", "altro@posta.example", e.urp, "Non serve"))
		q := e.held(t)
		live := func() int { return e.number("SELECT count(*) FROM held_senders WHERE ended_at = 0") }
		must(t, e.rejectHeld(t))
		if n := live(); n != 2 {
			t.Fatal(n)
		}
		if _, err := e.WaitAgain(t.Context(), e.giulia, q.ID, false); err != nil || live() != 1 {
			t.Error("the hold stays:", live(), err)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'sender.freed'"); n != 1 {
			t.Error(n, "events tell of it")
		}
		must(t, e.HoldSender(t.Context(), e.giulia, "email", "max@posta.example", e.urp, "Insiste"))
		e.manual.Advance(1)
		must(t, e.RejectAndHold(t.Context(), e.giulia, q.ID, "Non serve"))
		if _, err := e.WaitAgain(t.Context(), e.giulia, q.ID, false); err != nil || live() != 2 {
			t.Error("who was held before is free:", live(), err)
		}
	})
}

// What is asked of all that was rejected by one act walks the index of what was decided.
func TestTheRejectedAreFoundByAnIndex(t *testing.T) {
	e := newEnv(t, dbtest.SQLite(t))
	ourMail(e)
	e.arrive(e.mail, letter("Max <max@posta.example>", "o1@posta.example", "Offerta", "Clicca.", "X-Spam-Flag: YES"))
	q := e.held(t)
	must(t, e.Reject(t.Context(), e.giulia, q.ID, "Non serve"))
	e.exec(t, "UPDATE quarantine SET reason = ? WHERE id = ?", overBudget, q.ID)
	w := &watched{sql: map[string]int{}}
	e.db.Read, e.db.Write = e.db.Read.WithQueryHook(w), e.db.Write.WithQueryHook(w)
	_, err := e.Quarantine(t.Context(), e.giulia, q.ID)
	must(t, err)
	_, err = e.WaitAgain(t.Context(), e.giulia, q.ID, true)
	must(t, err)
	asked := 0
	for sql, n := range w.sql {
		if !strings.Contains(sql, "decided_at = ") || !strings.HasPrefix(sql, "SELECT") {
			continue
		}
		asked++
		if plan := strings.Join(e.plan(sql, n), "\n"); !strings.Contains(plan, "quarantine_decided (decided_at=?)") {
			t.Errorf("%s\n  %s", plan, sql)
		}
	}
	if asked != 2 {
		t.Error(asked, "questions")
	}
}
