package queue

import (
	"context"
	"time"
)

// Owner is a citizen who has a ticket: by the secret of its page, or, in a chat,
// by being the person to whom the ticket belongs.
type Owner struct {
	Secret    string
	TicketID  int64
	CitizenID int64
	Holder    string // of the browser or chat that took it
}

// mostTries is how often a ticket may give a wrong code of presence.
const mostTries = 8

// find gives the ticket of an owner and its site. What is not theirs is not found.
func (q *Queue) find(ctx context.Context, o Owner) (ticket, site int64, err error) {
	var row struct{ ID, SiteID int64 }
	switch {
	case o.Secret != "":
		err = q.db.Ask(ctx, "SELECT id, site_id FROM tickets WHERE secret_hash = ?", []any{hashSecret(o.Secret)}, &row)
	case o.CitizenID != 0:
		err = q.db.Ask(ctx, `SELECT id, site_id FROM tickets WHERE id = ? AND citizen_id > 0 AND citizen_id IN
			(SELECT z.id FROM citizens AS z WHERE z.root_id = (SELECT root_id FROM citizens WHERE id = ?))`, []any{o.TicketID, o.CitizenID}, &row)
	case o.Holder != "":
		err = q.db.Ask(ctx, "SELECT id, site_id FROM tickets WHERE id = ? AND holder = ?", []any{o.TicketID, holderHash(o.Holder)}, &row)
	default:
		return 0, 0, ErrNotFound
	}
	return row.ID, row.SiteID, notFound(err)
}

// own is the frame of what a citizen does with the own ticket.
func (q *Queue) own(ctx context.Context, o Owner, key string, verb Verb, f func(ctx context.Context, r *room, s *Step, key string) (*Result, error)) (*Result, error) {
	ticket, site, err := q.find(ctx, o)
	if err != nil {
		return nil, err
	}
	if len(key) > mostKey {
		return nil, invalid("key", "too_long")
	}
	if key != "" {
		key = "t" + idText(ticket) + ":" + key // a citizen's keys are of the ticket
	}
	k := verbKey{0, key}
	var out *Result
	err = q.at(ctx, site, want{tickets: []int64{ticket}, verbs: []verbKey{k}}, func(ctx context.Context, r *room) error {
		d, err := r.did(ctx, k)
		if err != nil {
			return err
		}
		if d != nil {
			out, err = r.again(ctx, d, verb)
			return err
		}
		steps, err := r.stepsOf(ctx, ticket)
		if err != nil {
			return err
		}
		s := current(steps)
		if s == nil {
			return refuse(WrongState)
		}
		if _, ok := verb.After(s.State); !ok {
			return refuse(WrongState)
		}
		out, err = f(ctx, r, s, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

var theCitizen = actor{kind: "citizen"}

// GiveUp ends a visit by the citizen's own word.
func (q *Queue) GiveUp(ctx context.Context, o Owner, key string) (*Result, error) {
	return q.own(ctx, o, key, GiveUpVerb, func(ctx context.Context, r *room, s *Step, key string) (*Result, error) {
		return r.giveUp(ctx, s, theCitizen, key)
	})
}

func (r *room) giveUp(ctx context.Context, s *Step, who actor, key string) (*Result, error) {
	d := r.deed(GiveUpVerb, s, who, key)
	d.to()
	s.Outcome = "gave_up"
	if err := r.endVisit(ctx, d, s.Outcome); err != nil {
		return nil, err
	}
	return d.end("ticket.left", facts{Outcome: s.Outcome}), nil
}

// LetPass lets count people behind go first. It may be said again.
func (q *Queue) LetPass(ctx context.Context, o Owner, count int, key string) (*Result, error) {
	return q.own(ctx, o, key, LetPassVerb, func(_ context.Context, r *room, s *Step, key string) (*Result, error) {
		if count < 1 || count > r.h.Set.MostPass || s.LetPass+count > r.h.Set.MostPass {
			return nil, invalid("count", "range")
		}
		d := r.deed(LetPassVerb, s, theCitizen, key)
		s.LetPass += count
		d.to()
		return d.end("ticket.let_pass", facts{Count: count}), nil
	})
}

// Late says that the citizen comes later: the place is kept, and nobody calls them
// before.
func (q *Queue) Late(ctx context.Context, o Owner, by time.Duration, key string) (*Result, error) {
	if by < time.Minute || by > mostDelay {
		return nil, invalid("minutes", "range")
	}
	return q.own(ctx, o, key, LateVerb, func(_ context.Context, r *room, s *Step, key string) (*Result, error) {
		d := r.deed(LateVerb, s, theCitizen, key)
		s.NotBefore = r.now.Add(by)
		d.to()
		return d.end("ticket.late", facts{Until: s.NotBefore}), nil
	})
}

// Here says that the citizen is in the room, which the code that the displays show
// proves. From then on they can be called, with the seniority of the ticket.
// *RefusedError WrongCode, or TooManyTries, after which the staff must say it.
func (q *Queue) Here(ctx context.Context, o Owner, code, key string) (*Result, error) {
	wrong := false
	out, err := q.own(ctx, o, key, HereVerb, func(ctx context.Context, r *room, s *Step, key string) (*Result, error) {
		wrong = false
		t, err := r.ticket(ctx, s.TicketID)
		if err != nil {
			return nil, err
		}
		if t.CodeTries >= mostTries && t.PresentAt == 0 {
			return nil, refuse(TooManyTries)
		}
		if err := r.checkCode(code); err != nil {
			wrong = true
			t.CodeTries++
			r.changeTicket(t)
			return nil, nil // the try is written down, and then refused
		}
		return r.here(t, s, theCitizen, key), nil
	})
	if err == nil && wrong {
		return nil, refuse(WrongCode)
	}
	return out, err
}

// here makes somebody callable.
func (r *room) here(t *Ticket, s *Step, who actor, key string) *Result {
	d := r.deed(HereVerb, s, who, key)
	if t.PresentAt == 0 {
		d.touchTicket(t)
		t.PresentAt = r.now
		r.changeTicket(t)
	}
	s.NotBefore = 0
	how := ""
	if s.EligibleAt == 0 {
		how = "came"
		s.EligibleAt = max(r.now, r.h.Policy.From(r.h.Waits(s)))
		r.segment(s, "")
		r.opening(s)
	}
	d.to()
	return d.end("ticket.present", facts{How: how})
}

// Follow notes that a ticket lives on somebody's telephone, and gives it. It needs
// no paper from then on.
func (q *Queue) Follow(ctx context.Context, o Owner) (*Ticket, error) {
	id, site, err := q.find(ctx, o)
	if err != nil {
		return nil, err
	}
	t := new(Ticket)
	if err := q.db.Read.NewSelect().Model(t).Where("t.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	if t.FollowedAt != 0 || t.EndedAt != 0 {
		return t, nil
	}
	err = q.at(ctx, site, want{tickets: []int64{id}}, func(ctx context.Context, r *room) error {
		row, err := r.ticket(ctx, id)
		if err != nil {
			return err
		}
		if row.FollowedAt == 0 && row.EndedAt == 0 {
			row.FollowedAt = r.now
			r.changeTicket(row)
		}
		*t = *row
		return nil
	})
	return t, err
}
