package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// Shutting is what follows when a site has other hours on a day, or none.
type Shutting struct {
	Day      Day
	Was, Is  Ranges // the hours
	Booked   []Beneath
	Waiting  int  // people with a number who have not been served, when it is today
	Unfilled int  // free places that are not offered any more
	DayOpen  bool // the day was begun: numbers were given
}

// Beneath is an appointment that has no place any more, without whose it is.
type Beneath struct {
	ID       int64
	AgendaID int64
	StartAt  clock.Instant
	Told     bool // a message reaches the person; else somebody must telephone
}

// WouldShut works out what follows from other hours on a day, and changes nothing.
// ErrNotFound for who sets nothing up.
func (b *Bookings) WouldShut(ctx context.Context, v inbox.Viewer, siteID int64, d SpecialDay) (*Shutting, error) {
	if err := setsUp(v); err != nil {
		return nil, err
	}
	if _, err := ParseDay(string(d.Day)); err != nil {
		return nil, invalid("day", "shape")
	}
	ranges, wrong := d.Intervals.tidy()
	if wrong != "" {
		return nil, invalid("hours", wrong)
	}
	h, err := b.q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	now := b.q.clock.Now()
	if d.Day < h.Today(now) {
		return nil, invalid("day", "past")
	}
	then := *h
	then.Calendar.Days = maps.Clone(h.Calendar.Days)
	then.Calendar.Days[d.Day] = ranges
	out := &Shutting{Day: d.Day, Was: h.Calendar.Ranges(d.Day), Is: ranges}
	agendas, err := b.Agendas(ctx, siteID)
	if err != nil {
		return nil, err
	}
	for _, a := range agendas {
		if err := b.shuts(ctx, out, h, &then, a, now); err != nil {
			return nil, err
		}
	}
	if d.Day != h.Today(now) {
		return out, nil
	}
	session, _, err := b.q.session(ctx, h, now)
	if err != nil {
		return nil, err
	}
	out.DayOpen = session != nil && session.EndedAt == 0
	steps, err := b.q.here(ctx, h)
	for _, s := range steps {
		if s.State == Waiting || s.State == Held {
			out.Waiting++
		}
	}
	return out, err
}

// shuts adds what an agenda loses.
func (b *Bookings) shuts(ctx context.Context, out *Shutting, h, then *House, a *Agenda, now clock.Instant) error {
	rows, err := b.slotsNow(ctx, a, h, out.Day, out.Day, now)
	if err != nil {
		return err
	}
	stays := map[clock.Instant]bool{}
	for _, t := range a.Times(then, out.Day) {
		stays[t.From] = true
	}
	for _, t := range a.Times(h, out.Day) {
		s := rows[t.From]
		if s == nil {
			s = newSlot(a, t.From)
		}
		if !stays[t.From] && t.From > now {
			out.Unfilled += s.free(false)
		}
	}
	list, err := b.appointmentsBetween(ctx, h, system, a.ID, out.Day, out.Day, now)
	if err != nil {
		return err
	}
	for _, ap := range list[out.Day] {
		if ap.State != BookedSlot || ap.StartAt <= now || a.conflict(h, ap) != "" || a.conflict(then, ap) == "" {
			continue
		}
		reached, err := b.reached(ctx, ap)
		if err != nil {
			return err
		}
		out.Booked = append(out.Booked, Beneath{ap.ID, a.ID, ap.StartAt, reached})
	}
	return nil
}

// reached reports whether a message can reach the person of an appointment: somebody
// who left a telephone alone is to be called. The telling itself decides again, with
// the person's wishes.
func (b *Bookings) reached(ctx context.Context, ap *Appointment) (bool, error) {
	if ap.CitizenID == 0 {
		return ap.IdentityID != 0, nil
	}
	var n int
	err := b.q.db.Ask(ctx, `SELECT count(*) FROM identities AS i JOIN citizens AS z ON z.id = i.citizen_id
		WHERE z.root_id = (SELECT root_id FROM citizens WHERE id = ?) AND i.kind IN ('email','telegram') AND i.removed_at = 0 AND i.status = 'active'`, []any{ap.CitizenID}, &n)
	if err != nil {
		return false, fmt.Errorf("who can be reached: %w", err)
	}
	return n > 0, nil
}

// ShutDone is what ShutDay did.
type ShutDone struct {
	Conflicts int // appointments that have no place any more
	Told      int // whose people were told, with a link to choose another time
	ToCall    int // whom no message reaches: they stay listed until somebody telephones
}

// ShutDay gives a day other hours, or none, and, if tell is set, tells those whose
// appointment cannot stay. Nothing is cancelled: they choose another time by the
// link, or are listed by Conflicts. The telling is done one by one after the hours;
// who was missed, as when the machine stops in between, is in that list.
func (b *Bookings) ShutDay(ctx context.Context, v inbox.Viewer, siteID, version int64, d SpecialDay, tell bool) (*ShutDone, error) {
	if _, err := b.q.SaveDay(ctx, v, siteID, version, d); err != nil {
		return nil, err
	}
	h, err := b.q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	all, err := b.Conflicts(ctx, system, siteID)
	if err != nil {
		return nil, err
	}
	out := &ShutDone{}
	for _, c := range all {
		if h.Today(c.Appointment.StartAt) != d.Day {
			continue
		}
		out.Conflicts++
		if !tell {
			continue
		}
		switch c.Next {
		case "call":
			out.ToCall++
			continue
		case "wait":
			continue
		}
		told, err := b.TellConflict(ctx, system, c.Appointment.ID, c.Appointment.Version)
		if _, isRefusal := errors.AsType[*RefusedError](err); isRefusal || errors.Is(err, ErrChanged) || errors.Is(err, ErrNotFound) {
			continue // cancelled or moved this moment
		}
		switch {
		case err != nil:
			return out, fmt.Errorf("tell of a shut day: %w", err)
		case told.Told.Held == "":
			out.Told++
		default:
			out.ToCall++
		}
	}
	return out, nil
}

// Giving is what stands in the way of giving a site up, and what ends with it.
type Giving struct {
	Ahead   int // appointments that are booked: they must be moved or cancelled first
	Wishes  int // people on waiting lists: likewise
	DayOpen bool
	Devices int
	Agendas int
}

// WouldClose works out what follows when a site is given up for good.
func (b *Bookings) WouldClose(ctx context.Context, v inbox.Viewer, siteID int64) (*Giving, error) {
	if err := setsUp(v); err != nil {
		return nil, err
	}
	out := new(Giving)
	now := b.q.clock.Now()
	for _, x := range []struct {
		to    *int
		query string
		args  []any
	}{
		{&out.Ahead, "SELECT count(*) FROM appointments WHERE site_id = ? AND end_at > ? AND state = 'booked'", []any{siteID, now}},
		{&out.Wishes, "SELECT count(*) FROM waitlist WHERE site_id = ? AND state IN ('waiting','offered')", []any{siteID}},
		{&out.Devices, "SELECT count(*) FROM devices WHERE site_id = ? AND revoked_at = 0", []any{siteID}},
		{&out.Agendas, "SELECT count(*) FROM agendas WHERE site_id = ? AND ended_at = 0", []any{siteID}},
	} {
		if err := b.q.db.Ask(ctx, x.query, x.args, x.to); err != nil {
			return nil, fmt.Errorf("what ends with a site: %w", err)
		}
	}
	var open int
	if err := b.q.db.Ask(ctx, "SELECT count(*) FROM site_sessions WHERE site_id = ? AND ended_at = 0", []any{siteID}, &open); err != nil {
		return nil, fmt.Errorf("what ends with a site: %w", err)
	}
	out.DayOpen = open > 0
	return out, nil
}
