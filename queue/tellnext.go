package queue

import (
	"context"
	"fmt"
	"slices"
)

// TellNext tells those who follow their ticket on a channel of their own that they
// are next: when no more than TellAhead people are called before them, once, and
// also when they are not here yet, so that they come. Whoever knows that a room has
// moved calls it; Sweep does in any case. It returns how many were told.
func (q *Queue) TellNext(ctx context.Context, siteID int64) (int, error) {
	h, err := q.House(ctx, siteID)
	if err != nil || h.Set.TellAhead < 0 {
		return 0, err
	}
	var untold []int64
	err = q.db.Ask(ctx, `SELECT s.id FROM tickets AS t JOIN steps AS s ON s.ticket_id = t.id AND s.state = 'waiting'
		WHERE t.site_id = ? AND t.ended_at = 0 AND t.account_id > 0 AND t.told_at = 0 ORDER BY s.id`, []any{siteID}, &untold)
	if err != nil {
		return 0, fmt.Errorf("who is to be told: %w", err)
	}
	if len(untold) == 0 {
		return 0, nil
	}
	places, err := q.Places(ctx, siteID)
	if err != nil {
		return 0, err
	}
	untold = slices.DeleteFunc(untold, func(id int64) bool {
		p, known := places[id]
		return !known || p.Ahead > h.Set.TellAhead
	})
	if len(untold) == 0 {
		return 0, nil
	}
	count := 0
	err = q.at(ctx, siteID, want{steps: untold}, func(ctx context.Context, r *room) error {
		count = 0
		for _, id := range untold {
			s, err := r.step(ctx, id)
			if err != nil {
				return err
			}
			t, err := r.ticket(ctx, s.TicketID)
			if err != nil {
				return err
			}
			if s.State != Waiting || t.ToldAt != 0 {
				continue
			}
			t.ToldAt = r.now
			r.changeTicket(t)
			r.tell("next", s, "")
			count++
		}
		return nil
	})
	return count, err
}
