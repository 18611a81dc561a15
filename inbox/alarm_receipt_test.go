package inbox

import (
	"fmt"
	"testing"
	"time"

	"filodiretto/channels/pec/standin"
)

// Rule 90: certified mails that get no acceptance are one cause of their mailbox, with
// their number and since when, told once, until receipts come or somebody has dealt with
// them. One that is missing among others that are accepted is that message's own.
func TestRule90MissingAcceptancesAreOneAlarmOfTheMailbox(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		letters := 0
		sends := func() (id int64) {
			t.Helper()
			letters++
			o.comes(o.provider, fmt.Sprintf("a%d@pec.example", letters))
			var c Case
			for _, k := range e.allCases() {
				if k.ID > c.ID {
					c = *k
				}
			}
			m := o.message("m.id = ?", c.LastInID)
			o.mustReply(ReplyCommand{CaseID: c.ID, SeenInID: m.ID, AccountID: o.acc.ID, To: []Recipient{{IdentityID: m.IdentityID}}, Cc: []Recipient{{Address: "p1@pec.example", Confirmed: true}}, Text: "Ecco.", Undo: AtOnce})
			o.deliver(o.acc)
			return c.ID
		}
		wait := func(d time.Duration) {
			t.Helper()
			e.manual.Advance(d)
			if _, err := e.SweepReceipts(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		health := func() *Account {
			t.Helper()
			a, err := e.AccountFaring(t.Context(), o.acc.ID)
			must(t, err)
			return a
		}
		is := func(what string, n int, told string) {
			t.Helper()
			a := health()
			if got := e.sweepAlarms(); a.Unaccepted != n || (n > 0) != (a.UnacceptedFrom > 0) || got != told {
				t.Errorf("%s: %d since %v, told %q", what, a.Unaccepted, a.UnacceptedFrom, got)
			}
		}
		from := e.manual.Now()
		first := sends()
		wait(10 * time.Minute)
		is("early", 0, "")
		second := sends()
		wait(11 * time.Minute)
		is("one, and nothing was accepted since", 1, "pec receipts")
		wait(10 * time.Minute)
		is("two", 2, "")
		if a := health(); a.UnacceptedFrom != from {
			t.Error("since", a.UnacceptedFrom)
		}
		for _, id := range []int64{first, second} {
			if _, err := e.DealWithFailure(t.Context(), e.giulia, id); err != nil {
				t.Fatal(err)
			}
		}
		is("dealt with", 0, "")
		e.manual.Advance(alarmRest)
		is("long over", 0, "")

		third := sends()
		wait(5 * time.Minute)
		o.comes(o.provider, "b1@pec.example")
		_, posts := o.answered(standin.Fate{})
		for _, p := range posts {
			e.arrive(o.acc, string(p.Raw))
		}
		wait(16 * time.Minute)
		is("one among accepted ones", 1, "")
		fourth := sends()
		wait(21 * time.Minute)
		is("and another", 2, "pec receipts")
		for _, id := range []int64{third, fourth} {
			e.exec(t, "UPDATE deliveries SET state = 'failed' WHERE case_id = ?", id)
		}
		is("known to have failed", 0, "")
	})
}
