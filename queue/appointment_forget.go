package queue

import (
	"context"
	"fmt"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// How long what is not needed any more is kept.
const (
	keepAsked  = 7 // days: what was held or asked for and never booked
	keepCounts = 7 // days: how often a contact booked on a day
)

// ForgetPeople erases, SiteSettings.KeepDays after the day of an appointment, the
// person's name, the way to reach them, the notes and the link to their file; and so
// for the waiting list. What remains says when, for which service and how it went,
// so that figures stay what they were. What was asked for and never proven goes
// after a week. It is a chore for every day, and returns how many rows it emptied.
func (b *Bookings) ForgetPeople(ctx context.Context) (int, error) {
	sites, err := b.q.allSites(ctx)
	if err != nil {
		return 0, err
	}
	now, total := b.q.clock.Now(), 0
	for _, s := range sites {
		today := DayOf(now, b.q.zone)
		kept := today.Add(-s.Settings.filled().KeepDays)
		err := b.q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			n, err := forgetAt(ctx, tx, s.ID, kept, kept.Start(b.q.zone), today.Add(-keepAsked).Start(b.q.zone))
			total += n
			return err
		})
		if err != nil {
			return total, fmt.Errorf("forget people of appointments: %w", err)
		}
	}
	_, err = b.q.db.Write.NewRaw("DELETE FROM booking_counts WHERE day < ?", DayOf(now, b.q.zone).Add(-keepCounts)).Exec(ctx)
	if err != nil {
		return total, fmt.Errorf("forget counts of bookings: %w", err)
	}
	return total, nil
}

// forgetAt empties the rows of one site: appointments before an instant, those never
// booked that were made before another, wishes whose last day is before a day.
func forgetAt(ctx context.Context, tx *db.Tx, siteID int64, kept Day, before, asked clock.Instant) (int, error) {
	count := 0
	for _, x := range []struct {
		query string
		args  []any
	}{
		{`UPDATE appointments SET person = '', contact = '', holder = '', note = '', code = '', citizen_id = 0, identity_id = 0, account_id = 0, case_id = 0
			WHERE site_id = ? AND start_at < ? AND state IN ('done','no_show','cancelled','expired') AND (person <> '' OR contact <> '' OR holder <> '' OR citizen_id <> 0)`, []any{siteID, before}},
		{`UPDATE appointments SET person = '', contact = '', holder = '', note = '', citizen_id = 0, identity_id = 0, account_id = 0, case_id = 0
			WHERE site_id = ? AND created_at < ? AND state = 'expired' AND booked_at = 0 AND (person <> '' OR contact <> '' OR holder <> '' OR citizen_id <> 0)`, []any{siteID, asked}},
		{`UPDATE waitlist SET person = '', contact = '', citizen_id = 0, identity_id = 0, account_id = 0
			WHERE site_id = ? AND to_day < ? AND state IN ('taken','left','ended') AND (person <> '' OR contact <> '')`, []any{siteID, kept}},
		// what was asked for and never proven
		{`DELETE FROM waitlist WHERE site_id = ? AND created_at < ? AND state = 'left' AND ended_at = created_at`, []any{siteID, asked}},
	} {
		res, err := tx.NewRaw(x.query, x.args...).Exec(ctx)
		if err != nil {
			return 0, err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return 0, err
		}
		count += int(n)
	}
	return count, nil
}

// allSites are those that were given up too: what they know of people ends as well.
func (q *Queue) allSites(ctx context.Context) ([]*Site, error) {
	var out []*Site
	if err := q.db.Read.NewSelect().Model(&out).OrderExpr("si.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("sites: %w", err)
	}
	return out, nil
}
