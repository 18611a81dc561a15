package queue

import (
	"context"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// EndDay ends a site's day by command of the staff: those who still wait are told
// and their tickets expire, whoever is at a counter is done, and the counters are
// empty. It is an event of its own; nothing is ever "cleared overnight" (queue 3,
// row 25). It returns how many tickets expired. Doing it again changes nothing.
func (q *Queue) EndDay(ctx context.Context, v inbox.Viewer, siteID int64) (int, error) {
	expired := 0
	err := q.at(ctx, siteID, want{}, func(ctx context.Context, r *room) error {
		if !worksSite(r.h, v) {
			return ErrNotFound
		}
		s := r.openDay()
		if s.EndedAt != 0 {
			return nil
		}
		before := len(r.verbs)
		if err := r.endDay(ctx, s, by(v), "staff"); err != nil {
			return err
		}
		expired = len(r.verbs) - before
		return nil
	})
	return expired, err
}

// EndDays ends the days of all sites whose time has come: EndMin after closing, when
// nobody is at a counter any more, and at midnight in any case. It is a chore. It
// returns how many days it ended.
func (q *Queue) EndDays(ctx context.Context) (int, error) {
	var open []Session
	if err := q.db.Read.NewSelect().Model(&open).Where("ss.ended_at = 0").OrderExpr("ss.site_id, ss.day").Scan(ctx); err != nil {
		return 0, fmt.Errorf("days to end: %w", err)
	}
	ended := 0
	for _, s := range open {
		h, err := q.House(ctx, s.SiteID)
		if err != nil {
			return ended, err
		}
		if !q.over(h, s.Day, q.clock.Now()) {
			continue
		}
		did := false
		err = q.at(ctx, s.SiteID, want{}, func(ctx context.Context, r *room) error {
			did = false
			if s.Day < r.today { // entering the room has ended it
				did = true
				return nil
			}
			var busy int
			if err := r.tx.NewRaw("SELECT count(*) FROM steps WHERE site_id = ? AND state IN ('called','serving')", s.SiteID).Scan(ctx, &busy); err != nil {
				return err
			}
			if busy > 0 || r.session == nil || r.session.EndedAt != 0 {
				return nil
			}
			did = true
			return r.endDay(ctx, r.session, automation, "closed")
		})
		if err != nil {
			return ended, fmt.Errorf("end a day: %w", err)
		}
		if did {
			ended++
		}
	}
	return ended, nil
}

// over reports whether a day is to be ended. A day without hours, on which the site
// was open all the same, ends at midnight.
func (q *Queue) over(h *House, d Day, now clock.Instant) bool {
	if h.Today(now) > d {
		return true
	}
	closing := h.Calendar.Closing(d)
	return closing != 0 && now >= closing.Add(minutes(h.Set.EndMin))
}

// endDay expires what is open, except at the back office, and empties the counters.
func (r *room) endDay(ctx context.Context, s *Session, who actor, reason string) error {
	var ids []int64
	err := r.tx.NewRaw("SELECT id FROM tickets WHERE site_id = ? AND day = ? AND ended_at = 0", r.h.Site.ID, s.Day).Scan(ctx, &ids)
	if err != nil {
		return fmt.Errorf("read the open tickets: %w", err)
	}
	for _, k := range r.tickets {
		if k.stored == 0 && k.row.Day == s.Day {
			ids = append(ids, k.row.ID)
		}
	}
	if err := r.loadVisits(ctx, ids); err != nil {
		return err
	}
	count := 0
	for _, id := range ids {
		for _, step := range r.ofTicket[id] {
			if step.State.goesOn() {
				if err := r.expire(ctx, step); err != nil {
					return err
				}
				count++
			}
		}
	}
	if err := r.emptyCounters(ctx, who); err != nil {
		return err
	}
	s.EndedAt = r.now
	r.endings = append(r.endings, s)
	r.siteEvent("queue.day_ended", who, facts{Day: s.Day, Count: count, Reason: reason})
	return nil
}

// expire ends one visit at the end of the day. Who was being served was served.
func (r *room) expire(ctx context.Context, s *Step) error {
	d := r.deed(ExpireVerb, s, automation, "")
	served, waited := s.State == Serving, s.State == Waiting || s.State == Held
	d.to()
	s.Outcome = "expired"
	kind := "ticket.expired"
	if served {
		s.Outcome, kind = "day_ended", "ticket.done"
	}
	if err := r.endVisit(ctx, d, s.Outcome); err != nil {
		return err
	}
	if waited {
		r.tell("expired", s, "")
	}
	d.end(kind, facts{Outcome: s.Outcome, Reason: "day_ended"})
	return nil
}

// emptyCounters ends all sittings of the site.
func (r *room) emptyCounters(ctx context.Context, who actor) error {
	var sittings []int64
	if err := r.tx.NewRaw("SELECT counter_id FROM sittings WHERE site_id = ? AND to_at = 0", r.h.Site.ID).Scan(ctx, &sittings); err != nil {
		return fmt.Errorf("read sittings: %w", err)
	}
	for id, st := range r.sittings {
		if st != nil && st.ToAt == 0 {
			sittings = append(sittings, id)
		}
	}
	if err := r.loadSittings(ctx, sittings, nil); err != nil {
		return err
	}
	for _, id := range sittings {
		if st := r.sittings[id]; st != nil {
			r.leave(st, who, "day_ended")
		}
	}
	return nil
}
