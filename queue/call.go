package queue

import (
	"context"
	"encoding/json"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/queue/order"
)

// At names the counter at which something is done.
type At struct {
	CounterID int64
	Key       string // the same key twice is one act
}

// CallThis calls somebody out of order.
type CallThis struct {
	Act
	CounterID int64
	Reason    string // a code or a few words; kept with the call
}

// ChosenWhy is kept in Call.Why of a call out of order: who was called, for what
// reason, and whom the order would have called.
type ChosenWhy struct {
	Chosen    bool            `json:"chosen"`
	Reason    string          `json:"reason"`
	InsteadOf *order.Decision `json:"instead_of,omitempty"`
}

const mostReason = 300

// CallNext calls whoever the site's order puts first among those whom the counter
// can serve. *RefusedError Nobody when nobody waits for it; CounterBusy when it has
// somebody. Nobody is ever called without such a command (queue 3, row 10).
func (q *Queue) CallNext(ctx context.Context, v inbox.Viewer, a At) (*Result, error) {
	return q.counterAct(ctx, v, a, true, func(ctx context.Context, r *room) (*Result, error) {
		key := verbKey{v.OperatorID, a.Key}
		if d, err := r.did(ctx, key); d != nil || err != nil {
			if err != nil {
				return nil, err
			}
			return r.again(ctx, d, CallNextVerb)
		}
		c, st, err := r.desk(ctx, v, a.CounterID)
		if err != nil {
			return nil, err
		}
		return r.callNext(ctx, by(v), c, st, a.Key)
	})
}

// counterAct is the frame of what is done at a counter.
func (q *Queue) counterAct(ctx context.Context, v inbox.Viewer, a At, call bool, f func(ctx context.Context, r *room) (*Result, error)) (*Result, error) {
	if len(a.Key) > mostKey {
		return nil, invalid("key", "too_long")
	}
	site, err := q.siteOfCounter(ctx, a.CounterID)
	if err != nil {
		return nil, err
	}
	var out *Result
	w := want{counters: []int64{a.CounterID}, verbs: []verbKey{{v.OperatorID, a.Key}}, call: call}
	err = q.at(ctx, site, w, func(ctx context.Context, r *room) error {
		var err error
		out, err = f(ctx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (r *room) callNext(ctx context.Context, who actor, c *Counter, st *Sitting, key string) (*Result, error) {
	steps, err := r.candidates(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*Step, len(steps))
	waiting := make([]order.Waiting, len(steps))
	for i, s := range steps {
		waiting[i], byID[s.ID] = r.h.Waits(s), s
	}
	decision, ok := r.h.Policy.Next(r.now, r.h.Order(c.ID), waiting)
	if !ok {
		return nil, refuse(Nobody)
	}
	why, err := json.Marshal(decision)
	if err != nil {
		return nil, err
	}
	s := r.keepStep(byID[decision.Called.ID])
	d := r.deed(CallNextVerb, s, who, key)
	for _, id := range decision.Passed {
		p := r.keepStep(byID[id])
		p.LetPass--
		r.change(p)
		d.former.Passed = append(d.former.Passed, id)
	}
	return r.call(d, c, st, "next", string(why)), nil
}

// Call calls somebody out of order, who waits and is here. It is announced and
// counted like any other call, and the order's own choice is kept beside it.
func (q *Queue) Call(ctx context.Context, v inbox.Viewer, c CallThis) (*Result, error) {
	if len(c.Reason) > mostReason {
		return nil, invalid("reason", "too_long")
	}
	return q.act(ctx, v, c.Act, CallVerb, func(ctx context.Context, r *room, s *Step) (*Result, error) {
		counter, st, err := r.desk(ctx, v, c.CounterID)
		if err != nil {
			return nil, err
		}
		if s.EligibleAt == 0 || s.TargetID != 0 && s.TargetID != counter.ID {
			return nil, refuse(NotCallable)
		}
		why := ChosenWhy{Chosen: true, Reason: c.Reason}
		steps, err := r.candidates(ctx, counter.ID)
		if err != nil {
			return nil, err
		}
		waiting := make([]order.Waiting, len(steps))
		for i, x := range steps {
			waiting[i] = r.h.Waits(x)
		}
		if d, ok := r.h.Policy.Next(r.now, r.h.Order(counter.ID), waiting); ok && d.Called.ID != s.ID {
			why.InsteadOf = &d
		}
		text, err := json.Marshal(why)
		if err != nil {
			return nil, err
		}
		return r.call(r.deed(CallVerb, s, by(v), c.Key), counter, st, "chosen", string(text)), nil
	})
}

// call does what all calls do.
func (r *room) call(d *deed, c *Counter, st *Sitting, how, why string) *Result {
	s := d.s
	f := facts{How: how, Counter: c.ID, Sitting: st.ID}
	s.CounterID, s.SittingID, s.CalledAt, s.NotBefore, s.LetPass, s.WarnedAt = c.ID, st.ID, r.now, 0, 0, 0
	s.Calls++
	if s.FirstCalledAt == 0 {
		s.FirstCalledAt = r.now
		f.First, f.WaitMS = true, max(0, r.now.Sub(s.EligibleAt).Milliseconds())
	}
	d.to()
	f.Call = r.announce(d, c, how, why)
	r.tell("called", s, c.Name)
	return d.end("ticket.called", f)
}

// announce appends to what the displays say.
func (r *room) announce(d *deed, c *Counter, how, why string) int64 {
	ca := &Call{
		ID: db.NewID(r.q.clock), SiteID: r.h.Site.ID, Day: r.today, StepID: d.s.ID, TicketID: d.s.TicketID, CounterID: c.ID,
		OperatorID: d.by.operator, Kind: how, Place: c.Name, Why: why, At: r.now,
	}
	r.calls = append(r.calls, &callDraft{ca})
	d.former.Call = ca.ID
	return ca.ID
}

// Recall announces a called ticket again. It changes no time: the wait ended with
// the first call (queue 3, row 7).
func (q *Queue) Recall(ctx context.Context, v inbox.Viewer, a Act) (*Result, error) {
	return q.act(ctx, v, a, RecallVerb, func(_ context.Context, r *room, s *Step) (*Result, error) {
		c := r.h.Counter(s.CounterID)
		d := r.deed(RecallVerb, s, by(v), a.Key)
		s.Calls++
		s.CalledAt, s.WarnedAt = r.now, 0
		call := r.announce(d, c, "recall", "{}")
		r.tell("recalled", s, c.Name)
		return d.end("ticket.recalled", facts{Call: call}), nil
	})
}
