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
