package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

type numberKey struct {
	series string
	day    Day
	band   int
}

// counting is a series of numbers of a day within a turn.
type counting struct {
	stored int64 // as it was read
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

// counting finds where a series stands; all series of the day are read at once.
func (r *room) counting(ctx context.Context, k numberKey) (*counting, error) {
	if !slices.Contains(r.numbered, k.day) {
		var rows []struct {
			Series string
			Band   int
			Last   int64
		}
		err := r.tx.NewRaw("SELECT series, band, last FROM ticket_numbers WHERE site_id = ? AND day = ?", r.h.Site.ID, k.day).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("read the last numbers: %w", err)
		}
		for _, x := range rows {
			r.numbers[numberKey{x.Series, k.day, x.Band}] = &counting{x.Last, x.Last}
		}
		r.numbered = append(r.numbered, k.day)
	}
	c := r.numbers[k]
	if c == nil {
		c = &counting{}
		r.numbers[k] = c
	}
	return c, nil
}

// storeNumbers counts on. A series never goes back, and never stands still where
// numbers were given.
func (r *room) storeNumbers() {
	var args []any
	n := 0
	for k, c := range r.numbers {
		if c.last != c.stored {
			args = append(args, r.h.Site.ID, k.series, k.day, k.band, c.last)
			n++
		}
	}
	if n == 0 {
		return
	}
	r.guarded("count on", r.tx.NewRaw("INSERT INTO ticket_numbers (site_id, series, day, band, last) VALUES (?, ?, ?, ?, ?)"+strings.Repeat(", (?, ?, ?, ?, ?)", n-1)+
		" ON CONFLICT (site_id, series, day, band) DO UPDATE SET last = excluded.last WHERE ticket_numbers.last < excluded.last", args...).String(), n)
}
