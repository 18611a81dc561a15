package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// VisitsBy are the visits and calls that the viewer wrote down since an instant,
// newest first. Ids grow with time, so that only what came since is looked at.
func (in *Inbox) VisitsBy(ctx context.Context, v Viewer, since clock.Instant, limit int) ([]VisitNote, error) {
	var out []VisitNote
	q := visitColumns(in.db.Read.NewSelect()).Where("m.id >= ? AND m.operator_id = ?", db.FirstID(since), v.OperatorID).OrderExpr("m.id DESC").Limit(int64(limit))
	if err := visibleCases(q, v).Scan(ctx, &out); err != nil {
		return nil, fmt.Errorf("visits written down today: %w", err)
	}
	return out, nil
}
