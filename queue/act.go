package queue

import (
	"context"
	"fmt"

	"filodiretto/inbox"
)

// siteOfStep finds where a step is.
func (q *Queue) siteOfStep(ctx context.Context, stepID int64) (int64, error) {
	site, _, err := q.placeOfStep(ctx, stepID)
	return site, err
}

// siteOfCounter finds where a counter is. Counters do not move.
func (q *Queue) siteOfCounter(ctx context.Context, counterID int64) (int64, error) {
	if site, known := q.counters.Load(counterID); known {
		return site.(int64), nil
	}
	var site int64
	if err := q.db.Ask(ctx, "SELECT site_id FROM counters WHERE id = ?", []any{counterID}, &site); err != nil {
		return 0, notFound(err)
	}
	q.counters.Store(counterID, site)
	return site, nil
}

// act is the frame of every verb of the staff: it finds the step, checks who asks,
// answers a repeated act, and refuses what the step's state or version speaks
// against. f checks the rest, does the verb and returns its result.
func (q *Queue) act(ctx context.Context, v inbox.Viewer, a Act, verb Verb, f func(ctx context.Context, r *room, s *Step) (*Result, error)) (*Result, error) {
	if len(a.Key) > mostKey {
		return nil, invalid("key", "too_long")
	}
	site, ticket, err := q.placeOfStep(ctx, a.StepID)
	if err != nil {
		return nil, err
	}
	key := verbKey{v.OperatorID, a.Key}
	var out *Result
	err = q.at(ctx, site, want{tickets: []int64{ticket}, verbs: []verbKey{key}}, func(ctx context.Context, r *room) error {
		s, err := r.step(ctx, a.StepID)
		if err != nil {
			return err
		}
		if !r.mayAct(v, s) {
			return ErrNotFound
		}
		if out, err = r.check(ctx, key, a, verb, s); out != nil || err != nil {
			return err
		}
		out, err = f(ctx, r, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func operatorOf(v inbox.Viewer) []int64 {
	if v.OperatorID == 0 {
		return nil
	}
	return []int64{v.OperatorID}
}

// check answers an act that was done before, and refuses one that the step's
// version or state speaks against.
func (r *room) check(ctx context.Context, key verbKey, a Act, verb Verb, s *Step) (*Result, error) {
	d, err := r.did(ctx, key)
	if err != nil {
		return nil, err
	}
	if d != nil {
		if d.row.StepID != s.ID && verb != CallNextVerb {
			return nil, invalid("key", "used")
		}
		return r.again(ctx, d, verb)
	}
	if a.Version != 0 && a.Version != s.Version {
		return nil, ErrChanged
	}
	if _, ok := verb.After(s.State); !ok {
		return nil, refuse(WrongState)
	}
	return nil, nil
}

// mayAct reports whether somebody may do something with a step: whoever works the
// site's queue, and whoever may sit at the counter where it is or that it waits
// for.
func (r *room) mayAct(v inbox.Viewer, s *Step) bool {
	if worksSite(r.h, v) {
		return true
	}
	for _, id := range []int64{s.CounterID, s.TargetID} {
		if c := r.h.Counter(id); c != nil && worksCounter(r.h, v, c) {
			return true
		}
	}
	return false
}

// desk checks that somebody may call to a counter now: the counter is there, an
// operator who may sits at it, is not on a break, and has nobody.
func (r *room) desk(ctx context.Context, v inbox.Viewer, counterID int64) (*Counter, *Sitting, error) {
	c := r.h.Counter(counterID)
	if c == nil || !worksCounter(r.h, v, c) {
		return nil, nil, ErrNotFound
	}
	st, err := r.sitting(ctx, counterID)
	switch {
	case err != nil:
		return nil, nil, err
	case st == nil || c.EndedAt != 0:
		return nil, nil, refuse(NotOpen)
	case st.OperatorID != v.OperatorID && !v.System:
		return nil, nil, refuse(CounterTaken)
	case st.PauseAt != 0:
		return nil, nil, refuse(Paused)
	}
	s, err := r.at(ctx, counterID)
	if err != nil {
		return nil, nil, err
	}
	if s != nil {
		return nil, nil, &RefusedError{CounterBusy, s.TicketID}
	}
	return c, st, nil
}

// endVisit ends what a ticket still has booked and the ticket itself, once nothing
// of it is open.
func (r *room) endVisit(ctx context.Context, d *deed, outcome string) error {
	steps, err := r.stepsOf(ctx, d.s.TicketID)
	if err != nil {
		return err
	}
	for _, s := range steps {
		if s != d.s && s.State == Booked {
			d.touch(s)
			s.State, s.EndedAt, s.Outcome = d.s.State, r.now, outcome
		}
	}
	return r.settle(ctx, d, outcome)
}

// settle ends the ticket when nothing of it is open. d is changed already.
func (r *room) settle(ctx context.Context, d *deed, outcome string) error {
	steps, err := r.stepsOf(ctx, d.s.TicketID)
	if err != nil {
		return err
	}
	for _, s := range steps {
		if s.Open() {
			return nil
		}
	}
	t, err := r.ticket(ctx, d.s.TicketID)
	if err != nil {
		return fmt.Errorf("end the visit: %w", err)
	}
	d.touchTicket(t)
	t.EndedAt, t.Outcome = r.now, outcome
	r.changeTicket(t)
	return nil
}
