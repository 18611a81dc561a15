package inbox

import (
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/pec/standin"
)

// letterAnswered is an office that had a certified letter and answered it, with the
// receipts that its provider posts.
func letterAnswered(t *testing.T, e *env) (*certifiedOffice, *Reply, []standin.Post) {
	t.Helper()
	o := newCertifiedOffice(t, e)
	o.comes(o.provider, "a1@pec.example")
	r, posts := o.answered(standin.Fate{})
	return o, r, posts
}

// receiptsHere is letterAnswered where both receipts of the answer have come.
func receiptsHere(t *testing.T, e *env) (*certifiedOffice, *Reply) {
	t.Helper()
	o, r, posts := letterAnswered(t, e)
	for _, p := range posts {
		e.arrive(o.acc, string(p.Raw))
	}
	return o, r
}

// posted is what the provider sends back for a letter of ours, by kind of receipt.
func (o *certifiedOffice) posted(out channels.Outgoing, fate standin.Fate) (accepted, settled string) {
	o.t.Helper()
	o.provider.Fate = func(string) standin.Fate { return fate }
	posts, err := o.provider.Submit(pecBox, pecBox, []string{out.To.Value}, letterOf(pecBox, out.To.Value, out.ExternalID, out.Subject), o.manual.Now())
	must(o.t, err)
	var ours []string
	for _, p := range posts {
		if p.Box == pecBox {
			ours = append(ours, string(p.Raw))
		}
	}
	if len(ours) != 2 {
		o.t.Fatal(len(ours), "receipts")
	}
	return ours[0], ours[1]
}

// sentAgain is a certified answer that failed and that a person lets leave again; it
// gives both as they left.
func sentAgain(t *testing.T, e *env) (o *certifiedOffice, d *Delivery, first, second channels.Outgoing) {
	t.Helper()
	o, r, _ := letterAnswered(t, e)
	id := r.Deliveries[0].ID
	first = o.box.arrived()[0]
	accepted, failed := o.posted(first, standin.Fate{Fails: "altro", Words: "4.4.7 - GESTORE - scaduto"})
	o.arrive(o.acc, accepted, failed)
	if d := o.delivery(id); d.State != Failed || d.LegalSentAt == 0 {
		t.Fatalf("%+v", d)
	}
	o.manual.Advance(time.Hour)
	must(t, o.RetryDelivery(t.Context(), o.giulia, id))
	o.manual.Advance(time.Minute)
	o.deliver(o.acc)
	sent := o.box.arrived()
	second = sent[len(sent)-1]
	if n, ok := o.sign.ParseMessageID(second.ExternalID); len(sent) != 2 || !ok || n != r.Message.ID || second.ExternalID == first.ExternalID {
		t.Fatalf("%d left, the last as %s", len(sent), second.ExternalID)
	}
	return o, o.delivery(id), first, second
}

// What comes late of a certified mail's former leaving, before a person let it leave
// again, is kept and is no news of the new one.
func TestRule84ALateReceiptOfAFormerLeaving(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, d, first, second := sentAgain(t, e)
		if d.State != Accepted || d.LegalSentAt != 0 || d.Sending != 1 {
			t.Fatalf("nothing was said of it yet: %+v", d)
		}
		e.manual.Advance(e.set.AcceptWithin + time.Minute)
		if n, err := e.SweepReceipts(t.Context()); n != 1 || err != nil {
			t.Fatal("its acceptance is missing:", n, err)
		}
		late, failure := o.posted(first, standin.Fate{Fails: "no-dest", Words: "5.1.1 - GESTORE - indirizzo non valido"})
		kept := len(o.receipts())
		e.arrive(o.acc, late, failure)
		if d := e.delivery(d.ID); d.State != Accepted || d.LegalSentAt != 0 || d.Alarm != NoAcceptance {
			t.Errorf("told by the former: %+v", d)
		}
		rows := o.receipts()
		for _, r := range rows[kept:] {
			if r.DeliveryID != d.ID || !r.Proven {
				t.Errorf("it is kept with what it is about: %+v", r)
			}
		}
		if len(rows) != kept+2 {
			t.Error(len(rows), "receipts")
		}
		accepted, arrived := o.posted(second, standin.Fate{})
		e.arrive(o.acc, accepted)
		if d := e.delivery(d.ID); d.State != Sent || d.LegalSentAt == 0 || d.Alarm != "" {
			t.Errorf("its own acceptance: %+v", d)
		}
		sent := e.delivery(d.ID).LegalSentAt
		e.manual.Advance(time.Hour)
		e.arrive(o.acc, arrived)
		if d := e.delivery(d.ID); d.State != Delivered || d.LegalSentAt != sent || d.LegalArrivedAt == 0 {
			t.Errorf("its own delivery: %+v", d)
		}
	})
}

// That the former leaving arrived after all is what it was sent for: its own times
// count, and what comes of the other says no more. One that still waits does not leave.
func TestRule84AFormerLeavingArrived(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, d, first, second := sentAgain(t, e)
		before := o.receipts()
		e.manual.Advance(time.Hour)
		_, arrived := o.posted(first, standin.Fate{})
		e.arrive(o.acc, arrived)
		got := e.delivery(d.ID)
		if got.State != Delivered || got.LegalSentAt != before[0].LegalAt || got.LegalArrivedAt <= got.LegalSentAt {
			t.Fatalf("%+v, accepted %d", got, before[0].LegalAt)
		}
		e.manual.Advance(time.Hour)
		accepted, again := o.posted(second, standin.Fate{})
		e.arrive(o.acc, accepted, again)
		if after := e.delivery(d.ID); after.State != Delivered || after.LegalSentAt != got.LegalSentAt || after.LegalArrivedAt != got.LegalArrivedAt {
			t.Errorf("told by the other: %+v", after)
		}
	})
}

// A receipt without an id of ours is placed by what the acceptance said of its envelope.
func TestRule84TheLeavingIsKnownByItsEnvelope(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, d, _, second := sentAgain(t, e)
		accepted, _ := o.posted(second, standin.Fate{})
		e.arrive(o.acc, accepted)
		rows := o.receipts()
		of := func(id, name string) string {
			return o.receiptAbout(func(l *standin.Letter) {
				l.Receipt, l.Data, l.Error, l.Detail = "errore-consegna", "errore-consegna", "no-dest", "5.1.1 - GESTORE - indirizzo non valido"
				l.ID, l.MessageID = id, name
			})
		}
		e.arrive(o.acc, of(rows[0].CertifiedBy().ID, "former@gestore.example"))
		if d := e.delivery(d.ID); d.State != Sent {
			t.Errorf("the former: %+v", d)
		}
		e.arrive(o.acc, of(rows[len(rows)-1].CertifiedBy().ID, "new@gestore.example"))
		if d := e.delivery(d.ID); d.State != Failed {
			t.Errorf("the new: %+v", d)
		}
	})
}

// A delivery in doubt that a person sends again bears an id of its own too.
func TestADoubtSentAgainIsAnotherLeaving(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, r, _ := letterAnswered(t, e)
		id := r.Deliveries[0].ID
		e.exec(t, "UPDATE deliveries SET state = 'unknown' WHERE id = ?", id)
		must(t, e.ResendUnknown(t.Context(), e.giulia, id))
		o.deliver(o.acc)
		sent := o.box.arrived()
		if d := e.delivery(id); len(sent) != 2 || sent[0].ExternalID == sent[1].ExternalID || d.Sending != 1 || d.State != Accepted {
			t.Errorf("%d left: %+v", len(sent), d)
		}
	})
}
