package queue

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sameBut compares steps and tickets without their versions.
var sameBut = cmp.Options{cmpopts.IgnoreFields(Step{}, "Version"), cmpopts.IgnoreFields(Ticket{}, "Version")}

// Queue 3, row 11: a click on the wrong person. Each verb is taken back within 30 s:
// steps, ticket and open phase are exactly what they were, and go on from when they
// had begun.
func TestIssue2936UndoPutsBackExactly(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.sit(e.anna, e.c1)
		a := func(id int64) Act { return Act{StepID: id, Key: e.key()} }
		for name, x := range map[string]struct {
			from State
			do   func(step int64) (*Result, error)
		}{
			"call next": {Waiting, func(int64) (*Result, error) { return e.CallNext(ctx, e.anna, At{CounterID: e.c1, Key: e.key()}) }},
			"call": {Waiting, func(id int64) (*Result, error) {
				return e.Call(ctx, e.anna, CallThis{Act: a(id), CounterID: e.c1})
			}},
			"recall":          {Called, func(id int64) (*Result, error) { return e.Recall(ctx, e.anna, a(id)) }},
			"start":           {Called, func(id int64) (*Result, error) { return e.Start(ctx, e.anna, a(id)) }},
			"no-show":         {Called, func(id int64) (*Result, error) { return e.NoShow(ctx, e.anna, a(id)) }},
			"put back":        {Called, func(id int64) (*Result, error) { return e.PutBack(ctx, e.anna, a(id), 0) }},
			"put back served": {Serving, func(id int64) (*Result, error) { return e.PutBack(ctx, e.anna, a(id), 0) }},
			"hold":            {Serving, func(id int64) (*Result, error) { return e.Hold(ctx, e.anna, a(id), "form") }},
			"resume":          {Held, func(id int64) (*Result, error) { return e.Resume(ctx, e.anna, a(id), e.c1) }},
			"return":          {NoShow, func(id int64) (*Result, error) { return e.Return(ctx, e.anna, a(id)) }},
			"gave up":         {Waiting, func(id int64) (*Result, error) { return e.StaffGiveUp(ctx, e.anna, a(id)) }},
			"finish":          {Serving, func(id int64) (*Result, error) { return e.Finish(ctx, e.anna, Finish{Act: a(id), Note: "x"}) }},
			"transfer": {Called, func(id int64) (*Result, error) {
				return e.Transfer(ctx, e.anna, Transfer{Act: a(id), ServiceID: e.taxes})
			}},
			"transfer waiting": {Waiting, func(id int64) (*Result, error) {
				return e.Transfer(ctx, e.anna, Transfer{Act: a(id), ServiceID: e.taxes})
			}},
			"add a service": {Serving, func(id int64) (*Result, error) { return e.AddService(ctx, e.anna, a(id), e.taxes) }},
		} {
			i, s := e.brings(x.from)
			was, ticket, phases := *e.stepNow(s.ID), *e.ticketNow(i.Ticket.ID), e.segments(s.ID)
			e.after(10 * time.Second)
			d, err := x.do(s.ID)
			if err != nil || d.Step.ID != s.ID || d.UndoUntil != e.clock.Now().Add(30*time.Second) {
				t.Fatalf("%s: %+v %v", name, d, err)
			}
			e.after(30 * time.Second)
			key := e.key()
			u, err := e.Undo(ctx, e.anna, d.VerbID, key)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if again := must(e.Undo(ctx, e.anna, d.VerbID, key))(t); !again.Repeated || again.VerbID != u.VerbID {
				t.Errorf("%s: undone twice", name)
			}
			if diff := cmp.Diff(was, *e.stepNow(s.ID), sameBut); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			if diff := cmp.Diff(ticket, *e.ticketNow(i.Ticket.ID), sameBut); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			if got := e.segments(s.ID); got != phases {
				t.Errorf("%s: %q was %q", name, got, phases)
			}
			if d.CallID != 0 && e.number64("SELECT undone_at FROM calls WHERE id = ?", d.CallID) == 0 {
				t.Errorf("%s: is still announced", name)
			}
			if n := e.number64("SELECT count(*) FROM steps WHERE ticket_id = ? AND ended_at = 0", i.Ticket.ID); n > 1 {
				t.Errorf("%s: what it made goes on", name)
			}
			_, err = e.Undo(ctx, e.anna, d.VerbID, e.key())
			refused(t, err, UndoOvertaken)
			e.empty()
		}
	})
}

// Nothing is ever deleted by it: what was undone stays, marked.
func TestUndoKeepsWhatHappened(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.take(e.registry)
		e.sit(e.anna, e.c1)
		e.after(time.Minute)
		d := e.call(e.anna, e.c1)
		must(e.Undo(t.Context(), e.anna, d.VerbID, "u"))(t)
		if n := e.number64("SELECT count(*) FROM segments WHERE undone_at > 0"); n != 2 {
			t.Error(n)
		}
		if e.events("ticket.called") != 1 || e.events("ticket.undone") != 1 {
			t.Error("the memory forgot")
		}
		e.after(time.Minute)
		e.call(e.anna, e.c1)
		s := e.stepNow(d.Step.ID)
		if s.FirstCalledAt.Sub(s.EligibleAt) != 2*time.Minute {
			t.Error("a call that was taken back has ended the wait")
		}
	})
}

func TestUndoIsRefused(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.sit(e.anna, e.c1)
		for range 4 {
			e.take(e.registry)
		}
		d := e.call(e.anna, e.c1)
		e.after(30*time.Second + time.Microsecond)
		_, err := e.Undo(ctx, e.anna, d.VerbID, "1")
		refused(t, err, UndoTooLate)
		n := must(e.NoShow(ctx, e.anna, e.act(d)))(t)
		e.call(e.anna, e.c1)
		_, err = e.Undo(ctx, e.anna, n.VerbID, "2") // the counter has somebody else by now
		refused(t, err, CounterBusy)
		if _, err := e.Undo(ctx, e.carla, n.VerbID, "3"); err != ErrNotFound {
			t.Error(err)
		}
		if _, err := e.Undo(ctx, e.anna, 7, "4"); err != ErrNotFound {
			t.Error(err)
		}
		now := must(e.CounterState(ctx, e.anna, e.c1))(t)
		s := must(e.Start(ctx, e.anna, Act{StepID: now.Now.Step.ID}))(t)
		f := e.finish(e.anna, now.Now.Step.ID)
		_, err = e.Undo(ctx, e.anna, s.VerbID, "5") // finishing came after it
		refused(t, err, UndoOvertaken)
		if err := e.Leave(ctx, e.anna, e.c1, false); err != nil {
			t.Fatal(err)
		}
		_, err = e.Undo(ctx, e.anna, f.VerbID, "6")
		refused(t, err, NotOpen)
	})
}

// Two tabs take the same act back at the same moment.
func TestUndoAtTheSameMoment(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.take(e.registry)
		e.sit(e.anna, e.c1)
		d := e.call(e.anna, e.c1)
		var all sync.WaitGroup
		var mu sync.Mutex
		done := 0
		for range 10 {
			key := e.key()
			all.Go(func() {
				_, err := e.Undo(t.Context(), e.anna, d.VerbID, key)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					done++
					return
				}
				refused(t, err, UndoOvertaken)
			})
		}
		all.Wait()
		if done != 1 || e.events("ticket.undone") != 1 {
			t.Error(done)
		}
	})
}
