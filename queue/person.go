package queue

import (
	"context"
	"fmt"

	"filodiretto/inbox"
)

// StaffHere says that somebody who took the number from afar is in the room.
func (q *Queue) StaffHere(ctx context.Context, v inbox.Viewer, a Act) (*Result, error) {
	return q.act(ctx, v, a, HereVerb, func(ctx context.Context, r *room, s *Step) (*Result, error) {
		t, err := r.ticket(ctx, s.TicketID)
		if err != nil {
			return nil, err
		}
		return r.here(t, s, by(v), a.Key), nil
	})
}

// StaffGiveUp ends a visit of somebody who told the staff that they leave.
func (q *Queue) StaffGiveUp(ctx context.Context, v inbox.Viewer, a Act) (*Result, error) {
	return q.act(ctx, v, a, GiveUpVerb, func(ctx context.Context, r *room, s *Step) (*Result, error) {
		return r.giveUp(ctx, s, by(v), a.Key)
	})
}

// Person is who holds a ticket, and where they are told of calls.
type Person struct {
	CitizenID  int64
	IdentityID int64
	AccountID  int64
	CaseID     int64 // what the visit is about; 0 leaves it
}

// Link says who holds a ticket: the counter has found the person's file. The visit
// stands on that person's timeline from then on. *RefusedError AlreadyWaiting when
// they have another open ticket for the service.
func (q *Queue) Link(ctx context.Context, v inbox.Viewer, stepID int64, p Person) (*Ticket, error) {
	site, ticket, err := q.placeOfStep(ctx, stepID)
	if err != nil {
		return nil, err
	}
	out := new(Ticket)
	err = q.at(ctx, site, want{tickets: []int64{ticket}}, func(ctx context.Context, r *room) error {
		s, err := r.step(ctx, stepID)
		if err != nil {
			return err
		}
		if !r.mayAct(v, s) {
			return ErrNotFound
		}
		t, err := r.ticket(ctx, s.TicketID)
		if err != nil {
			return err
		}
		if err := r.checkPerson(ctx, s, t, p); err != nil {
			return err
		}
		t.CitizenID, t.IdentityID, t.AccountID = p.CitizenID, p.IdentityID, p.AccountID
		if p.CaseID != 0 {
			t.CaseID = p.CaseID
		}
		steps, err := r.stepsOf(ctx, t.ID)
		if err != nil {
			return err
		}
		r.changeTicket(t)
		for _, x := range steps {
			x.CitizenID = t.CitizenID
			r.change(x)
		}
		r.stepEvent("ticket.linked", s, by(v), facts{})
		*out = *t
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (r *room) checkPerson(ctx context.Context, s *Step, t *Ticket, p Person) error {
	var known int
	if err := r.tx.NewRaw("SELECT count(*) FROM citizens WHERE id = ?", p.CitizenID).Scan(ctx, &known); err != nil {
		return fmt.Errorf("look for the person: %w", err)
	}
	if known == 0 {
		return invalid("citizen", "unknown")
	}
	if p.CitizenID == t.CitizenID || !s.Open() {
		return nil
	}
	return r.waitsAlready(ctx, &NewTicket{CitizenID: p.CitizenID, ServiceID: s.ServiceID})
}
