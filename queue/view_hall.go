package queue

import (
	"context"
	"fmt"
)

// Hall is a room as the pages of citizens show it, read once for all of them. It
// names no person. It is shared and must not be changed.
type Hall struct {
	House   *House
	Display *DisplayView
	Steps   []*Step         // who waits, is called, served or held, by id
	Open    []int64         // counters at which somebody sits
	Places  map[int64]Place // of those who wait, by step; see Queue.Places
}

// Hall reads a room for its displays, its kiosks and the telephones in it. The
// display says all calls of today that are still to be said.
func (q *Queue) Hall(ctx context.Context, siteID int64) (*Hall, error) {
	h, err := q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	out := &Hall{House: h}
	if out.Steps, err = q.here(ctx, h); err != nil {
		return nil, err
	}
	if out.Display, err = q.display(ctx, h, 0, out.Steps); err != nil {
		return nil, err
	}
	if out.Open, err = q.OpenCounters(ctx, siteID); err != nil {
		return nil, err
	}
	out.Places = h.places(out.Display.At, out.Steps, out.Open)
	return out, nil
}

// OpenCounters are the counters at which somebody sits.
func (q *Queue) OpenCounters(ctx context.Context, siteID int64) ([]int64, error) {
	var open []int64
	if err := q.db.Ask(ctx, "SELECT counter_id FROM sittings WHERE site_id = ? AND to_at = 0", []any{siteID}, &open); err != nil {
		return nil, fmt.Errorf("which counters are open: %w", err)
	}
	return open, nil
}
