package queue

import (
	"context"
	"fmt"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/internal/person"
	"filodiretto/internal/secret"
)

// contactOf stands for a person in the limits against those who book to sell: the
// mail address without what follows a plus, so that one mailbox is one person,
// else the person of the file.
func contactOf(met inbox.Met, email string) string {
	if mail, ok := person.Email(email); ok {
		local, domain, _ := strings.Cut(mail, "@")
		local, _, _ = strings.Cut(local, "+")
		return secret.HashToken("contact\x00" + local + "@" + domain)
	}
	if met.RootID != 0 {
		return fmt.Sprint("person:", met.RootID)
	}
	return ""
}

// countBooking counts one more booking of a contact today and refuses when it is
// one too many. The count goes on when bookings are given back: who books and
// cancels all day is no person who needs an appointment. The row is the lock under
// which a contact's bookings are counted.
func (k *booking) countBooking(ctx context.Context, contact string) error {
	if contact == "" || !citizen(k.v) {
		return nil
	}
	n, err := countUp(ctx, k.tx, contact, k.h.Today(k.now))
	if err != nil {
		return err
	}
	if n > k.a.Settings.MostDay {
		return refuse(MostDay)
	}
	return nil
}

// countUp counts what a contact does in a day.
func countUp(ctx context.Context, tx *db.Tx, contact string, day Day) (n int, err error) {
	err = tx.NewRaw(`INSERT INTO booking_counts (contact, day, n) VALUES (?, ?, 1)
		ON CONFLICT (contact, day) DO UPDATE SET n = booking_counts.n + 1 RETURNING n`, contact, day).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count bookings: %w", err)
	}
	return n, nil
}

// checkOpen refuses when the person has as many appointments of the agenda ahead
// as one may have. Staff may book more, as for a large family.
func (k *booking) checkOpen(ctx context.Context, ap *Appointment) error {
	if ap.Contact == "" || !citizen(k.v) {
		return nil
	}
	if k.tx.Postgres { // two that book at once would not see each other; on SQLite they are alone
		if _, err := k.tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", ap.Contact).Exec(ctx); err != nil {
			return fmt.Errorf("lock a contact: %w", err)
		}
	}
	var n int
	err := k.tx.NewRaw(`SELECT COUNT(*) FROM appointments WHERE contact = ? AND contact <> '' AND state IN ('held','booked')
		AND state = 'booked' AND agenda_id = ? AND start_at > ? AND id <> ?`, ap.Contact, k.a.ID, k.now, ap.ID).Scan(ctx, &n)
	if err != nil {
		return fmt.Errorf("count appointments: %w", err)
	}
	if n >= k.a.Settings.MostOpen {
		return refuse(MostOpen)
	}
	return nil
}
