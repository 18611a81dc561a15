package queue

import (
	"context"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/templates"
)

// ChangeRequest moves an appointment to another slot of its agenda.
type ChangeRequest struct {
	Token   string // a citizen's; staff give ID and Version instead
	ID      int64
	Version int64
	Start   clock.Instant
}

// Change moves an appointment, in one transaction: at no moment has the person two
// places or none. The old place rests, and then goes to the waiting list. Change
// links go on to hold; those of reminders do not. *RefusedError SlotFull,
// NoSuchSlot, TooSoon, TooFar, TooLateToChange, NotBooked.
func (b *Bookings) Change(ctx context.Context, v inbox.Viewer, r ChangeRequest) (*Booking, error) {
	ap, err := b.named(ctx, v, r.Token, r.ID, ToChange)
	if err != nil {
		return nil, err
	}
	var out *Booking
	err = b.inTold(ctx, v, ap.AgendaID, &out, func(ctx context.Context, k *booking) (*Booking, error) {
		if err := k.lock(ctx, ap.StartAt, r.Start); err != nil {
			return nil, err
		}
		now, err := k.again(ctx, ap, r.Version)
		if err != nil {
			return nil, err
		}
		return k.change(ctx, now, r.Start)
	})
	return out, err
}

// named finds the appointment that a token, or staff, mean.
func (b *Bookings) named(ctx context.Context, v inbox.Viewer, token string, id int64, purposes ...Purpose) (*Appointment, error) {
	if citizen(v) {
		_, ap, err := b.ofToken(ctx, token, purposes...)
		return ap, err
	}
	return findAppointment(ctx, b.q.db.Read, id)
}

// again reads an appointment once its slot is locked. One that was moved in
// between is ErrChanged: another slot has to be locked for it.
func (k *booking) again(ctx context.Context, was *Appointment, version int64) (*Appointment, error) {
	if !citizen(k.v) && !worksAgenda(k.h, k.a, k.v) {
		return nil, ErrNotFound
	}
	ap, err := k.find(ctx, was.ID)
	switch {
	case err != nil:
		return nil, err
	case ap.StartAt != was.StartAt || version != 0 && ap.Version != version:
		return nil, ErrChanged
	}
	if citizen(k.v) {
		return ap, nil
	}
	veil, err := veilFor(ctx, k.tx, k.h, k.v)
	if err != nil {
		return nil, err
	}
	if veil[ap.ServiceID] {
		return nil, ErrNotFound
	}
	return ap, nil
}

func (k *booking) change(ctx context.Context, ap *Appointment, start clock.Instant) (*Booking, error) {
	if ap.State != BookedSlot {
		return nil, refuse(NotBooked)
	}
	if err := k.tooLate(ap); err != nil {
		return nil, err
	}
	if ap.StartAt == start {
		return &Booking{Appointment: ap, Repeated: true}, nil
	}
	span, err := k.bookable(start, k.now)
	if err != nil {
		return nil, err
	}
	to, public := k.slots[start], ap.Public
	if !citizen(k.v) && to.free(true) == 0 {
		public = false // staff have all places
	}
	if to.free(public) == 0 {
		return nil, refuse(SlotFull)
	}
	to.take(public)
	if err := k.giveBack(ctx, ap, true); err != nil {
		return nil, err
	}
	before := ap.StartAt
	ap.StartAt, ap.EndAt, ap.Public = span.From, span.To, public
	return k.changed(ctx, ap, before)
}

// changed writes a moved appointment and tells the person.
func (k *booking) changed(ctx context.Context, ap *Appointment, before clock.Instant) (*Booking, error) {
	ap.Sequence++
	ap.ConfirmedAt, ap.ConflictAt, ap.Reminded = 0, 0, 0
	ap.RemindAt = k.nextReminder(ap)
	if err := endTokens(ctx, k.tx, ap.ID, ToConfirm, ToCancel, ToOffer); err != nil {
		return nil, err
	}
	if _, err := k.tx.NewRaw("UPDATE booking_tokens SET expires_at = ? WHERE appointment_id = ?", ap.EndAt, ap.ID).Exec(ctx); err != nil {
		return nil, fmt.Errorf("move tokens: %w", err)
	}
	token, link, err := k.token(ctx, ToChange, ap.ID, 0, ap.EndAt)
	if err != nil {
		return nil, err
	}
	k.event("appointment.changed", ap, map[string]any{"from": before})
	k.notify(ap, templates.AppointmentChanged, true, map[string]string{
		"before": whenText(before, k.h.Calendar.Zone, ap.Lang), "change_link": link,
	})
	return &Booking{Appointment: ap, Token: token}, k.save(ctx, ap)
}

// tooLate refuses to citizens what comes too near to the appointment.
func (k *booking) tooLate(ap *Appointment) error {
	if !citizen(k.v) {
		return nil
	}
	if k.now >= ap.StartAt.Add(-minutes(max(0, k.a.Settings.ChangeMin))) {
		return refuse(TooLateToChange)
	}
	return nil
}

// CancelRequest cancels an appointment.
type CancelRequest struct {
	Token   string // a citizen's; staff give ID and Version instead
	ID      int64
	Version int64
	Reason  string // staff: why, in words for the citizen
	Silent  bool   // staff: the person is told in another way
}

// Cancel gives a place back, which rests and then goes to the waiting list. All
// links of the appointment end. A citizen who was only asked to confirm may cancel
// too. *RefusedError NotBooked, TooLateToChange.
func (b *Bookings) Cancel(ctx context.Context, v inbox.Viewer, r CancelRequest) (*Booking, error) {
	if len(r.Reason) > mostReason {
		return nil, invalid("reason", "too_long")
	}
	ap, err := b.named(ctx, v, r.Token, r.ID, ToChange, ToCancel)
	if err != nil {
		return nil, err
	}
	var out *Booking
	err = b.inTold(ctx, v, ap.AgendaID, &out, func(ctx context.Context, k *booking) (*Booking, error) {
		if err := k.lock(ctx, ap.StartAt); err != nil {
			return nil, err
		}
		now, err := k.again(ctx, ap, r.Version)
		if err != nil {
			return nil, err
		}
		if citizen(v) { // the other of two clicks finds nothing
			if _, err := findToken(ctx, k.tx, k.now, r.Token, ToChange, ToCancel); err != nil {
				return nil, err
			}
		}
		return k.cancel(ctx, now, r)
	})
	return out, err
}

func (k *booking) cancel(ctx context.Context, ap *Appointment, r CancelRequest) (*Booking, error) {
	if ap.State != BookedSlot && !ap.asked() {
		return nil, refuse(NotBooked)
	}
	if err := k.tooLate(ap); err != nil {
		return nil, err
	}
	outcome := "staff"
	if citizen(k.v) {
		outcome = "citizen"
	}
	offered := ap.State == HeldSlot
	if offered {
		if err := k.missedOffer(ctx, ap); err != nil {
			return nil, err
		}
	}
	ap.Sequence++
	k.event("appointment.cancelled", ap, map[string]any{"by": outcome})
	if !r.Silent && !offered {
		k.notify(ap, templates.AppointmentCancelled, true, map[string]string{"reason": oneLine(r.Reason)})
	}
	return &Booking{Appointment: ap}, k.release(ctx, ap, AppointmentCancel, outcome, true)
}
