package queue

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/secret"
)

// Purpose is what a link in a message lets its holder do, and nothing else.
type Purpose string

// The purposes.
const (
	ToConfirm Purpose = "confirm" // keep an appointment that was asked for, or say that one will come
	ToChange  Purpose = "change"  // see, change or cancel an appointment
	ToCancel  Purpose = "cancel"  // cancel it
	ToOffer   Purpose = "offer"   // accept or refuse a place
	ToLeave   Purpose = "leave"   // leave the waiting list
)

// paths are where the links lead, below the public address.
var paths = map[Purpose]string{
	ToConfirm: "/p/appointment/confirm/", ToChange: "/p/appointment/", ToCancel: "/p/appointment/cancel/", ToOffer: "/p/offer/", ToLeave: "/p/waitlist/",
}

// bookingToken is a token as it is kept: its hash (queue 3, row 17).
type bookingToken struct {
	bun.BaseModel `bun:"table:booking_tokens,alias:bt"`

	Hash          string `bun:",pk"`
	Purpose       Purpose
	AppointmentID int64
	WaitlistID    int64
	ExpiresAt     clock.Instant
}

// token makes a link for a purpose. link holds the stand-in that the message's
// text is stored with; the token itself is for who is here now.
func (k *booking) token(ctx context.Context, p Purpose, appointment, waiting int64, until clock.Instant) (token, link string, err error) {
	token, sealed := k.b.tell.NewToken()
	row := &bookingToken{Hash: secret.HashToken(token), Purpose: p, AppointmentID: appointment, WaitlistID: waiting, ExpiresAt: until}
	if _, err := k.tx.NewInsert().Model(row).Exec(ctx); err != nil {
		return "", "", fmt.Errorf("make a token: %w", err)
	}
	return token, k.b.link(p, sealed), nil
}

func (b *Bookings) link(p Purpose, token string) string {
	if b.url == "" {
		return ""
	}
	return b.url + paths[p] + token
}

// findToken finds what a token is for. A wrong one, one for something else, one
// that is over and one that was used are all not found, and nothing tells them
// apart.
func findToken(ctx context.Context, idb bun.IDB, now clock.Instant, token string, purposes ...Purpose) (*bookingToken, error) {
	row := new(bookingToken)
	if err := idb.NewSelect().Model(row).Where("bt.hash = ?", secret.HashToken(token)).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	if row.ExpiresAt <= now || !slices.Contains(purposes, row.Purpose) {
		return nil, ErrNotFound
	}
	return row, nil
}

// ofToken finds the appointment that a token is for, before its slot is locked.
func (b *Bookings) ofToken(ctx context.Context, token string, purposes ...Purpose) (*bookingToken, *Appointment, error) {
	row, err := findToken(ctx, b.q.db.Read, b.q.clock.Now(), token, purposes...)
	if err != nil {
		return nil, nil, err
	}
	ap, err := findAppointment(ctx, b.q.db.Read, row.AppointmentID)
	return row, ap, err
}

// use ends a token, under the lock of its appointment's slot. Only one of two that
// come at once finds it.
func (k *booking) use(ctx context.Context, row *bookingToken) error {
	res, err := k.tx.NewRaw("DELETE FROM booking_tokens WHERE hash = ? AND expires_at > ?", row.Hash, k.now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("use a token: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return orError(err, ErrNotFound)
	}
	return nil
}

// endTokens ends the tokens of an appointment for some purposes, all without any.
func endTokens(ctx context.Context, tx *db.Tx, appointmentID int64, purposes ...Purpose) error {
	q := tx.NewDelete().Table("booking_tokens").Where("appointment_id = ?", appointmentID)
	if len(purposes) > 0 {
		q = q.Where("purpose IN (?)", bun.List(purposes))
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("end tokens: %w", err)
	}
	return nil
}

func findAppointment(ctx context.Context, idb bun.IDB, id int64) (*Appointment, error) {
	ap := new(Appointment)
	if err := idb.NewSelect().Model(ap).Where("ap.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return ap, nil
}
