package queue

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What a process remembers of a room is never older than the room: after each act of
// another process it says what one says that remembers nothing.
func TestPresenceIsTheRoomAsItIs(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		long := e.open(e.dsn, e.clock)
		steps := func(q *Queue) []*Step {
			return must(q.here(ctx, must(q.House(ctx, e.site))(t)))(t)
		}
		i := e.take(e.registry)
		for range fewChanged + 8 {
			e.take(e.registry)
		}
		e.sit(e.anna, e.c1)
		var d *Result
		for n, act := range []func(){
			func() {},
			func() { must(e.LetPass(ctx, Owner{Secret: i.Secret}, 1, e.key()))(t) },
			func() { d = e.call(e.anna, e.c1) }, // also of whom is passed
			func() { must(e.Undo(ctx, e.anna, d.VerbID, e.key()))(t) },
			func() { d = e.serve(e.anna, e.c1) },
			func() { must(e.Hold(ctx, e.anna, e.act(d), "form"))(t) },
			func() { must(e.GiveUp(ctx, Owner{Secret: i.Secret}, e.key()))(t) },
			func() { e.take(e.cards) },
			func() { // a new rule places people without a new version of theirs
				e.exec("UPDATE steps SET line = line + 5 WHERE ended_at = 0")
				e.exec("UPDATE sites SET version = version + 1 WHERE id = ?", e.site)
			},
		} {
			e.after(time.Second)
			act()
			got, want := steps(long), steps(e.open(e.dsn, e.clock))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("act %d: %s", n, diff)
			}
		}
	})
}

// Who did not change is not read again.
func TestPresenceReadsWhatChanged(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		one, two := e.take(e.registry), e.take(e.registry)
		e.sit(e.anna, e.c1)
		h := must(e.House(ctx, e.site))(t)
		before := must(e.here(ctx, h))(t)
		e.call(e.anna, e.c1)
		after := must(e.here(ctx, h))(t)
		if len(before) != 2 || len(after) != 2 || before[0].TicketID != one.Ticket.ID || before[1].TicketID != two.Ticket.ID {
			t.Fatalf("%d, then %d are here", len(before), len(after))
		}
		if before[0] == after[0] || after[0].State != Called || before[0].State != Waiting {
			t.Errorf("the called one was %s and is %s", before[0].State, after[0].State)
		}
		if before[1] != after[1] {
			t.Error("who waits on was read again")
		}
	})
}
