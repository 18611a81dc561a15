package inbox

import (
	"slices"
	"strconv"
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// setAside lets an original that comes wait as if it could not be read or filed, and
// gives its item in quarantine.
func (e *env) setAside(t *testing.T, acc Account, body []byte, reason string) int64 {
	t.Helper()
	uid++
	must(t, e.Accept(t.Context(), acc.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{
		{DedupKey: strconv.Itoa(uid), ContentType: "message/rfc822", Body: body, ReceivedAt: e.clock.Now()},
	}}))
	raw := new(Raw)
	must(t, e.db.Read.NewSelect().Model(raw).OrderExpr("r.id DESC").Limit(1).Scan(t.Context()))
	q := &Quarantined{ID: db.NewID(e.clock), RawID: raw.ID, AccountID: acc.ID, OfficeID: e.urp, Reason: reason, At: e.clock.Now(), State: "waiting"}
	_, err := e.db.Write.NewInsert().Model(q).Exec(t.Context())
	must(t, err)
	e.exec(t, "UPDATE raws SET state = 'quarantined' WHERE id = ?", raw.ID)
	return q.ID
}

// What could not be filed and is read again counts as what it is: true receipts that
// waited prove the delivery, and make no citizen of the provider.
func TestReadAgainAReceipt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, r, posts := letterAnswered(t, e)
		cases, received := e.number("SELECT count(*) FROM cases"), e.number("SELECT count(*) FROM messages WHERE direction = 'in'")
		var waiting []int64
		for _, p := range posts {
			waiting = append(waiting, e.setAside(t, o.acc, p.Raw, "not_filed"))
		}
		for _, id := range waiting {
			if ok, err := e.ReadAgain(t.Context(), Viewer{System: true}, id); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		if d := e.delivery(r.Deliveries[0].ID); d.State != Delivered || d.LegalArrivedAt.IsZero() || len(o.receipts()) != 2 {
			t.Errorf("delivery %+v with %d receipts", d, len(o.receipts()))
		}
		if e.number("SELECT count(*) FROM cases") != cases || e.number("SELECT count(*) FROM messages WHERE direction = 'in'") != received {
			t.Error("a receipt became a message")
		}
	})
}

// Who lets a mail in sees its case only where they may see it: one that came to a
// reserved office's case is filed, and nothing is told of it.
func TestReleaseIntoAReservedCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		office, _ := e.reserved()
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a1@posta.example", "Aiuto", "Cose riservate della mia famiglia."))
		c := e.allCases()[0]
		e.exec(t, "UPDATE cases SET office_id = ? WHERE id = ?", office, c.ID)
		e.arrive(e.mail, letter("Ada <ada@posta.example>", "a2@posta.example", "Re: Aiuto", "Ancora.", "References: <a1@posta.example>", "X-Spam-Flag: YES"))
		q := e.held(t)
		if _, err := e.CaseByID(t.Context(), e.giulia, c.ID); err != ErrNotFound {
			t.Fatal("the front desk sees a reserved case:", err)
		}
		got, err := e.Release(t.Context(), e.giulia, q.ID, 0, "")
		if got != nil || err != nil {
			t.Errorf("the release tells of %+v, %v", got, err)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ?", c.ID); n != 2 {
			t.Error(n, "messages on the case")
		}
	})
}

// What was let in is seen by whom its case is seen: neither the list of what was decided
// nor the item tells of a mail that came to a reserved office's case, or went there since.
func TestWhatWasLetInIsSeenWithItsCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		office, _ := e.reserved()
		letIn := func(id, subject string, header ...string) *Quarantined {
			t.Helper()
			e.arrive(e.mail, letter("Ada <ada@posta.example>", id+"@posta.example", subject, "Cose della mia famiglia.", append(header, "X-Spam-Flag: YES")...))
			q := e.held(t)
			_, err := e.Release(t.Context(), e.giulia, q.ID, 0, "")
			must(t, err)
			return q
		}
		colleague := Viewer{OperatorID: db.NewID(e.clock), Offices: []int64{e.urp}}
		sees := func(q *Quarantined, want bool) {
			t.Helper()
			for _, v := range []Viewer{e.giulia, colleague, {OperatorID: 1, FrontDesk: true}} {
				list, _, err := e.QuarantinePage(t.Context(), v, HeldFilter{Decided: true}, "", 9)
				must(t, err)
				_, one := e.Quarantine(t.Context(), v, q.ID)
				_, _, bytes := e.QuarantineRaw(t.Context(), v, q.ID)
				listed := slices.ContainsFunc(list, func(x *Quarantined) bool { return x.ID == q.ID })
				if listed != want || (one == nil) != want || (bytes == nil) != want || !want && (one != ErrNotFound || bytes != ErrNotFound) {
					t.Errorf("want %v: in the list %v, the item %v, its bytes %v", want, listed, one, bytes)
				}
			}
		}
		q := letIn("a1", "Assegno di cura")
		sees(q, true)
		e.exec(t, "UPDATE cases SET office_id = ? WHERE id = (SELECT case_id FROM messages WHERE id = ?)", office, e.lastIn(t).ID)
		sees(q, false)
		sees(letIn("a2", "Re: Assegno di cura", "References: <a1@posta.example>"), false)
		sees(letIn("b1", "Buca"), true)
	})
}

// Of two originals with the same bytes that wait, reading one again files it: the other
// does not stand for it, and may be thrown away.
func TestReadAgainOneOfTwo(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		body := []byte(letter("Ada <ada@posta.example>", "a1@posta.example", "Aiuto", "Testo."))
		first, second := e.setAside(t, e.mail, body, "unparseable"), e.setAside(t, e.mail, body, "unparseable") // the folder was numbered anew meanwhile
		if ok, err := e.ReadAgain(t.Context(), e.giulia, first); !ok || err != nil {
			t.Fatal(ok, err)
		}
		must(t, e.Reject(t.Context(), e.giulia, second, "doppione"))
		if n := e.number("SELECT count(*) FROM messages"); n != 1 {
			t.Error(n, "messages")
		}
	})
}

// renamed is a certified mailbox that has another address than when it sent.
type renamed struct{ certifiedBox }

func (b renamed) Parse(raw channels.Raw) ([]channels.Item, error) {
	items, err := b.certifiedBox.Parse(raw)
	for i := range items {
		if c := items[i].Certified; c != nil && !c.Envelope() {
			c.Elsewhere = true
		}
	}
	return items, err
}

// A proof stays with what it proves, whatever the mailbox is called when the receipts
// are read again.
func TestReceiptsKeepTheirTies(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, r := receiptsHere(t, e)
		e.exec(t, "UPDATE raws SET parser = 1")
		e.chans.put(o.acc, renamed{o.box})
		e.readOlderAgain(3)
		if n := e.number("SELECT count(*) FROM receipts WHERE message_id = ?", r.Message.ID); n != 2 {
			t.Error(n, "receipts are tied to the message")
		}
		ev, err := e.Evidence(t.Context(), e.giulia, r.Message.ID)
		if err != nil || len(ev.Receipts) != 2 {
			t.Errorf("%d receipts in the package: %v", len(ev.Receipts), err)
		}
	})
}
