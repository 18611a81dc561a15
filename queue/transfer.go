package queue

import (
	"context"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/db"
)

// Transfer is where a visit goes on.
type Transfer struct {
	Act
	ServiceID int64 // 0 keeps the service
	CounterID int64 // 0 for any counter that does the service
	Note      string
}

// Transfer sends somebody on to another service, another counter, or both. The
// same ticket goes on with its seniority (queue 3, row 12): it begins to wait there
// as if it had waited there from the beginning.
func (q *Queue) Transfer(ctx context.Context, v inbox.Viewer, t Transfer) (*Result, error) {
	if err := checkNote("", t.Note); err != nil {
		return nil, err
	}
	return q.act(ctx, v, t.Act, TransferVerb, func(ctx context.Context, r *room, s *Step) (*Result, error) {
		service := t.ServiceID
		if service == 0 {
			service = s.ServiceID
		}
		if err := r.mayTransfer(s, service, t.CounterID); err != nil {
			return nil, err
		}
		steps, err := r.stepsOf(ctx, s.TicketID)
		if err != nil {
			return nil, err
		}
		for _, x := range steps {
			if x != s && x.ServiceID == service && x.State == Booked {
				return nil, &RefusedError{AlreadyWaiting, s.TicketID}
			}
		}
		d := r.deed(TransferVerb, s, by(v), t.Key)
		n := r.follow(s, steps, service)
		n.TargetID = t.CounterID
		n.State = Waiting
		if !s.Away() {
			n.EligibleAt = r.now
		}
		d.to()
		s.EndedAt, s.Outcome, s.Note = r.now, "transferred", t.Note
		r.addStep(n)
		r.opening(n)
		d.former.Made = []int64{n.ID}
		out := d.end("ticket.transferred", facts{Next: n.ID, To: service, Target: n.TargetID, Outcome: s.Outcome})
		c := *n
		out.New = &c
		return out, nil
	})
}

func (r *room) mayTransfer(s *Step, service, counter int64) error {
	if sv := r.h.Service(service); sv == nil || sv.EndedAt != 0 {
		return invalid("service", "unknown")
	}
	if counter != 0 {
		if c := r.h.Counter(counter); c == nil || c.EndedAt != 0 {
			return invalid("counter", "unknown")
		}
	} else if service == s.ServiceID {
		return invalid("service", "same")
	} else if !slices.ContainsFunc(r.h.Counters, func(c *Counter) bool { return c.EndedAt == 0 && r.h.Does(c.ID, service) }) {
		return refuse(NoSkill)
	}
	return nil
}

// follow makes the step after s in its visit, with the same seniority.
func (r *room) follow(s *Step, steps []*Step, service int64) *Step {
	n := &Step{
		ID: db.NewID(r.q.clock), TicketID: s.TicketID, SiteID: s.SiteID, ServiceID: service, ClassID: s.ClassID, CitizenID: s.CitizenID,
		ArrivedAt: s.ArrivedAt, SlotAt: s.SlotAt, AppointmentID: s.AppointmentID, Version: 1,
	}
	if service == s.ServiceID {
		n.Errand = s.Errand
	}
	for _, x := range steps {
		n.Ord = max(n.Ord, x.Ord+1)
	}
	r.h.place(n)
	return n
}
