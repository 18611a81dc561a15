package queue

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/queue/order"
)

// MaySit reports whether v may sit at a counter of the site.
func MaySit(h *House, v inbox.Viewer, c *Counter) bool { return worksCounter(h, v, c) }

// MayIssue reports whether v may give numbers at the site.
func MayIssue(h *House, v inbox.Viewer) bool { return worksSite(h, v) }

// LastCall is the last call of a step that stands, for whoever works in the room.
func (q *Queue) LastCall(ctx context.Context, v inbox.Viewer, stepID int64) (*Call, error) {
	site, err := q.siteOfStep(ctx, stepID)
	if err != nil {
		return nil, err
	}
	h, err := q.House(ctx, site)
	if err != nil {
		return nil, err
	}
	if !seesSite(h, v) {
		return nil, ErrNotFound
	}
	out := new(Call)
	err = q.db.Read.NewSelect().Model(out).Where("ca.step_id = ? AND ca.kind <> 'recall' AND ca.undone_at = 0", stepID).OrderExpr("ca.id DESC").Limit(1).Scan(ctx)
	if err != nil {
		return nil, notFound(err)
	}
	return out, nil
}

// LabelsOf are the numbers of the two that a decision compared, by step.
func (q *Queue) LabelsOf(ctx context.Context, v inbox.Viewer, siteID int64, d *order.Decision) (map[int64]string, error) {
	h, err := q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	if !seesSite(h, v) {
		return nil, ErrNotFound
	}
	ids := []int64{d.Called.ID}
	if d.RunnerUp != nil {
		ids = append(ids, d.RunnerUp.ID)
	}
	var rows []struct {
		ID    int64
		Label string
	}
	err = q.db.Read.NewRaw("SELECT s.id, t.label FROM steps AS s JOIN tickets AS t ON t.id = s.ticket_id WHERE s.id IN (?) AND s.site_id = ?", bun.List(ids), siteID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("numbers of a decision: %w", err)
	}
	out := make(map[int64]string, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Label
	}
	return out, nil
}
