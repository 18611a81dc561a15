package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"filodiretto/internal/db"
)

// Sweep does what time brings in all rooms: voids unprinted numbers, warns of
// tickets that are stuck, tells those who are next, ends visits that an office has answered, ends days. It is
// a chore for every minute, of one process at a time; it never calls anybody.
func (q *Queue) Sweep(ctx context.Context) error {
	sites, err := q.Sites(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range sites {
		if _, err := q.VoidUnprinted(ctx, s.ID); err != nil {
			errs = append(errs, err)
		}
		if _, err := q.WarnStuck(ctx, s.ID); err != nil {
			errs = append(errs, err)
		}
		if _, err := q.TellNext(ctx, s.ID); err != nil {
			errs = append(errs, err)
		}
	}
	if _, err := q.SettleAnswered(ctx); err != nil {
		errs = append(errs, err)
	}
	if _, err := q.EndDays(ctx); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// WarnStuck tells of tickets that were called so long ago that the operator must
// have forgotten them: the counter shows a warning, and so does the live room
// (queue 3, row 7). Each call is told of once. It returns how many.
func (q *Queue) WarnStuck(ctx context.Context, siteID int64) (int, error) {
	count := 0
	err := q.at(ctx, siteID, want{}, func(ctx context.Context, r *room) error {
		count = 0
		var ids []int64
		err := r.tx.NewRaw("SELECT id FROM steps WHERE site_id = ? AND state = 'called' AND warned_at = 0 AND called_at <= ? ORDER BY id",
			siteID, r.now.Add(-minutes(r.h.Set.StuckMin))).Scan(ctx, &ids)
		if err != nil {
			return fmt.Errorf("look for stuck tickets: %w", err)
		}
		for _, id := range ids {
			s, err := r.step(ctx, id)
			if err != nil {
				return err
			}
			s.WarnedAt = r.now
			r.changes++ // no change of the step: what the counter saw stays true, and undo possible
			r.warned = append(r.warned, s.ID)
			r.stepEvent("ticket.stuck", s, automation, facts{})
			count++
		}
		return nil
	})
	return count, err
}

// keepVerbsFor is how long acts are kept so that they can be repeated or undone;
// what they did is in the events.
const keepVerbsFor = 7 * 24 * time.Hour

// Forget deletes what only serves to repeat and to undo acts of a week ago, and what
// devices told long ago.
func (q *Queue) Forget(ctx context.Context) error {
	return q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM step_verbs WHERE id < ?", db.FirstID(tx.Now.Add(-keepVerbsFor))).Exec(ctx); err != nil {
			return fmt.Errorf("forget acts: %w", err)
		}
		return forgetNotices(ctx, tx)
	})
}
