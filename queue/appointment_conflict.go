package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/templates"
)

// AgendaConflict is an appointment that cannot stay as the agenda and the hours are now
// (queue 3, row 5), with what is to be done about it.
type AgendaConflict struct {
	Appointment *Appointment
	Why         string // "shut" (the site), "no_slot" (the agenda's hours), "capacity", "agenda_ended", "service_ended"
	// Next is the next step: "tell" the person, who then chooses another time;
	// "call" them, since no message reaches them; "wait", since they were told.
	Next string
	// Free are the nearest free slots that could be offered, at most three.
	Free []FreeSlot
}

// freeNear is how many days around the appointment other times are looked for.
const freeNear = 14

// Conflicts lists the appointments ahead, of all agendas of a site, that have no
// place any more because hours, days or capacities were cut. It is worked out from
// what stands now, whoever changed it and how. Nothing is cancelled by itself.
// ErrNotFound for those who do not see the site.
func (b *Bookings) Conflicts(ctx context.Context, v inbox.Viewer, siteID int64) ([]AgendaConflict, error) {
	h, err := b.q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	if !seesSite(h, v) {
		return nil, ErrNotFound
	}
	agendas, err := loadAgendas(ctx, b.q.db.Read, "ag.site_id = ?", siteID)
	if err != nil {
		return nil, err
	}
	veil, err := veilFor(ctx, b.q.db.Read, h, v)
	if err != nil {
		return nil, err
	}
	var out []AgendaConflict
	for _, a := range agendas {
		list, err := b.conflictsOf(ctx, h, a, true)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	for i := range out {
		out[i].Appointment = veil.over(out[i].Appointment)
		if !worksSite(h, v) && !slices.ContainsFunc(agendas, func(a *Agenda) bool { return a.ID == out[i].Appointment.AgendaID && worksAgenda(h, a, v) }) {
			out[i].Appointment = out[i].Appointment.veiled() // an administrator sees that there is one, not whose
		}
	}
	slices.SortStableFunc(out, func(a, b AgendaConflict) int { return cmp.Compare(a.Appointment.StartAt, b.Appointment.StartAt) })
	return out, nil
}

// ConflictCount is how many appointments of a site have no place any more and whose
// people do not know yet. ErrNotFound for those who do not see the site.
func (b *Bookings) ConflictCount(ctx context.Context, v inbox.Viewer, siteID int64) (int, error) {
	h, err := b.q.House(ctx, siteID)
	if err != nil {
		return 0, err
	}
	if !seesSite(h, v) {
		return 0, ErrNotFound
	}
	agendas, err := loadAgendas(ctx, b.q.db.Read, "ag.site_id = ?", siteID)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, a := range agendas {
		list, err := b.conflictsOf(ctx, h, a, false)
		if err != nil {
			return 0, err
		}
		for _, c := range list {
			if c.Next != "wait" {
				n++
			}
		}
	}
	return n, nil
}

// conflictsOf are those of one agenda, with the free slots nearest to each if near.
func (b *Bookings) conflictsOf(ctx context.Context, h *House, a *Agenda, near bool) ([]AgendaConflict, error) {
	now := b.q.clock.Now()
	var list []*Appointment
	err := b.q.db.Read.NewSelect().Model(&list).Where("ap.agenda_id = ? AND ap.start_at > ? AND ap.state = 'booked'", a.ID, now).OrderExpr("ap.start_at, ap.booked_at, ap.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("conflicts: %w", err)
	}
	own := map[clock.Instant]*Slot{}
	if len(list) > 0 {
		if own, err = b.slotsNow(ctx, a, h, h.Today(now), h.Today(list[len(list)-1].StartAt), now); err != nil {
			return nil, err
		}
	}
	var out []AgendaConflict
	seen := map[clock.Instant]int{}
	for _, ap := range list {
		seen[ap.StartAt]++
		why := a.conflict(h, ap)
		capacity := a.Capacity
		if s := own[ap.StartAt]; s != nil {
			capacity, _ = s.meant(a)
		}
		if why == "" && seen[ap.StartAt] > capacity {
			why = "capacity" // who booked last
		}
		if why == "" {
			continue
		}
		c := AgendaConflict{Appointment: ap, Why: why, Next: "tell"}
		switch {
		case ap.ConflictAt != 0:
			c.Next = "wait"
		default:
			reached, err := b.reached(ctx, ap)
			if err != nil {
				return nil, err
			}
			if !reached {
				c.Next = "call"
			}
		}
		if near {
			if c.Free, err = b.near(ctx, a, h, ap, now); err != nil {
				return nil, err
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// conflict tells why the agenda has no place for an appointment; "" when it has.
func (a *Agenda) conflict(h *House, ap *Appointment) string {
	switch s := h.Service(ap.ServiceID); {
	case a.EndedAt != 0:
		return "agenda_ended"
	case s == nil || s.EndedAt != 0 || !slices.Contains(a.Services, s.ID):
		return "service_ended"
	}
	day := h.Today(ap.StartAt)
	if times := a.Times(h, day); len(times) == 0 {
		return "shut"
	} else if !slices.Contains(times, Span{ap.StartAt, ap.EndAt}) {
		return "no_slot"
	}
	return ""
}

// near are the free slots nearest to an appointment.
func (b *Bookings) near(ctx context.Context, a *Agenda, h *House, ap *Appointment, now clock.Instant) ([]FreeSlot, error) {
	day, today := h.Today(ap.StartAt), h.Today(now)
	free, err := b.FreeSlots(ctx, inbox.Viewer{}, a.ID, max(today, day.Add(-freeNear)), day.Add(freeNear))
	if err != nil {
		return nil, err
	}
	distance := func(f FreeSlot) int64 {
		d := int64(f.Start - ap.StartAt)
		return max(d, -d)
	}
	slices.SortStableFunc(free, func(x, y FreeSlot) int { return cmp.Compare(distance(x), distance(y)) })
	return free[:min(3, len(free))], nil
}

// TellConflict tells the person of a conflict that their appointment cannot stay,
// with a link to choose another time. The appointment stays until they do. What
// Booking.Told says decides the next step: somebody who could not be told is to be
// telephoned, and stays listed.
func (b *Bookings) TellConflict(ctx context.Context, v inbox.Viewer, id, version int64) (*Booking, error) {
	ap, err := findAppointment(ctx, b.q.db.Read, id)
	if err != nil {
		return nil, err
	}
	if citizen(v) {
		return nil, ErrNotFound
	}
	var out *Booking
	err = b.inTold(ctx, v, ap.AgendaID, &out, func(ctx context.Context, k *booking) (*Booking, error) {
		if err := k.lock(ctx, ap.StartAt); err != nil {
			return nil, err
		}
		ap, err := k.again(ctx, ap, version)
		switch {
		case err != nil:
			return nil, err
		case ap.State != BookedSlot:
			return nil, refuse(NotBooked)
		}
		token, link, err := k.token(ctx, ToChange, ap.ID, 0, ap.EndAt)
		if err != nil {
			return nil, err
		}
		k.notify(ap, templates.AppointmentConflict, true, map[string]string{"change_link": link})
		told, err := k.tellNow(ctx)
		if err != nil {
			return nil, err
		}
		if told.Held == "" {
			ap.ConflictAt = k.now
		}
		k.event("appointment.conflict_told", ap, map[string]any{"held": told.Held})
		return &Booking{Appointment: ap, Token: token, Told: told}, k.save(ctx, ap)
	})
	return out, err
}
