package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// PutBack is what taking a rejection back did.
type PutBack struct {
	Count int // how many items wait again
	Freed int // how many holds of the sender ended with it
}

// WaitAgain takes a rejection back: the item waits for a person as before, with the
// reason for which it was held, and its sender is held no more if that began with the
// rejection. With together so does all of its mailbox that was
// rejected by the same act, as the mails of a storm are. ErrChanged when the item is not rejected (any more). What was let in is a
// message and stays one.
func (in *Inbox) WaitAgain(ctx context.Context, v Viewer, id int64, together bool) (done PutBack, err error) {
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		q := new(Quarantined)
		if err := visibleQuarantine(tx.NewSelect().Model(q).Where("q.id = ?", id), v).Scan(ctx); err != nil {
			return notFound(err)
		}
		if q.State != "rejected" {
			return ErrChanged
		}
		rows := []*Quarantined{q}
		if together {
			rows = nil
			if err := q.together(tx.NewSelect().Model(&rows).Column("id", "raw_id").Limit(stormRows), v).Scan(ctx); err != nil {
				return fmt.Errorf("wait again: %w", err)
			}
		}
		n := 0
		err := eachPart(rows, func(ids, raws []int64) error {
			res, err := tx.NewRaw("UPDATE quarantine SET state = 'waiting', decided_by = 0, decided_at = 0, note = '' WHERE id IN (?) AND state = 'rejected'", bun.List(ids)).Exec(ctx)
			if err != nil {
				return err
			}
			now, err := res.RowsAffected()
			n += int(now)
			if err == nil {
				_, err = tx.NewRaw("UPDATE raws SET state = 'quarantined' WHERE id IN (?) AND state = 'rejected'", bun.List(raws)).Exec(ctx)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("wait again: %w", err)
		}
		if n == 0 {
			return ErrChanged // somebody was quicker, at the same instant
		}
		freed, err := in.freeRejected(ctx, tx, v, q)
		if err != nil {
			return err
		}
		done = PutBack{Count: n, Freed: freed}
		e := v.event(NewEvent(tx, in.clock, "quarantine.put_back", map[string]any{"quarantine": q.ID, "raw": q.RawID, "reason": q.Reason, "count": n}))
		e.OfficeID = q.OfficeID
		return AppendEvents(ctx, tx, e)
	})
	return done, err
}

// together narrows a query over items to what the act by which an item was rejected
// rejected with it, as far as the viewer sees it. That it does not wait is said too, since
// SQLite takes the index of what was decided (quarantine_decided) only where the question
// has its very words.
func (q *Quarantined) together(all *bun.SelectQuery, v Viewer) *bun.SelectQuery {
	return visibleQuarantine(all.Where("q.state = 'rejected' AND q.state <> 'waiting' AND q.account_id = ? AND q.decided_by = ? AND q.decided_at = ?", q.AccountID, q.DecidedBy, q.DecidedAt), v)
}

// rejectedTogether counts what WaitAgain would put back with an item.
func (in *Inbox) rejectedTogether(ctx context.Context, v Viewer, q *Quarantined) (int, error) {
	if q.State != "rejected" || q.Reason != overBudget {
		return 0, nil
	}
	n, err := q.together(in.db.Read.NewSelect().Model((*Quarantined)(nil)), v).Count(ctx)
	if err != nil || n < 2 {
		return 0, err
	}
	return int(n), nil
}

// letIn notes which message an item became that somebody let in, and gives it.
func (q *Quarantined) letIn(ctx context.Context, tx *db.Tx) (*Message, error) {
	m := new(Message)
	err := tx.NewSelect().Model(m).Column("id", "case_id").Where("m.id = (SELECT max(cp.message_id) FROM copies AS cp WHERE cp.raw_id = ?)", q.RawID).Scan(ctx)
	if err != nil {
		return nil, notFound(err)
	}
	if _, err := tx.NewRaw("UPDATE quarantine SET message_id = ? WHERE id = ?", m.ID, q.ID).Exec(ctx); err != nil {
		return nil, fmt.Errorf("note what an item became: %w", err)
	}
	return m, nil
}
