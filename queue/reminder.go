package queue

import (
	"context"
	"fmt"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/templates"
)

// A person is reminded twice: the day before, at the time of day of the
// appointment, and RemindMin minutes before it; both in the hours in which people
// may be written to. Days and hours are those on the wall, also when the clocks
// change in between (queue 3, row 23).

// reminders are the instants of both, 0 for one that is left out: the second would
// come before the morning, or there is none.
func reminders(set AgendaSettings, zone *time.Location, start clock.Instant) [2]clock.Instant {
	var out [2]clock.Instant
	day := DayOf(start, zone)
	at := min(max(WallMinute(start, zone), set.TellFrom), set.TellTo-1)
	out[0] = day.Add(-1).At(at, zone)
	if set.RemindMin > 0 {
		if second := start.Add(-minutes(set.RemindMin)); second >= day.At(set.TellFrom, zone) && second < day.At(set.TellTo, zone) {
			out[1] = second
		}
	}
	return out
}

// nextReminder is when an appointment's next reminder is due, 0 for none. One
// whose time was past already when it was booked is left out: the person has just
// been told.
func (k *booking) nextReminder(ap *Appointment) clock.Instant {
	for i, at := range reminders(k.a.Settings, k.h.Calendar.Zone, ap.StartAt) {
		if i >= ap.Reminded && at > k.now {
			return at
		}
	}
	return 0
}

// Remind sends the reminders that are due and returns how many. It is a chore for
// every few minutes. Each is marked in the transaction that queues its message, so
// that it goes out once; after a long stop those whose appointment is over are
// left out, and at night none goes out.
func (b *Bookings) Remind(ctx context.Context) (int, error) {
	now := b.q.clock.Now()
	var due []struct {
		ID, AgendaID int64
		StartAt      clock.Instant
	}
	err := b.q.db.Read.NewRaw("SELECT id, agenda_id, start_at FROM appointments WHERE state = 'booked' AND remind_at > 0 AND remind_at <= ? ORDER BY remind_at, id LIMIT 500", now).Scan(ctx, &due)
	if err != nil {
		return 0, fmt.Errorf("reminders: %w", err)
	}
	count := 0
	for _, x := range due {
		sent := false
		err := b.in(ctx, system, x.AgendaID, func(ctx context.Context, k *booking) error {
			if err := k.lock(ctx, x.StartAt); err != nil {
				return err
			}
			ap, err := k.find(ctx, x.ID)
			if err != nil {
				return err
			}
			sent, err = k.remind(ctx, ap)
			return err
		})
		switch {
		case notFound(err) == ErrNotFound, err == ErrChanged: // given up, or changed this moment
		case err != nil:
			return count, fmt.Errorf("reminders: %w", err)
		case sent:
			count++
		}
	}
	return count, nil
}

func (k *booking) remind(ctx context.Context, ap *Appointment) (sent bool, err error) {
	if ap.State != BookedSlot || ap.RemindAt == 0 || ap.RemindAt > k.now {
		return false, nil
	}
	if awake := k.awake(k.now); awake > k.now {
		if ap.RemindAt = awake; awake >= ap.StartAt {
			ap.RemindAt = 0
		}
		return false, k.save(ctx, ap)
	}
	ap.Reminded = 1
	if k.now >= reminders(k.a.Settings, k.h.Calendar.Zone, ap.StartAt)[1] {
		ap.Reminded = 2
	}
	ap.RemindAt = k.nextReminder(ap)
	if ap.StartAt <= k.now {
		return false, k.save(ctx, ap)
	}
	vars := map[string]string{}
	if ap.ConfirmedAt == 0 {
		if _, vars["confirm_link"], err = k.token(ctx, ToConfirm, ap.ID, 0, ap.StartAt); err != nil {
			return false, err
		}
	}
	if _, vars["cancel_link"], err = k.token(ctx, ToCancel, ap.ID, 0, ap.StartAt); err != nil {
		return false, err
	}
	k.notify(ap, templates.AppointmentReminder, false, vars)
	k.eventBy(automation, "appointment.reminded", ap, map[string]any{"which": ap.Reminded})
	return true, k.save(ctx, ap)
}
