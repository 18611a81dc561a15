package queue

import (
	"context"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Open sits an operator down at a counter. Doing it again, as from a second tab,
// changes nothing. until is when the operator means to leave, 0 when not said.
// *RefusedError CounterTaken or SittingElse when somebody else sits there, or the
// operator sits at another counter.
func (q *Queue) Open(ctx context.Context, v inbox.Viewer, counterID int64, until clock.Instant) (*Sitting, error) {
	if v.OperatorID == 0 {
		return nil, ErrForbidden
	}
	return q.sit(ctx, v, counterID, func(ctx context.Context, r *room, c *Counter, st *Sitting) (*Sitting, error) {
		if st != nil {
			if st.OperatorID != v.OperatorID {
				return nil, refuse(CounterTaken)
			}
			return st, nil
		}
		switch elsewhere := r.sitsAt[v.OperatorID]; {
		case elsewhere != nil:
			return nil, refuse(SittingElse)
		case c.EndedAt != 0:
			return nil, ErrNotFound
		case r.dayEnded():
			return nil, refuse(DayEnded)
		case until != 0 && until <= r.now:
			return nil, invalid("until", "past")
		}
		r.openDay()
		st = &Sitting{ID: db.NewID(r.q.clock), SiteID: r.h.Site.ID, CounterID: c.ID, OperatorID: v.OperatorID, FromAt: r.now, UntilAt: until}
		r.newSittings = append(r.newSittings, st)
		r.sittings[c.ID], r.sitsAt[v.OperatorID] = st, st
		r.siteEvent("counter.opened", by(v), facts{Counter: c.ID, Sitting: st.ID, Until: until})
		return st, nil
	})
}

// Pause closes a counter for a break: reason is a code, until is when it should be
// over, 0 when not said. Who is at the counter is served to the end; nobody is
// called meanwhile.
func (q *Queue) Pause(ctx context.Context, v inbox.Viewer, counterID int64, reason string, until clock.Instant) (*Sitting, error) {
	if len(reason) > mostCode {
		return nil, invalid("reason", "too_long")
	}
	return q.sit(ctx, v, counterID, func(_ context.Context, r *room, c *Counter, st *Sitting) (*Sitting, error) {
		if err := sitsHere(v, st); err != nil {
			return nil, err
		}
		if until != 0 && until <= r.now {
			return nil, invalid("until", "past")
		}
		if st.PauseAt != 0 && st.PauseReason == reason && st.PauseUntil == until {
			return st, nil
		}
		if st.PauseAt == 0 {
			st.PauseAt = r.now
		}
		st.PauseReason, st.PauseUntil = reason, until
		r.changeSitting(st)
		r.siteEvent("counter.paused", by(v), facts{Counter: c.ID, Sitting: st.ID, Reason: reason, Until: until})
		return st, nil
	})
}

// Unpause ends a break.
func (q *Queue) Unpause(ctx context.Context, v inbox.Viewer, counterID int64) (*Sitting, error) {
	return q.sit(ctx, v, counterID, func(_ context.Context, r *room, c *Counter, st *Sitting) (*Sitting, error) {
		if err := sitsHere(v, st); err != nil || st.PauseAt == 0 {
			return st, err
		}
		st.PauseAt, st.PauseUntil, st.PauseReason = 0, 0, ""
		r.changeSitting(st)
		r.siteEvent("counter.resumed", by(v), facts{Counter: c.ID, Sitting: st.ID})
		return st, nil
	})
}

// Leave ends a sitting. With somebody at the counter it is refused with
// CounterBusy, and the operator is asked to finish or to put back; with force that
// person is put back at once, with the old seniority. With force whoever works the
// site's queue may end the sitting of a colleague who went home.
func (q *Queue) Leave(ctx context.Context, v inbox.Viewer, counterID int64, force bool) error {
	_, err := q.sit(ctx, v, counterID, func(ctx context.Context, r *room, c *Counter, st *Sitting) (*Sitting, error) {
		if st == nil {
			return nil, nil
		}
		if st.OperatorID != v.OperatorID && !(force && worksSite(r.h, v)) {
			return nil, refuse(CounterTaken)
		}
		s, err := r.at(ctx, c.ID)
		switch {
		case err != nil:
			return nil, err
		case s != nil && !force:
			return nil, &RefusedError{CounterBusy, s.TicketID}
		case s != nil:
			r.putBack(s, by(v), "", 0)
		}
		r.leave(st, by(v), "left")
		return nil, nil
	})
	return err
}

func (r *room) leave(st *Sitting, who actor, reason string) {
	st.ToAt = r.now
	r.changeSitting(st)
	r.sittings[st.CounterID], r.sitsAt[st.OperatorID] = nil, nil
	r.siteEvent("counter.left", who, facts{Counter: st.CounterID, Sitting: st.ID, Reason: reason})
}

func (r *room) changeSitting(st *Sitting) {
	r.changes++
	if !slices.Contains(r.changedSittings, st) {
		r.changedSittings = append(r.changedSittings, st)
	}
}

func sitsHere(v inbox.Viewer, st *Sitting) error {
	switch {
	case st == nil:
		return refuse(NotOpen)
	case st.OperatorID != v.OperatorID && !v.System:
		return refuse(CounterTaken)
	}
	return nil
}

// sit is the frame of what is done with a counter itself.
func (q *Queue) sit(ctx context.Context, v inbox.Viewer, counterID int64, f func(context.Context, *room, *Counter, *Sitting) (*Sitting, error)) (*Sitting, error) {
	site, err := q.siteOfCounter(ctx, counterID)
	if err != nil {
		return nil, err
	}
	var out *Sitting
	w := want{counters: []int64{counterID}, operators: operatorOf(v)}
	err = q.at(ctx, site, w, func(ctx context.Context, r *room) error {
		c := r.h.Counter(counterID)
		if c == nil || !worksCounter(r.h, v, c) {
			return ErrNotFound
		}
		if err := r.loadSittings(ctx, []int64{counterID}, operatorOf(v)); err != nil {
			return err
		}
		st, err := f(ctx, r, c, r.sittings[counterID])
		if err == nil && st != nil {
			copied := *st
			out = &copied
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
