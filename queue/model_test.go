package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// anything does one random verb on one random ticket, and does not mind a refusal.
func (e *env) anything(r *rand.Rand, mine []*Issued, v inbox.Viewer, counter int64, key string) {
	ctx := e.t.Context()
	i := mine[r.IntN(len(mine))]
	var step int64
	if err := e.db.Ask(ctx, "SELECT id FROM steps WHERE ticket_id = ? ORDER BY ord DESC LIMIT 1", []any{i.Ticket.ID}, &step); err != nil {
		e.t.Error(err)
		return
	}
	a, o := Act{StepID: step, Key: key}, Owner{Secret: i.Secret}
	var here int64
	_ = e.db.Ask(ctx, "SELECT id FROM steps WHERE counter_id = ? AND state IN ('called','serving')", []any{counter}, &here)
	atDesk := Act{StepID: here, Key: key}
	var err error
	var d *Result
	switch r.IntN(18) {
	case 0, 1, 2:
		d, err = e.CallNext(ctx, v, At{CounterID: counter, Key: key})
	case 3:
		d, err = e.Call(ctx, v, CallThis{Act: a, CounterID: counter})
	case 4:
		d, err = e.Recall(ctx, v, atDesk)
	case 5, 6:
		d, err = e.Start(ctx, v, atDesk)
	case 7:
		d, err = e.NoShow(ctx, v, atDesk)
	case 8:
		d, err = e.PutBack(ctx, v, atDesk, time.Minute)
	case 9:
		d, err = e.Hold(ctx, v, atDesk, "")
	case 10:
		d, err = e.Resume(ctx, v, a, counter)
	case 11:
		d, err = e.Transfer(ctx, v, Transfer{Act: a, ServiceID: []int64{e.registry, e.cards}[r.IntN(2)]})
	case 12:
		d, err = e.AddService(ctx, v, a, []int64{e.registry, e.cards}[r.IntN(2)])
	case 13, 14:
		d, err = e.Finish(ctx, v, Finish{Act: atDesk})
	case 15:
		d, err = e.Return(ctx, v, a)
	case 16:
		d, err = e.GiveUp(ctx, o, key)
	case 17:
		d, err = e.LetPass(ctx, o, 1, key)
	}
	if err == nil && d.UndoUntil != 0 && r.IntN(6) == 0 {
		_, err = e.Undo(ctx, v, d.VerbID, key+"u")
	}
	switch err.(type) {
	case nil, *RefusedError, *inbox.InvalidError:
	default:
		if err != ErrNotFound && err != ErrChanged {
			e.t.Errorf("%T %v", err, err)
		}
	}
}

// Queue 3, rows 8 and 9: way times that were wrong for nine months, statistics whose
// rerun wiped their source. After any verbs in any order, from several counters at
// once, the phases, the columns of the steps and what the events alone tell are the
// same, in microseconds; and the belts hold.
func TestIssue1809EventsPhasesAndColumnsTellTheSame(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.sit(e.anna, e.c1)
		e.sit(e.bruno, e.c2)
		var tickets []*Issued
		for i := range 30 {
			tickets = append(tickets, e.take([]int64{e.registry, e.cards}[i%2]))
		}
		enough := func() bool {
			return e.events("ticket.called") >= 30 && e.events("ticket.undone") >= 3 && e.events("ticket.done") >= 5
		}
		for round := 0; round < 30 || round < 300 && !enough(); round++ {
			e.after(time.Duration(7+round) * time.Second)
			var all sync.WaitGroup
			for j, v := range []inbox.Viewer{e.anna, e.bruno, e.anna, e.bruno} {
				all.Go(func() {
					r := rand.New(rand.NewPCG(uint64(round), uint64(j)))
					for k := range 4 {
						e.anything(r, tickets, v, []int64{e.c1, e.c2}[j%2], fmt.Sprint(round, j, k))
					}
				})
			}
			all.Wait()
		}
		if !enough() {
			t.Error("too little happened to tell")
		}
		e.phasesFit()
		e.eventsTell()
	})
}

// phasesFit holds each step's phases against its columns.
func (e *env) phasesFit() {
	e.t.Helper()
	var steps []*Step
	if err := e.db.Read.NewSelect().Model(&steps).OrderExpr("s.id").Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	for _, s := range steps {
		var called, eligible clock.Instant
		var end clock.Instant
		open := SegmentKind("")
		for _, g := range must(e.SegmentsOf(e.t.Context(), s.ID))(e.t) {
			if end != 0 && g.FromAt < end || end != 0 && g.ToAt != 0 && g.ToAt < g.FromAt {
				e.t.Errorf("step %d: phases overlap", s.ID)
			}
			if end = g.ToAt; end == 0 {
				open = g.Kind
			}
			if g.Kind == CalledSegment && called == 0 {
				called = g.FromAt
			}
			if g.Kind == WaitingSegment && eligible == 0 {
				eligible = g.FromAt
			}
		}
		if open != s.State.segment() {
			e.t.Errorf("step %d is %s in phase %q", s.ID, s.State, open)
		}
		if called != s.FirstCalledAt || s.EligibleAt != 0 && s.State != Cancelled && eligible != s.EligibleAt {
			e.t.Errorf("step %d: called %d by its phases, %d by its column; eligible %d and %d", s.ID, called, s.FirstCalledAt, eligible, s.EligibleAt)
		}
		if (s.EndedAt != 0) != (s.State != Booked && !s.State.goesOn()) {
			e.t.Errorf("step %d is %s and ended at %d", s.ID, s.State, s.EndedAt)
		}
	}
	for what, n := range map[string]int64{
		"tickets that ended with something open": e.number64("SELECT count(*) FROM tickets AS t WHERE t.ended_at > 0 AND EXISTS (SELECT 1 FROM steps AS s WHERE s.ticket_id = t.id AND s.ended_at = 0)"),
		"tickets that are over and go on":        e.number64("SELECT count(*) FROM tickets AS t WHERE t.ended_at = 0 AND NOT EXISTS (SELECT 1 FROM steps AS s WHERE s.ticket_id = t.id AND s.ended_at = 0)"),
		"tickets that nothing of goes on":        e.number64("SELECT count(*) FROM tickets AS t WHERE t.ended_at = 0 AND NOT EXISTS (SELECT 1 FROM steps AS s WHERE s.ticket_id = t.id AND s.state IN ('waiting','called','serving','held'))"),
	} {
		if n != 0 {
			e.t.Errorf("%s: %d", what, n)
		}
	}
}

// eventsTell rebuilds state, first call and wait of each step from the events alone.
func (e *env) eventsTell() {
	e.t.Helper()
	var events []inbox.Event
	if err := e.db.Read.NewSelect().Model(&events).Where("e.kind LIKE 'ticket.%'").OrderExpr("e.at, e.id").Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	undone := map[int64]bool{}
	all := make([]facts, len(events))
	for i, x := range events {
		if err := json.Unmarshal([]byte(x.Data), &all[i]); err != nil {
			e.t.Fatal(err)
		}
		if all[i].Undoes != 0 {
			undone[all[i].Undoes] = true
		}
	}
	state, waits, called := map[int64]State{}, map[int64]int64{}, map[int64]clock.Instant{}
	for i, x := range events {
		f := all[i]
		if undone[f.Verb] && f.Verb != 0 {
			continue
		}
		state[f.Step] = f.State
		if x.Kind == "ticket.called" && f.First {
			waits[f.Step], called[f.Step] = f.WaitMS, x.At
		}
	}
	var steps []*Step
	if err := e.db.Read.NewSelect().Model(&steps).Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	for _, s := range steps {
		if s.Outcome == "undone" || s.State == Booked {
			continue // told by the act that made it
		}
		if state[s.ID] != s.State && !(s.State == Left || s.State == NoShow || s.State == Waiting) {
			e.t.Errorf("step %d is %s, the events say %s", s.ID, s.State, state[s.ID])
		}
		if called[s.ID] != s.FirstCalledAt {
			e.t.Errorf("step %d: first called at %d, the events say %d", s.ID, s.FirstCalledAt, called[s.ID])
		}
		if s.FirstCalledAt != 0 && waits[s.ID] != s.FirstCalledAt.Sub(s.EligibleAt).Milliseconds() {
			e.t.Errorf("step %d waited %d ms, the events say %d", s.ID, s.FirstCalledAt.Sub(s.EligibleAt).Milliseconds(), waits[s.ID])
		}
	}
}

// An emergency of many at the same moment: each that calls gets somebody else, in
// the very order of the room.
func TestManyCallInTheSameTurn(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		for range 4 {
			e.take(e.registry)
		}
		e.take(e.cards, func(n *NewTicket) { n.Class = order.Protected })
		e.sit(e.anna, e.c1)
		e.sit(e.bruno, e.c2)
		commands := []*command{}
		got := make([]*Result, 2)
		for i, x := range []struct {
			v inbox.Viewer
			c int64
		}{{e.anna, e.c1}, {e.bruno, e.c2}} {
			commands = append(commands, &command{ctx: ctx, want: want{counters: []int64{x.c}, call: true}, done: make(chan struct{}), do: func(inner context.Context, r *room) error {
				c, st, err := r.desk(inner, x.v, x.c)
				if err != nil {
					return err
				}
				got[i], err = r.callNext(inner, by(x.v), c, st, "")
				return err
			}})
		}
		e.turn(ctx, e.site, commands)
		for _, c := range commands {
			if c.err != nil {
				t.Fatal(c.err)
			}
		}
		if got[0].Ticket.Label != "A5" || got[1].Ticket.Label != "A1" {
			t.Error(got[0].Ticket.Label, got[1].Ticket.Label)
		}
	})
}

// One command that fails after it began to change the room spoils nothing for the
// others of its turn.
func TestOneCommandSpoilsNothingForTheOthers(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		issue := func(key string, fail bool) *command {
			return &command{ctx: ctx, done: make(chan struct{}), do: func(inner context.Context, r *room) error {
				i, err := r.issueOnce(inner, NewTicket{SiteID: e.site, ServiceID: e.registry, Origin: ByStaff}, automation, 0, key)
				if fail && err == nil {
					return fmt.Errorf("after the number %s", i.Ticket.Label)
				}
				return err
			}}
		}
		commands := []*command{issue("a", false), issue("b", true), issue("c", false)}
		e.turn(ctx, e.site, commands)
		if commands[0].err != nil || commands[1].err == nil || commands[2].err != nil {
			t.Error(commands[0].err, commands[1].err, commands[2].err)
		}
		if n := e.number64("SELECT max(number) FROM tickets"); n != 2 || e.number64("SELECT count(*) FROM tickets") != 2 {
			t.Error("a gap")
		}
	})
}

func TestAPanicEndsOneCommandOnly(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		err := e.at(t.Context(), e.site, want{}, func(context.Context, *room) error { panic("boom") })
		if err == nil {
			t.Error("no error")
		}
		e.take(e.registry)
	})
}
