package inbox

import (
	"slices"
	"strconv"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// Rules 2 and 22: whoever says "not spam" at the provider's lets the mail in. It becomes
// a case once, whether it still waited or had been rejected, though the server's mark
// stays in it; what was moved into the folder of unwanted mail stays out.
func TestRule22RescuedFromJunkBecomesACase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		come := func(id string, junk bool, ingest bool) {
			t.Helper()
			uid++
			meta := map[string]string{mail.MetaFolder: "junk"} // a name says nothing
			if junk {
				meta[mail.MetaJunk] = "true"
			}
			must(t, e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "x", Items: []channels.Raw{{
				DedupKey: strconv.Itoa(uid), ContentType: "message/rfc822", ReceivedAt: e.clock.Now(), Meta: meta,
				Body: []byte(letter("Max <"+id+"@posta.example>", id+"@posta.example", "Domanda "+id, "Buongiorno.", "X-Spam-Flag: YES")),
			}}}))
			if ingest {
				e.ingest(e.mail)
			}
		}
		wants := func(when string, cases, waiting int) {
			t.Helper()
			if n := len(e.allCases()); n != cases {
				t.Errorf("%s: %d cases, want %d", when, n, cases)
			}
			if n := e.number("SELECT count(*) FROM quarantine WHERE state = 'waiting'"); n != waiting {
				t.Errorf("%s: %d wait, want %d", when, n, waiting)
			}
		}
		come("a1", true, true)
		come("a1", true, true) // a renumbered folder
		wants("in Junk", 0, 1)
		q := e.held(t)
		come("a1", false, true)
		wants("moved out", 1, 0)
		view, err := e.Quarantine(t.Context(), e.giulia, q.ID)
		if err != nil || view.State != "released" || view.Note != RescuedNote || view.DecidedBy != 0 || view.Case == nil || view.MessageID != e.lastIn(t).ID {
			t.Errorf("%+v %v", view, err)
		}
		if n := e.number("SELECT count(*) FROM events WHERE kind = 'quarantine.released'"); n != 1 {
			t.Error(n, "events")
		}
		if hasNote(e.lastIn(t), "from_junk") {
			t.Error("it lies there still")
		}
		come("a1", false, true)
		come("a1", true, true)
		wants("moved about", 1, 0)

		come("b2", true, true)
		b := e.held(t)
		must(t, e.Reject(t.Context(), e.giulia, b.ID, "pubblicità"))
		come("b2", true, true)
		wants("rejected", 1, 0)
		come("b2", false, true)
		wants("moved out afterwards", 2, 0)

		come("c3", true, false)
		come("c3", false, true)
		come("c3", false, true)
		wants("in one batch or two", 3, 0)

		come("d4", false, true)
		come("d4", false, true)
		wants("marked, never in Junk", 3, 1)
	})
}

// What was moved out of the folder of unwanted mail is seen by whom its case is seen, in
// the quarantine too: filed at once, or let in after it waited anew.
func TestWhatWasRescuedIsSeenWithItsCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ourMail(e)
		office, _ := e.reserved()
		come := func(junk bool) {
			t.Helper()
			uid++
			meta := map[string]string{}
			if junk {
				meta[mail.MetaJunk] = "true"
			}
			must(t, e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "x", Items: []channels.Raw{{
				DedupKey: strconv.Itoa(uid), ContentType: "message/rfc822", ReceivedAt: e.clock.Now(), Meta: meta,
				Body: []byte(letter("Ada <ada@posta.example>", strconv.Itoa(len(e.allCases()))+"@posta.example", "Assegno di cura", "Cose della mia famiglia.")),
			}}}))
			e.ingest(e.mail)
		}
		sees := func(when string, id int64, want bool) {
			t.Helper()
			_, err := e.Quarantine(t.Context(), e.giulia, id)
			list, _, lerr := e.QuarantinePage(t.Context(), e.giulia, HeldFilter{Decided: true}, "", 9)
			must(t, lerr)
			listed := slices.ContainsFunc(list, func(q *Quarantined) bool { return q.ID == id })
			if (err == nil) != want || listed != want {
				t.Errorf("%s: want %v: in the list %v, the item %v", when, want, listed, err)
			}
		}
		toReserved := func() {
			e.exec(t, "UPDATE cases SET office_id = ? WHERE id = (SELECT case_id FROM messages WHERE id = ?)", office, e.lastIn(t).ID)
		}
		come(true)
		filed := e.held(t)
		come(false)
		sees("rescued", filed.ID, true)
		toReserved()
		sees("rescued, then of a reserved office", filed.ID, false)

		come(true)
		before := e.held(t)
		must(t, e.HoldSender(t.Context(), e.giulia, "email", "ada@posta.example", e.urp, "insiste"))
		come(false)
		anew := e.held(t)
		if anew.ID == before.ID || anew.Reason != "blocked_sender" {
			t.Fatal(anew)
		}
		sees("it waits anew", before.ID, true)
		_, err := e.Release(t.Context(), e.giulia, anew.ID, 0, "")
		must(t, err)
		sees("let in", before.ID, true)
		toReserved()
		sees("let in, then of a reserved office", before.ID, false)
	})
}
