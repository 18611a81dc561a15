package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// HeldFilter chooses among what is in quarantine. The zero value is all that waits.
type HeldFilter struct {
	Reason  string   // why it is held; "" for all
	Others  []string // when not empty, in place of Reason: the reasons that do not count
	Kind    string   // of automatic mail ("auto"): its kind, as in Detail; "" for all
	Decided bool     // what somebody decided, the newest decision first, in place of what waits
}

// QuarantinePage are the items that a filter chooses, the newest first, from after a
// cursor ("" for the newest), with the cursor of what follows ("" at the end).
func (in *Inbox) QuarantinePage(ctx context.Context, v Viewer, f HeldFilter, cursor string, limit int) (items []*Quarantined, next string, err error) {
	limit = max(1, min(limit, 200))
	q := in.db.Read.NewSelect().Model(&items).Limit(int64(limit) + 1)
	at, before, from := decodeCursor(cursor)
	if f.Decided {
		q = q.Where("q.state <> 'waiting'").OrderExpr("q.decided_at DESC, q.id DESC")
		if from {
			q = q.Where("(q.decided_at, q.id) < (?, ?)", at, before)
		}
	} else {
		q = q.Where("q.state = 'waiting'").OrderExpr("q.id DESC")
		if from {
			q = q.Where("q.id < ?", before)
		}
	}
	switch {
	case len(f.Others) > 0:
		q = q.Where("q.reason NOT IN (?)", bun.List(f.Others))
	case f.Reason != "":
		q = q.Where("q.reason = ?", f.Reason)
	}
	if f.Kind != "" {
		q = q.Where("q.detail = ?", f.Kind)
	}
	if err := visibleQuarantine(q, v).Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("list the quarantine: %w", err)
	}
	if len(items) > limit {
		items = items[:limit]
		next = encodeCursor(items[limit-1].DecidedAt, items[limit-1].ID)
	}
	return items, next, nil
}

// HeldCount is how many items wait for a reason, and of which kind: automatic mail has
// kinds, the others have none.
type HeldCount struct {
	Reason string
	Kind   string
	N      int
}

// QuarantineCounts counts the waiting items by reason and kind.
func (in *Inbox) QuarantineCounts(ctx context.Context, v Viewer) ([]HeldCount, error) {
	var rows []HeldCount
	const kind = "CASE WHEN q.reason = 'auto' THEN q.detail ELSE '' END"
	q := in.db.Read.NewSelect().TableExpr("quarantine AS q").ColumnExpr("q.reason, " + kind + " AS kind, count(*) AS n").Where("q.state = 'waiting'").GroupExpr("q.reason, " + kind)
	if err := visibleQuarantine(q, v).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("count the quarantine: %w", err)
	}
	return rows, nil
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
