package queue

import (
	"testing"
	"time"
)

// TestVisit is one visit from the kiosk to the outcome.
func TestVisit(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		i := e.take(e.registry)
		if i.Ticket.Label != "A1" || i.Step.State != Waiting || i.Secret == "" {
			t.Fatalf("%+v", i)
		}
		e.sit(e.anna, e.c1)
		e.after(5 * time.Minute)
		d := e.call(e.anna, e.c1)
		if d.Ticket.Label != "A1" || d.Step.State != Called || d.CallID == 0 {
			t.Fatalf("%+v", d)
		}
		e.after(10 * time.Second)
		must(e.Recall(ctx, e.anna, e.act(d)))(t)
		e.after(20 * time.Second)
		must(e.Start(ctx, e.anna, e.act(d)))(t)
		e.after(7 * time.Minute)
		f := must(e.Finish(ctx, e.anna, Finish{Act: e.act(d), Outcome: "served", Note: "Torna con la foto."}))(t)
		if f.Step.State != Done || f.Ticket.EndedAt == 0 {
			t.Errorf("%+v %+v", f.Step, f.Ticket)
		}
		if got := e.segments(d.Step.ID); got != "waiting 5m0s, called 30s, serving 7m0s" {
			t.Error(got)
		}
		s := e.stepNow(d.Step.ID)
		if s.FirstCalledAt.Sub(s.EligibleAt) != 5*time.Minute || s.Note != "Torna con la foto." {
			t.Errorf("%+v", s)
		}
		_, err := e.CallNext(ctx, e.anna, At{CounterID: e.c1, Key: e.key()})
		refused(t, err, Nobody)
	})
}
