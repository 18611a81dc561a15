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
