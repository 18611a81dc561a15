package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// settle brings a locked slot up to now: what was held for too long is nobody's
// any more, from the very instant on, and places that have rested go to the
// waiting list and then to everybody.
func (k *booking) settle(ctx context.Context, s *Slot) error {
	var lapsed []*Appointment
	err := k.tx.NewSelect().Model(&lapsed).Where("ap.agenda_id = ? AND ap.start_at = ? AND ap.state = 'held' AND ap.hold_until <= ?", s.AgendaID, s.StartAt, k.now).
		OrderExpr("ap.id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("look for what was held: %w", err)
	}
	for _, ap := range lapsed {
		if err := k.lapse(ctx, ap); err != nil {
			return err
		}
	}
	if s.Resting == 0 || s.RestUntil > k.now {
		return nil
	}
	n := s.Resting
	s.Resting, s.RestUntil = 0, 0
	return k.fill(ctx, s, n)
}

// lapse ends a held appointment whose time is over.
func (k *booking) lapse(ctx context.Context, ap *Appointment) error {
	if err := k.missedOffer(ctx, ap); err != nil {
		return err
	}
	if ap.asked() {
		k.eventBy(automation, "appointment.expired", ap, nil)
	}
	return k.release(ctx, ap, AppointmentExpired, "lapsed", false)
}

// fill offers n free places of a slot to the waiting list. What nobody of the list
// wants is for everybody. At night nobody is asked: the places rest until the
// morning.
func (k *booking) fill(ctx context.Context, s *Slot, n int) error {
	if k.a.EndedAt != 0 {
		return nil
	}
	if _, ok := k.a.slotAt(k.h, s.StartAt); !ok {
		return nil
	}
	for ; n > 0 && s.free(true) > 0; n-- {
		next, err := k.nextOnList(ctx, s)
		if err != nil || next == nil {
			return err
		}
		if awake := k.awake(k.now); awake > k.now {
			s.Resting, s.RestUntil = s.Resting+n, max(s.RestUntil, awake)
			return nil
		}
		offered, err := k.offer(ctx, s, next)
		if err != nil || !offered {
			return err
		}
	}
	return nil
}

// restFor is how long a place that was given back is nobody's: long and uncertain
// enough that who gives it back cannot have it taken by a friend (queue 4.6).
func (k *booking) restFor() time.Duration {
	set := k.a.Settings
	from, to := minutes(set.RestFrom), minutes(set.RestTo)
	return from + rand.N(to-from+1)
}

// awake is the instant at which people may be written to, at or after one.
func (k *booking) awake(at clock.Instant) clock.Instant {
	return awake(k.a.Settings, k.h.Calendar.Zone, at)
}

func awake(set AgendaSettings, zone *time.Location, at clock.Instant) clock.Instant {
	d := DayOf(at, zone)
	switch {
	case at < d.At(set.TellFrom, zone):
		return d.At(set.TellFrom, zone)
	case at >= d.At(set.TellTo, zone):
		return d.Add(1).At(set.TellFrom, zone)
	}
	return at
}

// awakeFor is the instant at which so much time has passed in which people may be
// written to.
func awakeFor(set AgendaSettings, zone *time.Location, at clock.Instant, span time.Duration) clock.Instant {
	for {
		at = awake(set, zone, at)
		end := DayOf(at, zone).At(set.TellTo, zone)
		if left := end.Sub(at); left < span {
			at, span = end, span-left
			continue
		}
		return at.Add(span)
	}
}

// Settle does for all slots what time has done to them: expires what was held,
// and offers what has rested. It is called every minute; bookings do the same for
// the slots that they touch, so that nothing depends on when it runs. It returns
// how many slots it touched.
func (b *Bookings) Settle(ctx context.Context) (int, error) {
	now := b.q.clock.Now()
	var due []struct {
		AgendaID int64
		StartAt  clock.Instant
	}
	err := b.q.db.Read.NewRaw(`SELECT agenda_id, start_at FROM appointments WHERE state = 'held' AND hold_until <= ?
		UNION SELECT agenda_id, start_at FROM slots WHERE resting > 0 AND rest_until <= ? ORDER BY agenda_id, start_at LIMIT 1000`, now, now).Scan(ctx, &due)
	if err != nil {
		return 0, fmt.Errorf("settle slots: %w", err)
	}
	for n, x := range due {
		err := b.in(ctx, system, x.AgendaID, func(ctx context.Context, k *booking) error { return k.lock(ctx, x.StartAt) })
		if err != nil && !errors.Is(err, ErrNotFound) { // of a site that was given up
			return n, fmt.Errorf("settle slots: %w", err)
		}
	}
	if _, err := b.q.db.Write.NewRaw("DELETE FROM booking_tokens WHERE expires_at <= ?", now).Exec(ctx); err != nil {
		return len(due), fmt.Errorf("forget tokens: %w", err)
	}
	_, err = b.q.db.Write.NewRaw("UPDATE waitlist SET state = 'ended', ended_at = ? WHERE state = 'waiting' AND to_day < ?", now, DayOf(now, b.q.zone)).Exec(ctx)
	if err != nil {
		return len(due), fmt.Errorf("end wishes: %w", err)
	}
	return len(due), nil
}

// system is who does what time brings.
var system = inbox.Viewer{System: true}
