package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// QuarantinePage are the waiting items of a reason ("" for all), newest first,
// from before an id (0 for the newest). others, when not empty, are the reasons
// that do not count: for "all that have no name of their own".
func (in *Inbox) QuarantinePage(ctx context.Context, v Viewer, reason string, others []string, before int64, limit int) (items []*Quarantined, next int64, err error) {
	limit = max(1, min(limit, 200))
	q := in.db.Read.NewSelect().Model(&items).Where("q.state = 'waiting'").OrderExpr("q.id DESC").Limit(int64(limit) + 1)
	if before > 0 {
		q = q.Where("q.id < ?", before)
	}
	switch {
	case len(others) > 0:
		q = q.Where("q.reason NOT IN (?)", bun.List(others))
	case reason != "":
		q = q.Where("q.reason = ?", reason)
	}
	if err := visibleQuarantine(q, v).Scan(ctx); err != nil {
		return nil, 0, fmt.Errorf("list the quarantine: %w", err)
	}
	if len(items) > limit {
		items = items[:limit]
		next = items[limit-1].ID
	}
	return items, next, nil
}

// QuarantineReasons counts the waiting items by reason.
func (in *Inbox) QuarantineReasons(ctx context.Context, v Viewer) (map[string]int, error) {
	var rows []struct {
		Reason string
		N      int
	}
	q := in.db.Read.NewSelect().TableExpr("quarantine AS q").ColumnExpr("q.reason, count(*) AS n").Where("q.state = 'waiting'").GroupExpr("q.reason")
	if err := visibleQuarantine(q, v).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("count the quarantine: %w", err)
	}
	out := map[string]int{}
	for _, r := range rows {
		out[r.Reason] = r.N
	}
	return out, nil
}

// QuarantineSizes are the sizes in bytes of the raw items of a list.
func (in *Inbox) QuarantineSizes(ctx context.Context, items []*Quarantined) (map[int64]int64, error) {
	out := map[int64]int64{}
	if len(items) == 0 {
		return out, nil
	}
	ids := make([]int64, len(items))
	for i, q := range items {
		ids[i] = q.RawID
	}
	var rows []struct{ ID, Size int64 }
	if err := in.db.Read.NewSelect().Table("raws").Column("id", "size").Where("id IN (?)", bun.List(ids)).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("sizes in the quarantine: %w", err)
	}
	for _, r := range rows {
		out[r.ID] = r.Size
	}
	return out, nil
}

// QuarantineRaw is an item as it came, byte for byte, with its row.
func (in *Inbox) QuarantineRaw(ctx context.Context, v Viewer, id int64) (*Raw, []byte, error) {
	q := new(Quarantined)
	if err := visibleQuarantine(in.db.Read.NewSelect().Model(q).Where("q.id = ?", id), v).Scan(ctx); err != nil {
		return nil, nil, notFound(err)
	}
	raw := new(Raw)
	if err := in.db.Read.NewSelect().Model(raw).Where("r.id = ?", q.RawID).Scan(ctx); err != nil {
		return nil, nil, notFound(err)
	}
	body, err := in.rawBody(ctx, raw)
	if err != nil {
		return nil, nil, err
	}
	if err := in.mayOpenBytes(ctx, body); err != nil {
		return nil, nil, err
	}
	return raw, body, in.noteRead(ctx, v, "quarantine.read", 0, -q.ID, q.OfficeID)
}
