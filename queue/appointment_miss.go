package queue

import (
	"context"

	"filodiretto/inbox"
)

// Missed says that the person did not come. Who comes late all the same is checked
// in as anybody else on that day. *RefusedError NotYet before the time; NotBooked
// for one that is over or checked in.
func (b *Bookings) Missed(ctx context.Context, v inbox.Viewer, id, version int64) (*Appointment, error) {
	ap, err := findAppointment(ctx, b.q.db.Read, id)
	if err != nil {
		return nil, err
	}
	if citizen(v) {
		return nil, ErrNotFound
	}
	var out *Appointment
	err = b.in(ctx, v, ap.AgendaID, func(ctx context.Context, k *booking) error {
		if err := k.lock(ctx, ap.StartAt); err != nil {
			return err
		}
		now, err := k.again(ctx, ap, version)
		switch {
		case err != nil:
			return err
		case now.State != BookedSlot:
			return refuse(NotBooked)
		case now.StartAt > k.now:
			return refuse(NotYet)
		}
		now.State, now.Outcome, now.EndedAt, now.RemindAt = AppointmentMissed, "not_here", k.now, 0
		k.event("appointment.no_show", now, nil)
		out = now
		return k.save(ctx, now)
	})
	return out, err
}
