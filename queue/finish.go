package queue

import (
	"context"
	"strings"
	"unicode/utf8"

	"filodiretto/inbox"
)

// Finish is how a service ended.
type Finish struct {
	Act
	Outcome string // a code; empty is "served"
	Note    string // what the next who meets the person should know; on the timeline
	// Missing are the documents that were not brought; without an outcome it is then
	// "missing_documents".
	Missing []string
	// Next is a further service of the visit that goes on here and now. Without it
	// the next one waits to be called.
	Next int64
}

// What is allowed of a note and a code.
const (
	mostNote = 4000
	mostCode = 40
)

// Finish ends a service. The visit's next service begins to wait, with the
// seniority of the visit; without one the visit is over.
func (q *Queue) Finish(ctx context.Context, v inbox.Viewer, f Finish) (*Result, error) {
	if err := checkNote(f.Outcome, f.Note); err != nil {
		return nil, err
	}
	if err := checkMissing(f.Missing); err != nil {
		return nil, err
	}
	served := "served"
	if len(f.Missing) > 0 {
		served = "missing_documents"
	}
	return q.act(ctx, v, f.Act, FinishVerb, func(ctx context.Context, r *room, s *Step) (*Result, error) {
		steps, err := r.stepsOf(ctx, s.TicketID)
		if err != nil {
			return nil, err
		}
		var next *Step
		if f.Next != 0 {
			if next = booked(steps, f.Next); next == nil {
				return nil, invalid("next", "unknown")
			}
			if !r.h.Does(s.CounterID, next.ServiceID) {
				return nil, refuse(NoSkill)
			}
		}
		d := r.deed(FinishVerb, s, by(v), f.Key)
		d.to()
		s.Outcome, s.Note, s.Missing = or(f.Outcome, served), f.Note, strings.Join(f.Missing, "\n")
		if err := r.goOn(ctx, d, steps, next); err != nil {
			return nil, err
		}
		return d.end("ticket.done", facts{Outcome: s.Outcome}), nil
	})
}

func checkNote(code, note string) error {
	switch {
	case len(code) > mostCode:
		return invalid("outcome", "too_long")
	case utf8.RuneCountInString(note) > mostNote:
		return invalid("note", "too_long")
	}
	return nil
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func booked(steps []*Step, id int64) *Step {
	for _, s := range steps {
		if s.State == Booked && (id == 0 || s.ID == id) {
			return s
		}
	}
	return nil
}

// goOn begins what follows a step that is over: here when here is given, else the
// next booked step begins to wait, else the visit ends.
func (r *room) goOn(ctx context.Context, d *deed, steps []*Step, here *Step) error {
	next := here
	if next == nil {
		next = booked(steps, 0)
	}
	if next == nil {
		return r.settle(ctx, d, d.s.Outcome)
	}
	d.touch(next)
	next.EligibleAt = r.now
	if here == nil {
		r.move(next, Waiting)
		r.stepEvent("ticket.next", next, d.by, facts{Verb: d.row.ID, From: Booked})
		return nil
	}
	next.CounterID, next.SittingID = d.s.CounterID, d.s.SittingID
	next.FirstCalledAt, next.CalledAt, next.ServedAt = r.now, r.now, r.now
	next.Calls = 1
	r.move(next, Serving)
	r.stepEvent("ticket.serving", next, d.by, facts{Verb: d.row.ID, From: Booked, First: true, Sitting: next.SittingID})
	return nil
}

// AddService adds a further service to a visit: the same ticket goes on with it
// when the present one is over.
func (q *Queue) AddService(ctx context.Context, v inbox.Viewer, a Act, serviceID int64) (*Result, error) {
	return q.act(ctx, v, a, AddVerb, func(ctx context.Context, r *room, s *Step) (*Result, error) {
		if sv := r.h.Service(serviceID); sv == nil || sv.EndedAt != 0 {
			return nil, invalid("service", "unknown")
		}
		steps, err := r.stepsOf(ctx, s.TicketID)
		if err != nil {
			return nil, err
		}
		for _, x := range steps {
			if x.ServiceID == serviceID && (x.State == Booked || x.State.goesOn()) {
				return nil, &RefusedError{AlreadyWaiting, s.TicketID}
			}
		}
		d := r.deed(AddVerb, s, by(v), a.Key)
		n := r.follow(s, steps, serviceID)
		n.State = Booked
		r.addStep(n)
		d.former.Made = []int64{n.ID}
		out := d.end("ticket.added", facts{Next: n.ID, To: serviceID})
		c := *n
		out.New = &c
		return out, nil
	})
}
