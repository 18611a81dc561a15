package inbox

import (
	"context"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
)

// Since when nothing leaves is asked by every open page. Each delivery that waits seeks
// its own last turn once, and from there its first try: not each try all the others, or
// the hours without a network make the question dear when many wait.
func TestSinceWhenNothingLeavesSeeksEachDeliveryOnce(t *testing.T) {
	e := newEnv(t, dbtest.SQLite(t))
	w := &watched{sql: map[string]int{}}
	e.db.WatchAsk(w.asked)
	_, err := e.AccountsFaring(t.Context())
	must(t, err)
	for q, n := range w.sql {
		steps := "\n" + strings.Join(e.plan(q, n), "\n") + "\n"
		for _, want := range []string{
			"\nSEARCH d USING INDEX deliveries_due (account_id=?)\n",
			"\nSEARCH turn USING INDEX delivery_events_delivery (delivery_id=?)\n",
			"\nSEARCH try USING INDEX delivery_events_delivery (delivery_id=? AND at>?)\n",
		} {
			if !strings.Contains(steps, want) {
				t.Errorf("no step %q:\n%s", strings.TrimSpace(want), steps)
			}
		}
	}
	if len(w.sql) != 1 {
		t.Error(len(w.sql), "questions")
	}
}

// Who asks which accounts there are does not ask for their deliveries.
func TestTheRowsOfTheAccountsAskForNothingElse(t *testing.T) {
	e := newEnv(t, dbtest.SQLite(t))
	w := &watched{sql: map[string]int{}}
	e.db.WatchAsk(w.asked)
	list, err := e.Accounts(t.Context())
	must(t, err)
	_, err = e.Account(t.Context(), list[0].ID)
	must(t, err)
	for q := range w.sql {
		for _, table := range []string{"deliver", "raws"} {
			if strings.Contains(q, table) {
				t.Error(q)
			}
		}
	}
	if len(w.sql) != 2 {
		t.Error(len(w.sql), "questions")
	}
}

// Mail rule 66: it counts from the first try since a person had it sent anew, and the
// account as it is read alone tells what it tells among all.
func TestRule66NothingLeavesSinceItWasSentAnew(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sender(e.mail).refuse(&channels.Error{Class: channels.RetryBackoff, Text: "the mail server could not be reached"})
		e.leaves("a@example.org")
		tries := func(n int) {
			for range n {
				e.manual.Advance(time.Hour)
				e.deliver(e.mail)
			}
		}
		tries(3)
		e.manual.Advance(time.Minute)
		e.tx(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.NewRaw(`INSERT INTO delivery_events (id, delivery_id, at, state, source) SELECT ?, d.id, ?, 'queued', 'operator' FROM deliveries AS d WHERE d.state = 'queued'`, db.NewID(e.clock), tx.Now).Exec(ctx)
			return err
		})
		if a, err := e.AccountFaring(t.Context(), e.mail.ID); err != nil || a.StuckFrom != 0 {
			t.Fatal(a, err)
		}
		from := e.manual.Now().Add(time.Hour)
		tries(3)
		a, err := e.AccountFaring(t.Context(), e.mail.ID)
		if err != nil || a.StuckFrom != from {
			t.Fatal(a.StuckFrom, "not", from, err)
		}
		list, err := e.AccountsFaring(t.Context())
		must(t, err)
		for _, x := range list {
			if x.ID == e.mail.ID && x.StuckFrom != from || x.ID != e.mail.ID && x.StuckFrom != 0 {
				t.Error(x.Key, x.StuckFrom)
			}
		}
	})
}
