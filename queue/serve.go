package queue

import (
	"context"
	"time"

	"filodiretto/inbox"
)

// Start begins to serve who was called.
func (q *Queue) Start(ctx context.Context, v inbox.Viewer, a Act) (*Result, error) {
	return q.act(ctx, v, a, StartVerb, func(_ context.Context, r *room, s *Step) (*Result, error) {
		d := r.deed(StartVerb, s, by(v), a.Key)
		if s.ServedAt == 0 {
			s.ServedAt = r.now
		}
		d.to()
		return d.end("ticket.serving", facts{}), nil
	})
}

// NoShow ends the visit of somebody who was called and did not come. Return brings
// them back when they do.
func (q *Queue) NoShow(ctx context.Context, v inbox.Viewer, a Act) (*Result, error) {
	return q.act(ctx, v, a, NoShowVerb, func(ctx context.Context, r *room, s *Step) (*Result, error) {
		d := r.deed(NoShowVerb, s, by(v), a.Key)
		d.to()
		s.Outcome = "no_show"
		if err := r.endVisit(ctx, d, s.Outcome); err != nil {
			return nil, err
		}
		return d.end("ticket.no_show", facts{Outcome: s.Outcome}), nil
	})
}

// mostDelay is how long somebody can be put back or be late.
const mostDelay = 4 * time.Hour

// PutBack lets somebody wait again with the same seniority, not to be called for a
// while: delay, or the site's own when it is 0 (queue 3, row 19). Now is at once.
func (q *Queue) PutBack(ctx context.Context, v inbox.Viewer, a Act, delay time.Duration) (*Result, error) {
	if delay > mostDelay {
		return nil, invalid("delay", "too_long")
	}
	return q.act(ctx, v, a, PutBackVerb, func(_ context.Context, r *room, s *Step) (*Result, error) {
		if delay == 0 {
			delay = minutes(r.h.Set.PutBack)
		}
		return r.putBack(s, by(v), a.Key, max(0, delay)), nil
	})
}

// Now is the delay of somebody who may be called again at once.
const Now = time.Duration(-1)

func (r *room) putBack(s *Step, who actor, key string, delay time.Duration) *Result {
	d := r.deed(PutBackVerb, s, who, key)
	s.NotBefore = 0
	if delay > 0 {
		s.NotBefore = r.now.Add(delay)
	}
	d.to()
	return d.end("ticket.put_back", facts{Until: s.NotBefore})
}

// Hold sets somebody aside, who fetches a paper or fills in a form. The counter is
// free meanwhile. reason is a code.
func (q *Queue) Hold(ctx context.Context, v inbox.Viewer, a Act, reason string) (*Result, error) {
	if len(reason) > mostReason {
		return nil, invalid("reason", "too_long")
	}
	return q.act(ctx, v, a, HoldVerb, func(_ context.Context, r *room, s *Step) (*Result, error) {
		d := r.deed(HoldVerb, s, by(v), a.Key)
		d.to()
		return d.end("ticket.held", facts{Reason: reason}), nil
	})
}

// Resume goes on with somebody who was set aside, at a counter that is free.
func (q *Queue) Resume(ctx context.Context, v inbox.Viewer, a Act, counterID int64) (*Result, error) {
	return q.act(ctx, v, a, ResumeVerb, func(ctx context.Context, r *room, s *Step) (*Result, error) {
		c, st, err := r.desk(ctx, v, counterID)
		if err != nil {
			return nil, err
		}
		d := r.deed(ResumeVerb, s, by(v), a.Key)
		s.CounterID, s.SittingID, s.WarnedAt = c.ID, st.ID, 0
		if s.ServedAt == 0 {
			s.ServedAt = r.now
		}
		d.to()
		return d.end("ticket.resumed", facts{Sitting: st.ID}), nil
	})
}

// Return brings back somebody who missed the call or had given up, today: they
// wait again with their old seniority.
func (q *Queue) Return(ctx context.Context, v inbox.Viewer, a Act) (*Result, error) {
	return q.act(ctx, v, a, ReturnVerb, func(ctx context.Context, r *room, s *Step) (*Result, error) {
		t, err := r.ticket(ctx, s.TicketID)
		if err != nil {
			return nil, err
		}
		if t.Day != r.today || r.dayEnded() {
			return nil, refuse(DayEnded)
		}
		steps, err := r.stepsOf(ctx, s.TicketID)
		if err != nil {
			return nil, err
		}
		if current(steps) != nil {
			return nil, refuse(TicketBusy)
		}
		if err := r.waitsAlready(ctx, &NewTicket{CitizenID: t.CitizenID, ServiceID: s.ServiceID}); err != nil {
			return nil, err
		}
		d := r.deed(ReturnVerb, s, by(v), a.Key)
		d.touchTicket(t)
		t.EndedAt, t.Outcome = 0, ""
		if t.PresentAt == 0 {
			t.PresentAt = r.now
		}
		r.changeTicket(t)
		s.EndedAt, s.Outcome, s.NotBefore, s.LetPass = 0, "", 0, 0
		if s.EligibleAt == 0 {
			s.EligibleAt = r.now
		}
		d.to()
		return d.end("ticket.returned", facts{}), nil
	})
}
