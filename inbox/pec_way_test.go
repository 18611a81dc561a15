package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"filodiretto/channels/pec/standin"
	"filodiretto/internal/clock"
)

// way is what is known of a delivery, each step with its time and the receipt that
// proves it.
func (o *certifiedOffice) way(id int64) (steps []Step, told string) {
	o.t.Helper()
	d := o.delivery(id)
	all, err := o.receiptsOf(o.t.Context(), []int64{d.MessageID})
	must(o.t, err)
	steps = CertifiedWay(d, all[d.MessageID])
	var out []string
	for _, s := range steps {
		line := s.Key
		if s.Proof != nil {
			line += " " + s.Proof.Kind
			if s.Proof.LegalAt != s.At {
				line += fmt.Sprintf(" of another time, %d", s.At-s.Proof.LegalAt)
			}
		}
		out = append(out, line)
	}
	return steps, strings.Join(out, ", ")
}

// What is told of a delivery has the time at which it happened: neither a receipt that
// proves nothing nor the alarm itself moves it.
func TestRule84TheWayOfACertifiedMailHasItsOwnTimes(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, r, posts := letterAnswered(t, e)
		id, given := r.Deliveries[0].ID, e.manual.Now()
		want := func(told string, times ...clock.Instant) {
			t.Helper()
			steps, got := o.way(id)
			if got != told {
				t.Fatalf("%q, want %q", got, told)
			}
			for i, at := range times {
				if steps[i].At != at {
					t.Errorf("%s at %d, want %d", steps[i].Key, steps[i].At, at)
				}
			}
		}
		want("given", given)
		e.manual.Advance(time.Minute)
		at := e.delivery(id).UpdatedAt
		first := o.box.arrived()[0]
		honest := o.provider
		o.provider = o.liar
		forged, _ := o.posted(first, standin.Fate{})
		o.provider = honest
		e.arrive(o.acc, forged)
		want("given", given)
		if e.delivery(id).UpdatedAt != at || len(o.receipts()) != 1 {
			t.Error("a receipt that proves nothing changes nothing, and is kept")
		}
		e.manual.Advance(e.set.AcceptWithin)
		if n, err := e.SweepReceipts(t.Context()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		want("given, no_acceptance", given, 0)
		if at := e.FailedAt(e.delivery(id), nil); at != given.Add(e.set.AcceptWithin) {
			t.Error("the alarm is of when the receipt was due:", at)
		}
		e.arrive(o.acc, string(posts[0].Raw))
		want("accepted accettazione, waits", o.receipts()[1].LegalAt)
		e.manual.Advance(12 * time.Hour)
		notice := o.manual.Now()
		e.arrive(o.acc, o.receiptAbout(func(l *standin.Letter) {
			l.Receipt, l.Data, l.Error, l.At, l.Original = "preavviso-errore-consegna", "preavviso-errore-consegna", "altro", notice, first.ExternalID
		}))
		want("accepted accettazione, warned preavviso-errore-consegna", o.receipts()[1].LegalAt, notice)
		e.manual.Advance(12 * time.Hour)
		end := o.manual.Now()
		late := o.receiptAbout(func(l *standin.Letter) {
			l.Receipt, l.Data, l.Error, l.Detail, l.At = "preavviso-errore-consegna", "preavviso-errore-consegna", "altro", "5.4.1 - GESTORE - tempo scaduto", end
			l.Original, l.ID, l.MessageID = first.ExternalID, "e10@gestore.example", "r10@gestore.example"
		})
		e.manual.Advance(2 * time.Hour) // it lay unread
		e.arrive(o.acc, late)
		want("accepted accettazione, failed preavviso-errore-consegna", o.receipts()[1].LegalAt, end)
		d := e.delivery(id)
		all, err := e.receiptsOf(t.Context(), []int64{d.MessageID})
		if at := e.FailedAt(d, all[d.MessageID]); at != end || err != nil {
			t.Error("it failed when the provider says so:", at, err)
		}
		if d.Class != "unreachable" || d.Code != "5.4.1" {
			t.Errorf("it is no fault of the content: %q %q", d.Class, d.Code)
		}
	})
}

// That a mail was not delivered proves that it was accepted, whether the receipt of
// acceptance was read or not.
func TestRule84NotDeliveredIsNotRefused(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, r, _ := letterAnswered(t, e)
		_, failure := o.posted(o.box.arrived()[0], standin.Fate{Fails: "no-dest", Words: "5.1.1 - GESTORE - indirizzo non valido"})
		e.arrive(o.acc, failure)
		if _, told := o.way(r.Deliveries[0].ID); told != "failed errore-consegna" {
			t.Error(told)
		}
	})
}

// A receipt says which leaving it is about; those of a former one prove nothing of the
// way of the new one.
func TestRule84ReceiptsOfAFormerLeavingAreToldApart(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o, d, _, second := sentAgain(t, e)
		if _, told := o.way(d.ID); told != "given" {
			t.Error(told)
		}
		accepted, arrived := o.posted(second, standin.Fate{})
		e.arrive(o.acc, accepted, arrived)
		if _, told := o.way(d.ID); told != "accepted accettazione, arrived avvenuta-consegna" {
			t.Error(told)
		}
		all, err := e.receiptsOf(t.Context(), []int64{d.MessageID})
		must(t, err)
		var of []string
		for _, r := range all[d.MessageID] {
			of = append(of, fmt.Sprint(r.Kind, r.Sending, r.OfFormer(e.delivery(d.ID))))
		}
		if got := strings.Join(of, " "); got != "accettazione0 true errore-consegna0 true accettazione1 false avvenuta-consegna1 false" {
			t.Error(got)
		}
	})
}
