package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// Promise is a range that the holder of a number was shown, with what became of it.
// Nothing in it is of a person or an operator.
type Promise struct {
	bun.BaseModel `bun:"table:promises,alias:pr"`

	ID        int64 `bun:",pk"`
	StepID    int64
	SiteID    int64
	ServiceID int64
	ClassID   int64
	At        clock.Instant
	Ahead     int
	LowMin    int     // as it was shown, whole minutes
	HighMin   int     //
	LowS      float64 `bun:"low_s"`  // as it was computed, seconds: half of the waits are longer
	MeanS     float64 `bun:"mean_s"` // the best guess
	HighS     float64 `bun:"high_s"` // one in five is longer
	First     bool    // the first of its step
	Move      estimate.Move
	WasAt     clock.Instant // when the promise before ended
	Basis     string        // JSON of estimate.Basis
	Outcome   string        // see the outcomes; empty while the person waits
	WaitedS   float64       `bun:"waited_s"` // from the promise to the call; -1 without one
	EndedAt   clock.Instant
}

// The outcomes of a promise. Only one that was called can be held to.
const (
	PromiseCalled      = "called"
	PromiseLeft        = "left"
	PromiseTransferred = "transferred"
	PromiseVoided      = "voided"
	PromiseExpired     = "expired"
)

// shown is the range as somebody has seen it.
func (p *Promise) shown() estimate.Shown {
	return estimate.Shown{At: p.At, Range: estimate.Range{Low: p.LowMin, High: p.HighMin}}
}

// settled is the promise as the estimator learns from it, or as it is counted.
func (p *Promise) settled(called clock.Instant, class order.Class) (estimate.Settled, error) {
	s := estimate.Settled{Called: called, Promise: estimate.Promise{
		At: p.At, Ticket: p.StepID, Service: p.ServiceID, Class: class, Place: p.Ahead + 1,
		Expected: p.MeanS / 60, Half: p.LowS / 60, High: p.HighS / 60,
	}}
	if err := json.Unmarshal([]byte(p.Basis), &s.Basis); err != nil {
		return s, fmt.Errorf("what a promise was made from: %w", err)
	}
	return s, nil
}

const (
	// tellMove is for how long a page says that a range has grown or shrunk.
	tellMove = 10 * time.Minute
	// promptly is how old a promise may be when it is written: the learner comes by
	// later than that, so that it misses none.
	promptly = 10 * time.Second
)

// forecast asks the estimator, and says what must be kept as a promise.
func (p *seen) forecast(e *estimate.Estimator) (*Forecast, []*Promise) {
	s, asks := p.snapshot()
	got := e.Estimate(s, asks...)
	f := &Forecast{
		At: p.now, Closes: s.Closes, Enough: e.Waits() >= estimate.Enough, house: p.h,
		people: make(map[int64]Expectation, len(s.Waiting)), asked: map[asker]Expectation{},
	}
	ahead := p.ahead()
	done := map[int64]bool{} // services that an open counter does
	for _, c := range s.Counters {
		for _, skill := range c.Skills {
			done[skill.Service] = done[skill.Service] || len(c.Open) > 0
		}
	}
	plain := func(x estimate.Estimate) Expectation {
		out := Expectation{
			At: p.now, Known: x.Known, Range: x.Range(), Soon: x.Soon, Move: estimate.Same, Served: x.Served,
		}
		if f.Enough && done[x.Service] && s.Closes != 0 {
			out.Today = p.h.today(x.Served)
		}
		return out
	}
	steps := make(map[int64]*seenStep, len(p.steps))
	for i := range p.steps {
		steps[p.steps[i].ID] = &p.steps[i]
	}
	var fresh []*Promise
	for _, x := range got.Waiting {
		out := plain(x)
		out.Ahead = ahead[x.Ticket].Ahead
		if x.Known {
			if n := p.promise(steps[x.Ticket], x, &out); n != nil {
				fresh = append(fresh, n)
			}
		}
		f.people[x.Ticket] = out
	}
	for i, x := range got.Asked {
		out := plain(x)
		if asks[i].As == nil {
			out.Ahead = x.Place - 1
			f.asked[asker{x.Service, x.Class}] = out
			continue
		}
		out.Ahead = ahead[x.Ticket].Ahead
		f.people[x.Ticket] = out
	}
	return f, fresh
}

// ahead gives the place of everybody who waits.
func (p *seen) ahead() map[int64]Place {
	steps := make([]*Step, len(p.steps))
	for i := range p.steps {
		steps[i] = p.steps[i].Step
	}
	open := make([]int64, len(p.sittings))
	for i := range p.sittings {
		open[i] = p.sittings[i].CounterID
	}
	return p.h.places(p.now, steps, open)
}

// promise holds a new estimate against what the person was shown: while it ends about
// when the promise does, the promise runs on. It returns what is to be kept: the first
// promise of a number, and a changed one where somebody sees it.
func (p *seen) promise(s *seenStep, x estimate.Estimate, out *Expectation) *Promise {
	said := p.said[s.ID]
	var base *Promise
	if n := len(said); n > 0 && said[n-1].Outcome == "" {
		base = said[n-1]
	}
	if base == nil {
		return p.newPromise(s, x, out, len(said) == 0)
	}
	shown, move := base.shown().Next(p.now, x)
	out.Range, out.Move = shown.Range, move
	switch {
	case move == estimate.Later:
		out.Was = base.shown().Until()
	case move == estimate.Same && base.Move != "" && p.now.Sub(base.At) < tellMove:
		out.Move, out.Was = base.Move, base.WasAt
	}
	if move == estimate.Same || !s.Followed {
		return nil
	}
	n := p.newPromise(s, x, out, false)
	n.Move, n.WasAt = move, base.shown().Until()
	return n
}

func (p *seen) newPromise(s *seenStep, x estimate.Estimate, out *Expectation, first bool) *Promise {
	n := promiseOf(s.Step, x.Promise(p.now), out.Range)
	n.Ahead, n.First = out.Ahead, first
	return n
}

// promiseOf is the row of a promise that is made to the holder of a step.
func promiseOf(s *Step, x estimate.Promise, shown estimate.Range) *Promise {
	b, err := json.Marshal(x.Basis)
	if err != nil {
		panic("queue: " + err.Error()) // numbers only
	}
	return &Promise{
		StepID: s.ID, SiteID: s.SiteID, ServiceID: s.ServiceID, ClassID: s.ClassID, At: x.At, Ahead: x.Place - 1, LowMin: shown.Low, HighMin: shown.High,
		LowS: x.Half * 60, MeanS: x.Expected * 60, HighS: x.High * 60, Basis: string(b), WaitedS: -1,
	}
}

// keepPromises writes what people are about to be shown. Of two processes that make
// the first promise of a number, one does.
func (q *Queue) keepPromises(ctx context.Context, at clock.Instant, fresh []*Promise) error {
	if len(fresh) == 0 {
		return nil
	}
	err := q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if tx.Now.Sub(at) > promptly {
			return nil
		}
		for _, p := range fresh {
			p.ID = db.NewID(q.clock)
		}
		_, err := tx.NewInsert().Model(&fresh).On("CONFLICT DO NOTHING").Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep promises: %w", err)
	}
	return nil
}
