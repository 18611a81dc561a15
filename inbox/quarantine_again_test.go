package inbox

import (
	"fmt"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/pec/standin"
	"filodiretto/internal/db"
)

// What could not be filed and is read again counts as what it is: true receipts that
// waited prove the delivery, and make no citizen of the provider.
func TestReadAgainAReceipt(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		r, posts := o.answered(standin.Fate{})
		cases, received := e.number("SELECT count(*) FROM cases"), e.number("SELECT count(*) FROM messages WHERE direction = 'in'")
		for i, p := range posts {
			must(t, o.Accept(t.Context(), o.acc.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{
				{DedupKey: fmt.Sprint(i), ContentType: "message/rfc822", Body: p.Raw, ReceivedAt: e.clock.Now()},
			}}))
		}
		var raws []*Raw
		must(t, e.db.Read.NewSelect().Model(&raws).Where("r.account_id = ? AND r.state = 'pending'", o.acc.ID).OrderExpr("r.id").Scan(t.Context()))
		for _, raw := range raws { // as what could not be filed at the time
			q := &Quarantined{ID: db.NewID(e.clock), RawID: raw.ID, AccountID: o.acc.ID, OfficeID: e.urp, Reason: "not_filed", At: e.clock.Now(), State: "waiting"}
			_, err := e.db.Write.NewInsert().Model(q).Exec(t.Context())
			must(t, err)
			e.exec(t, "UPDATE raws SET state = 'quarantined' WHERE id = ?", raw.ID)
			if ok, err := e.ReadAgain(t.Context(), Viewer{System: true}, q.ID); !ok || err != nil {
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
		list, err := e.QuarantineList(t.Context(), e.giulia, 0, 10)
		if err != nil || len(list) != 1 {
			t.Fatal(len(list), err)
		}
		if _, err := e.CaseByID(t.Context(), e.giulia, c.ID); err != ErrNotFound {
			t.Fatal("the front desk sees a reserved case:", err)
		}
		got, err := e.Release(t.Context(), e.giulia, list[0].ID, 0, "")
		if got != nil || err != nil {
			t.Errorf("the release tells of %+v, %v", got, err)
		}
		if n := e.number("SELECT count(*) FROM messages WHERE case_id = ?", c.ID); n != 2 {
			t.Error(n, "messages on the case")
		}
	})
}

// Of two originals with the same bytes that wait, reading one again files it: the other
// does not stand for it, and may be thrown away.
func TestReadAgainOneOfTwo(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		body := []byte(letter("Ada <ada@posta.example>", "a1@posta.example", "Aiuto", "Testo."))
		var waiting []int64
		for _, key := range []string{"v1/7", "v2/7"} { // the folder was numbered anew meanwhile
			must(t, e.Accept(t.Context(), e.mail.ID, channels.Batch{Stream: "INBOX", Items: []channels.Raw{{DedupKey: key, ContentType: "message/rfc822", ReceivedAt: e.clock.Now(), Body: body}}}))
			raw := new(Raw)
			must(t, e.db.Read.NewSelect().Model(raw).OrderExpr("r.id DESC").Limit(1).Scan(t.Context()))
			q := &Quarantined{ID: db.NewID(e.clock), RawID: raw.ID, AccountID: e.mail.ID, OfficeID: e.urp, Reason: "unparseable", At: e.clock.Now(), State: "waiting"}
			_, err := e.db.Write.NewInsert().Model(q).Exec(t.Context())
			must(t, err)
			e.exec(t, "UPDATE raws SET state = 'quarantined' WHERE id = ?", raw.ID)
			waiting = append(waiting, q.ID)
		}
		if ok, err := e.ReadAgain(t.Context(), e.giulia, waiting[0]); !ok || err != nil {
			t.Fatal(ok, err)
		}
		must(t, e.Reject(t.Context(), e.giulia, waiting[1], "doppione"))
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
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		r, posts := o.answered(standin.Fate{})
		for _, p := range posts {
			e.arrive(o.acc, string(p.Raw))
		}
		e.exec(t, "UPDATE raws SET parser = 1")
		e.chans.put(o.acc, renamed{o.box})
		if n, err := e.ReadOlder(t.Context()); n == 0 || err != nil {
			t.Fatal(n, err)
		}
		if n := e.number("SELECT count(*) FROM receipts WHERE message_id = ?", r.Message.ID); n != 2 {
			t.Error(n, "receipts are tied to the message")
		}
		ev, err := e.Evidence(t.Context(), e.giulia, r.Message.ID)
		if err != nil || len(ev.Receipts) != 2 {
			t.Errorf("%d receipts in the package: %v", len(ev.Receipts), err)
		}
	})
}
