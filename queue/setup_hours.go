package queue

import (
	"context"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Conflict is an appointment beneath which the opening hours were changed (queue 3,
// row 5). It stays booked until somebody moves or cancels it
// (Bookings.Conflicts).
type Conflict struct {
	ID        int64
	AgendaID  int64
	ServiceID int64
	StartAt   clock.Instant
	EndAt     clock.Instant
	CitizenID int64
	Person    string
}

// SaveHours sets the opening hours of the week, 1 Monday .. 7 Sunday; a weekday that
// is not in it is shut. It gives the appointments that the site is not open for any
// more.
func (q *Queue) SaveHours(ctx context.Context, v inbox.Viewer, siteID, version int64, week map[int]Ranges) ([]Conflict, error) {
	tidy := map[int]Ranges{}
	for day, ranges := range week {
		r, wrong := ranges.tidy()
		if day < 1 || day > 7 {
			return nil, invalid("weekday", "unknown")
		}
		if wrong != "" {
			return nil, invalid("hours", wrong)
		}
		tidy[day] = r
	}
	return q.changeCalendar(ctx, v, siteID, version, "hours", func(ctx context.Context, tx *db.Tx, h *House) error {
		if _, err := tx.NewRaw("DELETE FROM site_hours WHERE site_id = ?", siteID).Exec(ctx); err != nil {
			return err
		}
		var rows []Hours
		for day, ranges := range tidy {
			for _, r := range ranges {
				rows = append(rows, Hours{SiteID: siteID, Weekday: day, FromMin: r.From, ToMin: r.To})
			}
		}
		h.Calendar.Week = tidy
		if len(rows) == 0 {
			return nil
		}
		_, err := tx.NewInsert().Model(&rows).Exec(ctx)
		return err
	})
}

// SaveDay makes a day unlike the others: other hours, or none at all. It gives the
// appointments that fall outside now.
func (q *Queue) SaveDay(ctx context.Context, v inbox.Viewer, siteID, version int64, d SpecialDay) ([]Conflict, error) {
	if _, err := ParseDay(string(d.Day)); err != nil {
		return nil, invalid("day", "shape")
	}
	ranges, wrong := d.Intervals.tidy()
	if wrong != "" {
		return nil, invalid("hours", wrong)
	}
	d.SiteID, d.Intervals = siteID, ranges
	return q.changeCalendar(ctx, v, siteID, version, "day", func(ctx context.Context, tx *db.Tx, h *House) error {
		h.Calendar.Days[d.Day] = ranges
		_, err := tx.NewInsert().Model(&d).On("CONFLICT (site_id, day) DO UPDATE").Set("intervals = EXCLUDED.intervals, reason = EXCLUDED.reason").Exec(ctx)
		return err
	})
}

// DropDay makes a day like the others again.
func (q *Queue) DropDay(ctx context.Context, v inbox.Viewer, siteID, version int64, d Day) ([]Conflict, error) {
	return q.changeCalendar(ctx, v, siteID, version, "day", func(ctx context.Context, tx *db.Tx, h *House) error {
		delete(h.Calendar.Days, d)
		_, err := tx.NewRaw("DELETE FROM site_days WHERE site_id = ? AND day = ?", siteID, d).Exec(ctx)
		return err
	})
}

// SpecialDays are the days unlike the others from a day on.
func (q *Queue) SpecialDays(ctx context.Context, siteID int64, from Day) ([]SpecialDay, error) {
	var out []SpecialDay
	err := q.db.Read.NewSelect().Model(&out).Where("sd.site_id = ? AND sd.day >= ?", siteID, from).OrderExpr("sd.day").Scan(ctx)
	return out, err
}

// changeCalendar is setUp for the hours. f changes the rows and the calendar alike.
func (q *Queue) changeCalendar(ctx context.Context, v inbox.Viewer, siteID, version int64, what string, f func(context.Context, *db.Tx, *House) error) ([]Conflict, error) {
	var out []Conflict
	err := q.setUp(ctx, v, siteID, version, what, func(ctx context.Context, tx *db.Tx, h *House) (int64, error) {
		if err := f(ctx, tx, h); err != nil {
			return 0, fmt.Errorf("change the hours: %w", err)
		}
		var err error
		out, err = beneath(ctx, tx, h)
		return siteID, err
	})
	return out, err
}

// beneath lists the appointments to come that the calendar does not cover.
func beneath(ctx context.Context, tx *db.Tx, h *House) ([]Conflict, error) {
	var rows, out []Conflict
	err := tx.NewRaw(`SELECT id, agenda_id, service_id, start_at, end_at, citizen_id, person FROM appointments
		WHERE site_id = ? AND start_at > ? AND state IN ('held','booked') ORDER BY start_at, id`, h.Site.ID, tx.Now).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("appointments beneath the hours: %w", err)
	}
	for _, a := range rows {
		if !h.Calendar.Covers(Span{a.StartAt, a.EndAt}) {
			out = append(out, a)
		}
	}
	return out, nil
}
