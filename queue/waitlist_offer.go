package queue

import (
	"context"
	"errors"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/templates"
)

// leastOffer is the shortest time that somebody has to answer; when there is less,
// a place is for everybody at once.
const leastOffer = 15

// nextOnList finds who is asked first whether they want a place of a slot: who was
// asked less often, then who waits longer. It locks the entry, and on PostgreSQL
// passes over one that somebody else has.
func (k *booking) nextOnList(ctx context.Context, s *Slot) (*Wish, error) {
	day := k.h.Today(s.StartAt)
	w := new(Wish)
	q := k.tx.NewSelect().Model(w).Where("wl.agenda_id = ? AND wl.state = 'waiting' AND wl.from_day <= ? AND wl.to_day >= ? AND wl.last_start_at <> ?", k.a.ID, day, day, s.StartAt).
		Where("NOT EXISTS (SELECT 1 FROM appointments AS x WHERE x.id = wl.instead_of AND (x.state <> 'booked' OR x.start_at <= ?))", s.StartAt).
		OrderExpr("wl.offers, wl.id").Limit(1)
	if k.tx.Postgres {
		q = q.For("UPDATE SKIP LOCKED")
	}
	switch err := notFound(q.Scan(ctx)); {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("waiting list: %w", err)
	}
	return w, nil
}

// offer holds a free place for somebody of the list and asks them. offered is
// false when there is no time left for an answer.
func (k *booking) offer(ctx context.Context, s *Slot, w *Wish) (offered bool, err error) {
	until := min(awakeFor(k.a.Settings, k.h.Calendar.Zone, k.now, minutes(k.a.Settings.OfferMin)), s.StartAt.Add(-minutes(leastOffer)))
	if until.Sub(k.now) < minutes(leastOffer) {
		return false, nil
	}
	ap := &Appointment{
		ID: db.NewID(k.q.clock), SiteID: k.a.SiteID, AgendaID: k.a.ID, ServiceID: w.ServiceID, StartAt: s.StartAt, EndAt: s.StartAt.Add(k.a.slotLen()), Public: true,
		State: HeldSlot, HoldUntil: until, Contact: w.Contact, CitizenID: w.CitizenID, IdentityID: w.IdentityID, AccountID: w.AccountID,
		Person: w.Person, Lang: w.Lang, Procedure: w.Procedure, Version: 1, CreatedAt: k.now,
	}
	ap.IdemKey = fmt.Sprintf("offer:%d:%d", w.ID, ap.ID)
	w.State, w.AppointmentID, w.LastStartAt = Offered, ap.ID, s.StartAt
	if ok, err := k.saveWish(ctx, w, OnList); err != nil || !ok {
		return ok, err
	}
	if err := k.place(ctx, ap); err != nil {
		return false, err
	}
	_, link, err := k.token(ctx, ToOffer, ap.ID, w.ID, until)
	if err != nil {
		return false, err
	}
	k.eventBy(automation, "appointment.offered", ap, map[string]any{"wish": w.ID, "until": until})
	k.tellWish(w, templates.WaitlistOffer, map[string]string{
		"when": whenText(s.StartAt, k.h.Calendar.Zone, w.Lang), "until": k.untilText(until, w.Lang), "offer_link": link,
	})
	return true, nil
}

// missedOffer puts whoever did not accept an offer back on the list, behind those
// who were asked less often; after MostOffers they leave it.
func (k *booking) missedOffer(ctx context.Context, ap *Appointment) error {
	w := new(Wish)
	switch err := notFound(k.tx.NewSelect().Model(w).Where("wl.appointment_id = ? AND wl.appointment_id > 0 AND wl.state = 'offered'", ap.ID).Scan(ctx)); {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("waiting list: %w", err)
	}
	w.State, w.AppointmentID = OnList, 0
	if w.Offers++; w.Offers >= k.a.Settings.MostOffers || w.ToDay < k.h.Today(k.now) {
		w.State, w.EndedAt = ListEnd, k.now
		k.wishEvent("waitlist.ended", w, map[string]any{"offers": w.Offers})
	}
	if ok, err := k.saveWish(ctx, w, Offered); err != nil || !ok {
		return orError(err, ErrChanged)
	}
	return nil
}

// Accept takes an offered place. When it was wanted instead of another
// appointment, that one is given back in the same transaction. ErrNotFound for a
// token that is wrong, over or used: the place is then somebody else's.
func (b *Bookings) Accept(ctx context.Context, token string) (*Booking, error) {
	row, ap, err := b.ofToken(ctx, token, ToOffer)
	if err != nil {
		return nil, err
	}
	w := new(Wish)
	if err := b.q.db.Read.NewSelect().Model(w).Where("wl.id = ?", row.WaitlistID).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	var old *Appointment
	if w.InsteadOf != 0 {
		if old, err = findAppointment(ctx, b.q.db.Read, w.InsteadOf); err != nil {
			return nil, err
		}
	}
	var out *Booking
	err = b.inTold(ctx, inbox.Viewer{}, ap.AgendaID, &out, func(ctx context.Context, k *booking) (*Booking, error) {
		return k.accept(ctx, row, ap, old, w)
	})
	return out, err
}

func (k *booking) accept(ctx context.Context, row *bookingToken, ap, old *Appointment, w *Wish) (*Booking, error) {
	if old != nil {
		if err := k.lock(ctx, ap.StartAt, old.StartAt); err != nil {
			return nil, err
		}
		now, err := k.again(ctx, old, 0)
		if err != nil {
			return nil, err
		}
		old = now
	} else if err := k.lock(ctx, ap.StartAt); err != nil {
		return nil, err
	}
	if err := k.use(ctx, row); err != nil {
		return nil, err
	}
	ap, err := k.find(ctx, row.AppointmentID)
	if err != nil || ap.State != HeldSlot {
		return nil, orError(err, ErrNotFound)
	}
	w.State, w.AppointmentID, w.LastStartAt, w.EndedAt = Taken, ap.ID, ap.StartAt, k.now
	if ok, err := k.saveWish(ctx, w, Offered); err != nil || !ok {
		return nil, orError(err, ErrNotFound)
	}
	if _, err := k.tx.NewRaw("DELETE FROM booking_tokens WHERE waitlist_id = ?", w.ID).Exec(ctx); err != nil {
		return nil, fmt.Errorf("waiting list: %w", err)
	}
	if old != nil && old.State == BookedSlot {
		k.event("appointment.cancelled", old, map[string]any{"by": "citizen", "for": ap.ID})
		if err := k.release(ctx, old, AppointmentCancel, "replaced", true); err != nil {
			return nil, err
		}
	}
	return k.booked(ctx, ap)
}

// Refuse gives an offered place to the next of the list, and asks whoever refused
// again for another one.
func (b *Bookings) Refuse(ctx context.Context, token string) error {
	row, ap, err := b.ofToken(ctx, token, ToOffer)
	if err != nil {
		return err
	}
	return b.in(ctx, inbox.Viewer{}, ap.AgendaID, func(ctx context.Context, k *booking) error {
		if err := k.lock(ctx, ap.StartAt); err != nil {
			return err
		}
		if err := k.use(ctx, row); err != nil {
			return err
		}
		ap, err := k.find(ctx, row.AppointmentID)
		if err != nil || ap.State != HeldSlot {
			return orError(err, ErrNotFound)
		}
		if err := k.missedOffer(ctx, ap); err != nil {
			return err
		}
		k.event("appointment.refused", ap, nil)
		return k.release(ctx, ap, AppointmentExpired, "refused", false)
	})
}
