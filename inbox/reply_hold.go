package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// holdFor is how long an answer waits at most while somebody looks at the button
// that takes it back: a page that was closed meanwhile must not keep it for good.
const holdFor = 2 * time.Minute

// HoldReply stops the seconds of undo of an answer, for two minutes at most, so
// that nobody races against a clock (WCAG 2.2.1). ErrChanged when it has begun
// to leave.
func (in *Inbox) HoldReply(ctx context.Context, v Viewer, messageID int64) (until clock.Instant, err error) {
	return in.delayReply(ctx, v, messageID, holdFor)
}

// ReleaseReply lets an answer that was held go after the time left.
func (in *Inbox) ReleaseReply(ctx context.Context, v Viewer, messageID int64, left time.Duration) (until clock.Instant, err error) {
	return in.delayReply(ctx, v, messageID, max(0, min(left, in.set.Undo)))
}

// delayReply moves the first try of an answer that has certainly not begun.
func (in *Inbox) delayReply(ctx context.Context, v Viewer, messageID int64, d time.Duration) (until clock.Instant, err error) {
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		m, _, err := in.lockAnswer(ctx, tx, v, messageID)
		if err != nil {
			return err
		}
		until = tx.Now.Add(d)
		res, err := tx.NewRaw("UPDATE deliveries SET next_at = ?, updated_at = ? WHERE message_id = ? AND state = 'queued' AND attempts = 0 AND next_at > ?",
			until, tx.Now, m.ID, tx.Now).Exec(ctx)
		if err != nil {
			return fmt.Errorf("hold an answer: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return ErrChanged
		}
		return in.wake.Deliver(ctx, tx, m.AccountID, until)
	})
	return until, err
}

// Undoable is the viewer's own newest answer on a case that can still be taken
// back; nil when there is none.
func (in *Inbox) Undoable(ctx context.Context, v Viewer, caseID int64) (*Reply, error) {
	if v.OperatorID == 0 {
		return nil, nil
	}
	now := in.clock.Now()
	var ds []*Delivery
	err := in.db.Read.NewSelect().Model(&ds).Join("JOIN messages AS m ON m.id = d.message_id").
		Where("d.case_id = ? AND d.state = 'queued' AND d.attempts = 0 AND d.next_at > ?", caseID, now).
		Where("m.operator_id = ? AND m.origin = 'operator' AND m.erased_at = 0", v.OperatorID).
		OrderExpr("d.message_id DESC, d.id").Scan(ctx)
	if err != nil || len(ds) == 0 {
		return nil, err
	}
	out := &Reply{Message: &Message{ID: ds[0].MessageID, CaseID: caseID}}
	for _, d := range ds {
		if d.MessageID == out.Message.ID {
			out.Deliveries = append(out.Deliveries, d)
			out.UndoUntil = max(out.UndoUntil, d.NextAt)
		}
	}
	return out, nil
}

// Newer are the messages of a case that came after what a page showed, and that
// an answer should not be written over: of the citizen, or an answer of somebody
// else. It looks nothing up when nothing is newer.
func (in *Inbox) Newer(ctx context.Context, v Viewer, c *Case, seen int64) ([]*Message, error) {
	if c.LastInID <= seen && c.LastMessageID <= seen {
		return nil, nil
	}
	var out []*Message
	q := in.db.Read.NewSelect().Model(&out).ExcludeColumn("text", "html", "markup").
		Where("m.case_id IN "+family+" AND m.erased_at = 0 AND m.id > ?", c.ID, seen).
		WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("m.direction = 'in' AND m.auto = ''").
				WhereOr("m.direction = 'out' AND m.origin IN ('operator','external') AND m.operator_id <> ?", v.OperatorID)
		}).OrderExpr("m.id").Limit(50)
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("look for newer messages: %w", err)
	}
	return out, nil
}
