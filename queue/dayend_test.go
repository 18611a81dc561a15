package queue

import (
	"testing"
	"time"
)

// Queue 3, row 25: a queue that was not cleared overnight. The day ends with an
// event of its own: who waits is told and expired, who is at the counter is done,
// the counters are empty, and the next morning begins with 1.
func TestIssue969DayEndsWithAnEvent(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		served, called, held, waiting := e.take(e.registry), e.take(e.registry), e.take(e.registry), e.take(e.registry)
		away := e.remote(e.registry, e.citizen("Ada"))
		e.exec("UPDATE tickets SET account_id = 5")
		e.sit(e.bruno, e.c2)
		d := e.call(e.bruno, e.c2)
		must(e.Start(ctx, e.bruno, e.act(d)))(t)
		e.sit(e.anna, e.c1)
		e.call(e.anna, e.c1)
		h := must(e.Hold(ctx, e.anna, Act{StepID: called.Step.ID}, "form"))(t)
		must(e.Transfer(ctx, e.anna, Transfer{Act: e.act(h), CounterID: e.c1}))(t)
		e.call(e.anna, e.c1) // the transferred one comes back to the counter
		e.told.news = nil
		n := must(e.EndDay(ctx, e.anna, e.site))(t)
		if n != 5 {
			t.Error("ended", n)
		}
		for i, want := range map[*Issued]State{served: Done, held: Expired, waiting: Expired, away: Expired} {
			if s := e.stepNow(i.Step.ID); s.State != want || e.ticketNow(i.Ticket.ID).EndedAt == 0 {
				t.Errorf("%s is %s", i.Ticket.Label, s.State)
			}
		}
		var told []string
		for _, x := range e.told.news {
			told = append(told, x.Kind)
		}
		if len(told) != 3 || told[0] != "expired" {
			t.Error("told:", told)
		}
		if e.number64("SELECT count(*) FROM sittings WHERE to_at = 0") != 0 || e.events("queue.day_ended") != 1 {
			t.Error("the counters")
		}
		if n := must(e.EndDay(ctx, e.anna, e.site))(t); n != 0 {
			t.Error("again", n)
		}
		_, err := e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.registry, Key: "late"})
		refused(t, err, DayEnded)
		_, err = e.Open(ctx, e.anna, e.c1, 0)
		refused(t, err, DayEnded)
		_, err = e.Return(ctx, e.anna, Act{StepID: waiting.Step.ID})
		refused(t, err, WrongState)
		e.after(24 * time.Hour)
		if i := e.take(e.registry); i.Ticket.Label != "A1" {
			t.Error(i.Ticket.Label)
		}
		if _, err := e.EndDay(ctx, e.carla, e.site); err != ErrNotFound {
			t.Error(err)
		}
	})
}

// Closing time with people waiting: no more numbers, those who are here are called,
// and the day ends two hours later, when nobody is at a counter any more.
func TestClosingTimeWithPeopleWaiting(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.clockTo(17, 55)
		for range 3 {
			e.take(e.registry)
		}
		e.sit(e.anna, e.c1)
		e.clockTo(18, 1)
		_, err := e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.registry, Key: "k"})
		refused(t, err, Shut)
		d := e.serve(e.anna, e.c1)
		e.clockTo(20, 0)
		if n := must(e.EndDays(ctx))(t); n != 0 {
			t.Error("ended with somebody at the counter")
		}
		e.finish(e.anna, d.Step.ID)
		if n := must(e.EndDays(ctx))(t); n != 1 {
			t.Error("not ended:", n)
		}
		if n := e.number64("SELECT count(*) FROM steps WHERE state = 'expired'"); n != 2 {
			t.Error(n)
		}
		if n := must(e.EndDays(ctx))(t); n != 0 {
			t.Error("again")
		}
	})
}

// A night in which nothing ran: the first thing that happens the next day ends the
// day before, and nobody is called who waited yesterday. Also over both changes of
// the clocks.
func TestNightInWhichNothingRan(t *testing.T) {
	for _, day := range []Day{"2026-11-24", spring, autumn} {
		t.Run(string(day), func(t *testing.T) {
			eachDB(t, func(t *testing.T, e *env) {
				ctx := t.Context()
				e.manual.Advance(day.At(9*60, rome).Sub(e.clock.Now()))
				anyway := func(n NewTicket) NewTicket { n.SiteID, n.Anyway, n.Key = e.site, true, e.key(); return n }
				old := must(e.IssueTicket(ctx, e.anna, anyway(NewTicket{ServiceID: e.registry})))(t)
				e.sit(e.anna, e.c1)
				served := must(e.CallNext(ctx, e.anna, At{CounterID: e.c1}))(t)
				waits := must(e.IssueTicket(ctx, e.anna, anyway(NewTicket{ServiceID: e.registry})))(t)
				e.manual.Advance(day.Add(1).At(0, rome).Sub(e.clock.Now()) - time.Microsecond)
				if got := e.stepNow(old.Step.ID).State; got != Called {
					t.Error(got)
				}
				must(e.Recall(ctx, e.anna, e.act(served)))(t) // still that day
				e.after(time.Microsecond)
				_, err := e.Start(ctx, e.anna, e.act(served))
				refused(t, err, WrongState)
				if n := must(e.EndDays(ctx))(t); n != 1 {
					t.Error("the sweep:", n)
				}
				if e.stepNow(old.Step.ID).State != Expired || e.stepNow(waits.Step.ID).State != Expired || e.number64("SELECT count(*) FROM sittings WHERE to_at = 0") != 0 {
					t.Error("yesterday goes on")
				}
				if n := e.number64("SELECT count(*) FROM events WHERE kind = 'queue.day_ended' AND data LIKE ?", "%"+string(day)+"%"); n != 1 {
					t.Error("the event of the end:", n)
				}
				e.manual.Advance(8 * time.Hour)
				i := must(e.IssueTicket(ctx, e.anna, anyway(NewTicket{ServiceID: e.registry})))(t)
				e.sit(e.anna, e.c1)
				if d := e.call(e.anna, e.c1); d.Ticket.ID != i.Ticket.ID || i.Ticket.Label != "A1" || i.Ticket.Day != day.Add(1) {
					t.Errorf("%+v", d.Ticket)
				}
			})
		})
	}
}
