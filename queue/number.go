package queue

import (
	"context"
	"fmt"
)

type numberKey struct {
	series string
	day    Day
	band   int
}

// counting is a series of numbers of a day within a turn.
type counting struct {
	stored int64 // as it was read; -1 when there was no row
	last   int64
}

// number gives the next number of a series: row (site, series, day, band), counted
// in the transaction that writes the ticket, so that there are neither gaps nor
// repeats (queue 2.3 point 4; queue 3, row 2).
func (r *room) number(ctx context.Context, k numberKey) (int64, error) {
	c, err := r.counting(ctx, k)
	if err != nil {
		return 0, err
	}
	c.last++
	r.changes++
	return c.last, nil
}

func (r *room) counting(ctx context.Context, k numberKey) (*counting, error) {
	if c := r.numbers[k]; c != nil {
		return c, nil
	}
	c := &counting{stored: -1}
	var last int64
	err := r.tx.NewRaw("SELECT last FROM ticket_numbers WHERE site_id = ? AND series = ? AND day = ? AND band = ?", r.h.Site.ID, k.series, k.day, k.band).Scan(ctx, &last)
	switch notFound(err) {
	case nil:
		c.stored, c.last = last, last
	case ErrNotFound:
	default:
		return nil, fmt.Errorf("read the last number: %w", err)
	}
	r.numbers[k] = c
	return c, nil
}

// storeNumbers counts on, each series only if it stands where it was read.
func (r *room) storeNumbers(ctx context.Context) error {
	for k, c := range r.numbers {
		if c.last == max(c.stored, 0) {
			continue
		}
		res, err := r.tx.NewRaw(`INSERT INTO ticket_numbers (site_id, series, day, band, last) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (site_id, series, day, band) DO UPDATE SET last = excluded.last WHERE ticket_numbers.last = ?`,
			r.h.Site.ID, k.series, k.day, k.band, c.last, c.stored).Exec(ctx)
		if err != nil {
			return fmt.Errorf("count on: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errOvertaken
		}
	}
	return nil
}
