package queue

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/queue/order"
)

// Queue 3, row 7: the wait is from first eligibility to first call. Recalls, a
// put-back and a transfer never rewrite it.
func TestIssue2311RecallNeverRewritesTheWait(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		i := e.take(e.registry)
		e.sit(e.anna, e.c1)
		e.after(6 * time.Minute)
		d := e.call(e.anna, e.c1)
		want := e.stepNow(d.Step.ID)
		for range 3 {
			e.after(30 * time.Second)
			must(e.Recall(ctx, e.anna, e.act(d)))(t)
		}
		must(e.PutBack(ctx, e.anna, e.act(d), 0))(t)
		e.after(10 * time.Minute)
		must(e.CallNext(ctx, e.anna, At{CounterID: e.c1, Key: e.key()}))(t)
		must(e.Transfer(ctx, e.anna, Transfer{Act: e.act(d), ServiceID: e.taxes}))(t)
		s := e.stepNow(i.Step.ID)
		if s.FirstCalledAt != want.FirstCalledAt || s.EligibleAt != want.EligibleAt || s.FirstCalledAt.Sub(s.EligibleAt) != 6*time.Minute || s.Calls != 5 {
			t.Errorf("%+v", s)
		}
		if got := e.segments(s.ID); got != "waiting 6m0s, called 1m30s, waiting 10m0s, called 0s" {
			t.Error(got)
		}
		if n := e.number64("SELECT count(*) FROM events WHERE kind = 'ticket.called' AND data LIKE '%wait_ms%'"); n != 1 {
			t.Error("the wait is told", n, "times")
		}
	})
}

// Queue 3, row 7: a ticket that stays called is told of, once for each call, and
// nothing else happens to it.
func TestIssue2249StuckCalledIsTold(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.take(e.registry)
		e.sit(e.anna, e.c1)
		d := e.call(e.anna, e.c1)
		stuck := func() int { return must(e.WarnStuck(ctx, e.site))(t) }
		e.after(4*time.Minute - time.Microsecond)
		if stuck() != 0 {
			t.Error("too early")
		}
		e.after(time.Microsecond)
		if stuck() != 1 || stuck() != 0 {
			t.Error("once")
		}
		if s := e.stepNow(d.Step.ID); s.State != Called || s.Version != d.Step.Version || s.WarnedAt == 0 {
			t.Errorf("%+v", s)
		}
		must(e.Recall(ctx, e.anna, e.act(d)))(t)
		e.after(4 * time.Minute)
		if stuck() != 1 || e.events("ticket.stuck") != 2 {
			t.Error("after another call, again")
		}
	})
}

// Queue 3, row 10: a missed visit is never called by itself. A whole day of chores
// calls nobody; each call has an operator in the log.
func TestIssue962NoCallWithoutACommand(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		for range 5 {
			e.take(e.registry)
		}
		e.sit(e.anna, e.c1)
		d := e.call(e.anna, e.c1)
		must(e.NoShow(ctx, e.anna, e.act(d)))(t)
		for range 20 {
			e.after(30 * time.Minute)
			if err := e.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if n := e.number64("SELECT count(*) FROM calls"); n != 1 {
			t.Error(n)
		}
		if n := e.number64("SELECT count(*) FROM events WHERE kind LIKE 'ticket.called%' AND (actor <> 'operator' OR operator_id = 0)"); n != 0 {
			t.Error(n)
		}
	})
}

// Queue 3, row 19: calling next does not bring the same absent person back at once.
func TestIssue11PutBackIsNotCalledAtOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		first, second := e.take(e.registry), e.take(e.registry)
		e.sit(e.anna, e.c1)
		d := e.call(e.anna, e.c1)
		must(e.PutBack(ctx, e.anna, e.act(d), 0))(t)
		if got := e.call(e.anna, e.c1); got.Ticket.ID != second.Ticket.ID {
			t.Error("the same again")
		}
		must(e.NoShow(ctx, e.anna, Act{StepID: second.Step.ID}))(t)
		_, err := e.CallNext(ctx, e.anna, At{CounterID: e.c1})
		refused(t, err, Nobody)
		e.after(5*time.Minute - time.Microsecond)
		_, err = e.CallNext(ctx, e.anna, At{CounterID: e.c1})
		refused(t, err, Nobody)
		e.after(time.Microsecond)
		third := e.take(e.registry)
		if got := e.call(e.anna, e.c1); got.Ticket.ID != first.Ticket.ID {
			t.Error("seniority lost to", third.Ticket.Label)
		}
		// With Now there is no delay.
		must(e.PutBack(ctx, e.anna, Act{StepID: first.Step.ID}, Now))(t)
		if got := e.call(e.anna, e.c1); got.Ticket.ID != first.Ticket.ID {
			t.Error("put back for now")
		}
	})
}

// Queue 3, row 12: who is sent on keeps the seniority, and the number.
func TestIssue2834TransferKeepsSeniority(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		i := e.take(e.registry)
		e.after(time.Minute)
		e.take(e.taxes)
		e.sit(e.anna, e.c1)
		e.sit(e.carla, e.c3)
		e.after(10 * time.Minute)
		d := e.serve(e.anna, e.c1)
		tr := must(e.Transfer(ctx, e.anna, Transfer{Act: e.act(d), ServiceID: e.taxes, Note: "Ha la delega."}))(t)
		if tr.New == nil || tr.New.RefAt != i.Step.RefAt || tr.New.State != Waiting || tr.Step.State != Transferred || tr.Ticket.EndedAt != 0 {
			t.Fatalf("%+v %+v", tr.Step, tr.New)
		}
		e.after(time.Minute)
		got := e.call(e.carla, e.c3)
		if got.Ticket.ID != i.Ticket.ID || got.Ticket.Label != "A1" {
			t.Error("called", got.Ticket.Label)
		}
		if n := e.number64("SELECT count(*) FROM tickets"); n != 2 {
			t.Error("a new visit was made")
		}
		must(e.Start(ctx, e.carla, e.act(got)))(t)
		if f := e.finish(e.carla, got.Step.ID); f.Ticket.EndedAt == 0 || f.Ticket.Outcome != "served" {
			t.Errorf("%+v", f.Ticket)
		}
	})
}

func TestTransferToOneCounter(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		i := e.take(e.registry)
		e.sit(e.anna, e.c1)
		e.sit(e.bruno, e.c2)
		d := e.call(e.anna, e.c1)
		// A front office colleague does no taxes, and may all the same be asked.
		must(e.Transfer(ctx, e.anna, Transfer{Act: e.act(d), CounterID: e.c2}))(t)
		_, err := e.CallNext(ctx, e.anna, At{CounterID: e.c1})
		refused(t, err, Nobody)
		if got := e.call(e.bruno, e.c2); got.Ticket.ID != i.Ticket.ID {
			t.Error(got.Ticket.Label)
		}
		for _, x := range []struct {
			tr   Transfer
			want string
		}{{Transfer{}, "service"}, {Transfer{ServiceID: 7}, "service"}, {Transfer{CounterID: 7}, "counter"}} {
			x.tr.StepID = e.number64("SELECT id FROM steps WHERE state = 'called'")
			if _, err := e.Transfer(ctx, e.bruno, x.tr); !isInvalid(err, x.want) {
				t.Errorf("%+v: %v", x.tr, err)
			}
		}
		if err := e.EndCounter(ctx, e.admin, e.site, e.c3); err != nil {
			t.Fatal(err)
		}
		_, err = e.Transfer(ctx, e.bruno, Transfer{Act: Act{StepID: e.number64("SELECT id FROM steps WHERE state = 'called'")}, ServiceID: e.taxes})
		refused(t, err, NoSkill)
	})
}

// Queue 3, row 27: one ticket is worked on at two terminals. The second is told.
func TestIssue1TwoTerminalsOneTicket(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		i := e.take(e.registry)
		e.sit(e.anna, e.c1)
		e.sit(e.bruno, e.c2)
		var all sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 10 {
			for v, c := range map[*inbox.Viewer]int64{&e.anna: e.c1, &e.bruno: e.c2} {
				all.Go(func() {
					_, err := e.Call(ctx, *v, CallThis{Act: Act{StepID: i.Step.ID, Version: i.Step.Version}, CounterID: c})
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						won++
					} else if err != ErrChanged {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if won != 1 || e.number64("SELECT count(*) FROM calls") != 1 {
			t.Error(won)
		}
	})
}

// A click that is repeated, by the finger or by the network, is one click: of every
// verb, also at the same moment.
func TestRepeatedClicksAreOneClick(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		for range 3 {
			e.take(e.registry)
		}
		e.sit(e.anna, e.c1)
		repeat := func(what string, f func() (*Result, error)) *Result {
			t.Helper()
			var all sync.WaitGroup
			var mu sync.Mutex
			var out *Result
			first := 0
			for range 8 {
				all.Go(func() {
					d, err := f()
					mu.Lock()
					defer mu.Unlock()
					if err != nil {
						t.Errorf("%s: %v", what, err)
						return
					}
					if out != nil && out.VerbID != d.VerbID {
						t.Errorf("%s: two acts", what)
					}
					if out = d; !d.Repeated {
						first++
					}
				})
			}
			all.Wait()
			if first != 1 {
				t.Errorf("%s: done %d times", what, first)
			}
			return out
		}
		d := repeat("call next", func() (*Result, error) { return e.CallNext(ctx, e.anna, At{CounterID: e.c1, Key: "1"}) })
		a := func(key string) Act { return Act{StepID: d.Step.ID, Key: key} }
		repeat("recall", func() (*Result, error) { return e.Recall(ctx, e.anna, a("2")) })
		repeat("start", func() (*Result, error) { return e.Start(ctx, e.anna, a("3")) })
		tr := repeat("transfer", func() (*Result, error) {
			return e.Transfer(ctx, e.anna, Transfer{Act: a("4"), ServiceID: e.taxes})
		})
		if tr.New == nil || e.number64("SELECT count(*) FROM steps WHERE ticket_id = ?", tr.Ticket.ID) != 2 {
			t.Error("transferred twice")
		}
		repeat("give up", func() (*Result, error) { return e.StaffGiveUp(ctx, e.anna, Act{StepID: tr.New.ID, Key: "5"}) })
		// The key of one verb is no other's.
		if _, err := e.CallNext(ctx, e.anna, At{CounterID: e.c1, Key: "3"}); !isInvalid(err, "key") {
			t.Error(err)
		}
		// Nor is it another operator's.
		e.sit(e.bruno, e.c2)
		if d := must(e.CallNext(ctx, e.bruno, At{CounterID: e.c2, Key: "1"}))(t); d.Repeated {
			t.Error("another's key")
		}
	})
}

// Queue 4.5: each call keeps the values of the called and of the runner-up.
func TestWhyB12BeforeMe(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		plain := e.take(e.registry)
		e.after(2 * time.Minute)
		prior := e.take(e.registry, func(n *NewTicket) { n.Class = order.Protected })
		e.after(time.Minute)
		e.sit(e.anna, e.c1)
		d := e.call(e.anna, e.c1)
		if d.Ticket.ID != prior.Ticket.ID {
			t.Fatal("order:", d.Ticket.Label)
		}
		why := must(e.Why(ctx, e.anna, d.CallID))(t)
		x := why.Decision
		if x == nil || x.Called.ID != prior.Step.ID || x.RunnerUp == nil || x.RunnerUp.ID != plain.Step.ID || x.Reason != order.ByClass {
			t.Fatalf("%+v", x)
		}
		if x.Called.Value != 10+4*1 || x.RunnerUp.Value != 3 {
			t.Errorf("values %v and %v", x.Called.Value, x.RunnerUp.Value)
		}
		got := must(e.WhyNotMe(ctx, Owner{Secret: plain.Secret}))(t)
		if len(got) != 1 || got[0].Reason != string(order.ByClass) || got[0].Place != "Sportello 1" {
			t.Errorf("%+v", got)
		}
		if _, err := e.Why(ctx, inbox.Viewer{OperatorID: 5, FrontDesk: true, Offices: []int64{1}}, d.CallID); err != ErrNotFound {
			t.Error(err)
		}
		// Out of order: the reason, and whom the order would have called.
		must(e.NoShow(ctx, e.anna, e.act(d)))(t)
		last := e.take(e.registry)
		c := must(e.Call(ctx, e.anna, CallThis{Act: Act{StepID: last.Step.ID}, CounterID: e.c1, Reason: "neonato"}))(t)
		ch := must(e.Why(ctx, e.anna, c.CallID))(t).Chosen
		if ch == nil || ch.Reason != "neonato" || ch.InsteadOf == nil || ch.InsteadOf.Called.ID != plain.Step.ID {
			t.Errorf("%+v", ch)
		}
	})
}

// Of thousands who wait, a call reads only the heads of the lines, and gives the
// same as the whole room put in order.
func TestCallNextIsTheFirstOfTheWholeRoom(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		classes := []order.Class{order.WalkIn, order.Protected}
		services := []int64{e.registry, e.cards}
		var all []*Issued
		for i := range 120 {
			e.after(time.Duration(i%7) * time.Second)
			all = append(all, e.take(services[i%2], func(n *NewTicket) { n.Class = classes[(i/3)%2] }))
		}
		// Some let others pass, some come later, some are somebody's own.
		for i := 0; i < len(all); i += 5 {
			must(e.LetPass(t.Context(), Owner{Secret: all[i].Secret}, 1+i%3, ""))(t)
		}
		for i := 1; i < len(all); i += 9 {
			must(e.Late(t.Context(), Owner{Secret: all[i].Secret}, time.Duration(1+i%4)*time.Minute, ""))(t)
		}
		e.sit(e.anna, e.c1)
		for range len(all) {
			e.after(3 * time.Second)
			var steps []*Step
			if err := e.db.Read.NewSelect().Model(&steps).Where("s.state = 'waiting'").Scan(t.Context()); err != nil {
				t.Fatal(err)
			}
			var waiting []order.Waiting
			for _, s := range steps {
				waiting = append(waiting, e.house.Waits(s))
			}
			want, ok := e.house.Policy.Next(e.clock.Now(), e.house.Order(e.c1), waiting)
			d, err := e.CallNext(t.Context(), e.anna, At{CounterID: e.c1, Key: e.key()})
			if !ok {
				refused(t, err, Nobody)
				e.after(time.Minute)
				continue
			}
			if err != nil || d.Step.ID != want.Called.ID {
				t.Fatalf("%v %v, want %d", d, err, want.Called.ID)
			}
			for _, id := range want.Passed {
				if s := e.stepNow(id); s.LetPass < 0 {
					t.Error("let pass more than said")
				}
			}
			var x order.Decision
			if err := json.Unmarshal([]byte(must(e.Why(t.Context(), e.anna, d.CallID))(t).Call.Why), &x); err != nil || x.Called.Value != want.Called.Value {
				t.Error(err, x)
			}
			must(e.NoShow(t.Context(), e.anna, e.act(d)))(t)
		}
	})
}

func TestLetPass(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		var all []*Issued
		for range 5 {
			all = append(all, e.take(e.registry))
			e.after(time.Second)
		}
		e.sit(e.anna, e.c1)
		must(e.LetPass(ctx, Owner{Secret: all[0].Secret}, 2, "k"))(t)
		if again := must(e.LetPass(ctx, Owner{Secret: all[0].Secret}, 2, "k"))(t); !again.Repeated || again.Step.LetPass != 2 {
			t.Error("said twice is said once")
		}
		var got string
		for range 5 {
			d := e.call(e.anna, e.c1)
			got += d.Ticket.Label + " "
			must(e.NoShow(ctx, e.anna, e.act(d)))(t)
		}
		if got != "A2 A3 A1 A4 A5 " {
			t.Error(got)
		}
		late := e.take(e.registry)
		for _, n := range []int{0, -1, 11} {
			if _, err := e.LetPass(ctx, Owner{Secret: late.Secret}, n, ""); !isInvalid(err, "count") {
				t.Error(n, err)
			}
		}
		must(e.LetPass(ctx, Owner{Secret: late.Secret}, 10, ""))(t)
		if d := e.call(e.anna, e.c1); d.Ticket.ID != late.Ticket.ID {
			t.Error("nobody is left to pass, and nobody is called")
		}
	})
}
