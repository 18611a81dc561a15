package queue

import (
	"sync"
	"testing"
	"time"

	"filodiretto/inbox"
)

// Two tabs of one operator are one operator.
func TestTwoTabsOfOneOperator(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.take(e.registry)
		first, second := e.sit(e.anna, e.c1), e.sit(e.anna, e.c1)
		if first.ID != second.ID || e.events("counter.opened") != 1 {
			t.Error("two sittings")
		}
		_, err := e.Open(ctx, e.anna, e.c2, 0)
		refused(t, err, SittingElse)
		_, err = e.Open(ctx, e.bruno, e.c1, 0)
		refused(t, err, CounterTaken)
		// Both tabs call: one ticket is called, the other tab is told that the counter
		// has somebody, and which.
		var all sync.WaitGroup
		var mu sync.Mutex
		var called, busy int64
		for _, key := range []string{"tab1", "tab2"} {
			all.Go(func() {
				d, err := e.CallNext(ctx, e.anna, At{CounterID: e.c1, Key: key})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					called = d.Ticket.ID
				} else {
					busy = refused(t, err, CounterBusy).Ticket
				}
			})
		}
		all.Wait()
		if called == 0 || called != busy {
			t.Error(called, busy)
		}
		// What the second tab shows is old by now: its version says so.
		d := must(e.CounterState(ctx, e.anna, e.c1))(t).Now.Step
		must(e.Start(ctx, e.anna, Act{StepID: d.ID, Version: d.Version}))(t)
		if _, err := e.NoShow(ctx, e.anna, Act{StepID: d.ID, Version: d.Version}); err != ErrChanged {
			t.Error(err)
		}
	})
}

// An operator leaves with a ticket at the counter: asked first; forced, the person
// waits again with the old seniority.
func TestOperatorWhoLeavesWithATicket(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		i := e.take(e.registry)
		e.after(time.Minute)
		e.take(e.registry)
		e.sit(e.anna, e.c1)
		e.serve(e.anna, e.c1)
		if r := refused(t, e.Leave(ctx, e.anna, e.c1, false), CounterBusy); r.Ticket != i.Ticket.ID {
			t.Error(r)
		}
		refused(t, e.Leave(ctx, e.bruno, e.c1, false), CounterTaken)
		if err := e.Leave(ctx, e.carla, e.c1, true); err != ErrNotFound {
			t.Error(err)
		}
		if err := e.Leave(ctx, e.bruno, e.c1, true); err != nil { // she went home
			t.Fatal(err)
		}
		s := e.stepNow(i.Step.ID)
		if s.State != Waiting || s.RefAt != i.Step.RefAt || s.NotBefore != 0 {
			t.Errorf("%+v", s)
		}
		e.sit(e.bruno, e.c2)
		if d := e.call(e.bruno, e.c2); d.Ticket.ID != i.Ticket.ID {
			t.Error(d.Ticket.Label)
		}
		if err := e.Leave(ctx, e.bruno, e.c1, true); err != nil {
			t.Error("leaving an empty counter:", err)
		}
		_, err := e.CallNext(ctx, e.anna, At{CounterID: e.c1})
		refused(t, err, NotOpen)
		e.sit(e.anna, e.c1)
	})
}

func TestBreak(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.take(e.registry)
		e.take(e.registry)
		_, err := e.Pause(ctx, e.anna, e.c1, "break", 0)
		refused(t, err, NotOpen)
		e.sit(e.anna, e.c1)
		d := e.serve(e.anna, e.c1)
		until := e.clock.Now().Add(15 * time.Minute)
		st := must(e.Pause(ctx, e.anna, e.c1, "break", until))(t)
		must(e.Pause(ctx, e.anna, e.c1, "break", until))(t)
		if st.PauseUntil != until || e.events("counter.paused") != 1 {
			t.Errorf("%+v", st)
		}
		e.finish(e.anna, d.Step.ID) // who is there is served to the end
		_, err = e.CallNext(ctx, e.anna, At{CounterID: e.c1})
		refused(t, err, Paused)
		_, err = e.Unpause(ctx, e.bruno, e.c1)
		refused(t, err, CounterTaken)
		if st := must(e.Unpause(ctx, e.anna, e.c1))(t); st.PauseAt != 0 {
			t.Errorf("%+v", st)
		}
		must(e.Unpause(ctx, e.anna, e.c1))(t)
		if e.events("counter.resumed") != 1 {
			t.Error("resumed twice")
		}
		e.call(e.anna, e.c1)
		if _, err := e.Pause(ctx, e.anna, e.c1, "break", e.clock.Now()); !isInvalid(err, "until") {
			t.Error(err)
		}
	})
}

// Many sit down at the same counter, and one person at many, at the same moment.
func TestOneSitsAtOneCounter(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		var all sync.WaitGroup
		for range 10 {
			for _, v := range []inbox.Viewer{e.anna, e.bruno} {
				for _, c := range []int64{e.c1, e.c2} {
					all.Go(func() { _, _ = e.Open(t.Context(), v, c, 0) })
				}
			}
		}
		all.Wait()
		if n := e.number64("SELECT count(*) FROM sittings"); n != 2 || e.number64("SELECT count(DISTINCT counter_id) FROM sittings") != 2 || e.number64("SELECT count(DISTINCT operator_id) FROM sittings") != 2 {
			t.Error(n)
		}
	})
}
