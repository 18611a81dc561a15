package inbox

import (
	"context"
	"fmt"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// SweepLate looks at what waits in the queue for long: the author of an answer
// is warned, once, when it has not left after WarnAfter (mail rule 66), and what
// is too old ends as expired, also on an account that is off or paused. It
// returns how many it warned of and how many it ended. Call it every minute.
func (in *Inbox) SweepLate(ctx context.Context) (warned, expired int, err error) {
	now := in.clock.Now()
	var late []int64
	err = in.db.Read.NewRaw(`SELECT d.id FROM deliveries AS d WHERE d.state = 'queued'
		AND (d.expires_at <= ? OR d.warned_at = 0 AND d.created_at <= ?) ORDER BY d.created_at, d.id LIMIT 1000`,
		now, now.Add(-in.set.WarnAfter)).Scan(ctx, &late)
	if err != nil {
		return 0, 0, fmt.Errorf("look for late deliveries: %w", err)
	}
	for _, id := range late {
		err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			done, ended, err := in.sweepOne(ctx, tx, id)
			if err == nil {
				tx.After(func() {
					if ended {
						expired++
					} else if done {
						warned++
					}
				})
			}
			return err
		})
		if err != nil {
			return warned, expired, fmt.Errorf("late delivery %d: %w", id, err)
		}
	}
	return warned, expired, nil
}

// sweepOne deals with one delivery, as it is now.
func (in *Inbox) sweepOne(ctx context.Context, tx *db.Tx, id int64) (warned, ended bool, err error) {
	d := new(Delivery)
	q := tx.NewSelect().Model(d).Where("d.id = ? AND d.state = 'queued'", id)
	if tx.Postgres {
		q = q.For("UPDATE SKIP LOCKED")
	}
	if err := q.Scan(ctx); err != nil {
		if notFound(err) == ErrNotFound { // it is on its way
			return false, false, nil
		}
		return false, false, err
	}
	if d.ExpiresAt <= tx.Now {
		return false, true, in.expire(ctx, tx, d)
	}
	if d.WarnedAt > 0 {
		return false, false, nil
	}
	return true, false, in.warnLate(ctx, tx, d, d.Class, d.Code, 0)
}

func (in *Inbox) expire(ctx context.Context, tx *db.Tx, d *Delivery) error {
	_, err := tx.NewRaw("UPDATE deliveries SET state = 'expired', code = 'too_old', updated_at = ? WHERE id = ?", tx.Now, d.ID).Exec(ctx)
	if err != nil {
		return err
	}
	row := &DeliveryEvent{ID: db.NewID(in.clock), DeliveryID: d.ID, At: tx.Now, State: Expired, Source: "queue", Code: "too_old"}
	if err := insertAll(ctx, tx, []*DeliveryEvent{row}); err != nil {
		return err
	}
	return in.tellFailure(ctx, tx, failure{delivery: d, state: Expired, class: channels.Class(d.Class), code: "too_old"})
}

// warnLate tells the author that an answer has not arrived yet; it changes
// nothing about the case but the mark (mail rule 60: late is not failed).
func (in *Inbox) warnLate(ctx context.Context, tx *db.Tx, d *Delivery, class, code string, rawID int64) error {
	if _, err := tx.NewRaw("UPDATE deliveries SET warned_at = ? WHERE id = ?", tx.Now, d.ID).Exec(ctx); err != nil {
		return err
	}
	m := new(Message)
	err := tx.NewSelect().Model(m).Column("id", "case_id", "citizen_id", "operator_id", "origin").Where("m.id = ?", d.MessageID).Scan(ctx)
	if err != nil {
		return notFound(err)
	}
	e := NewEvent(tx, in.clock, "delivery.delayed", map[string]any{
		"delivery": d.ID, "class": class, "code": code, "author": m.OperatorID, "since": d.CreatedAt, "raw": rawID,
	})
	e.MessageID, e.CitizenID = m.ID, m.CitizenID
	if m.CaseID == 0 {
		return AppendEvents(ctx, tx, e)
	}
	c, err := in.lockRoot(ctx, tx, m.CaseID)
	if err != nil {
		return err
	}
	if m.Origin == FromOperator && !d.State.Ended() {
		c.Delayed = true
	}
	return in.saveCase(ctx, tx, Viewer{}, c, []Event{e})
}
