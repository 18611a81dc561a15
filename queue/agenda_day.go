package queue

import (
	"context"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// AgendaDay is a day of an agenda as staff see it.
type AgendaDay struct {
	Day    Day
	Agenda *Agenda
	Slots  []DaySlot
	Others []*Appointment // at times at which the agenda has no slot any more
}

// DaySlot is a slot with who comes.
type DaySlot struct {
	FreeSlot
	FreePublic   int  // of the free places, how many citizens may take themselves
	Public       int  // of all places, how many are for citizens
	Own          bool // the slot has a capacity of its own (SetSlot)
	Resting      int
	Appointments []*Appointment // by time of booking, without those that were given back
}

// Day shows a day of an agenda. ErrNotFound for those who do not work it.
func (b *Bookings) Day(ctx context.Context, v inbox.Viewer, agendaID int64, day Day) (*AgendaDay, error) {
	days, err := b.Days(ctx, v, agendaID, day, day)
	if err != nil {
		return nil, err
	}
	return days[0], nil
}

// mostDays is how many days of an agenda are read at once.
const mostDays = 31

// Days shows an agenda from one day to another, both included. Who comes to a
// reserved office is veiled for all but that office. ErrNotFound for those who do
// not work it.
func (b *Bookings) Days(ctx context.Context, v inbox.Viewer, agendaID int64, from, to Day) ([]*AgendaDay, error) {
	a, h, err := b.worked(ctx, v, agendaID)
	if err != nil {
		return nil, err
	}
	if to < from || to > from.Add(mostDays) {
		return nil, invalid("to", "range")
	}
	now := b.q.clock.Now()
	rows, err := b.slotsNow(ctx, a, h, from, to, now)
	if err != nil {
		return nil, err
	}
	list, err := b.appointmentsBetween(ctx, h, v, a.ID, from, to, now)
	if err != nil {
		return nil, err
	}
	var out []*AgendaDay
	for d := from; d <= to; d = d.Add(1) {
		day := &AgendaDay{Day: d, Agenda: a}
		at := map[clock.Instant]int{}
		for i, t := range a.Times(h, d) {
			s := rows[t.From]
			if s == nil {
				s = newSlot(a, t.From)
			}
			day.Slots = append(day.Slots, DaySlot{
				FreeSlot: FreeSlot{t.From, t.To, s.free(false), s.Capacity}, FreePublic: s.free(true), Public: s.Public, Own: s.OwnCapacity >= 0, Resting: s.Resting,
			})
			at[t.From] = i
		}
		for _, ap := range list[d] {
			if i, ok := at[ap.StartAt]; ok {
				day.Slots[i].Appointments = append(day.Slots[i].Appointments, ap)
				continue
			}
			day.Others = append(day.Others, ap)
		}
		out = append(out, day)
	}
	return out, nil
}

// appointmentsBetween are those that have a place on these days, by day.
func (b *Bookings) appointmentsBetween(ctx context.Context, h *House, v inbox.Viewer, agendaID int64, from, to Day, now clock.Instant) (map[Day][]*Appointment, error) {
	var list []*Appointment
	err := b.q.db.Read.NewSelect().Model(&list).Where("ap.agenda_id = ? AND ap.start_at >= ? AND ap.start_at < ?", agendaID, from.Start(h.Calendar.Zone), to.End(h.Calendar.Zone)).
		Where("ap.state NOT IN ('cancelled','expired') AND (ap.state <> 'held' OR ap.hold_until > ?)", now).OrderExpr("ap.start_at, ap.id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("a day's appointments: %w", err)
	}
	veil, err := veilFor(ctx, b.q.db.Read, h, v)
	if err != nil {
		return nil, err
	}
	out := map[Day][]*Appointment{}
	for _, ap := range list {
		d := h.Today(ap.StartAt)
		out[d] = append(out[d], veil.over(ap))
	}
	return out, nil
}

// AgendasOf are the agendas of a site that somebody works, by key.
func (b *Bookings) AgendasOf(ctx context.Context, v inbox.Viewer, siteID int64) ([]*Agenda, error) {
	h, err := b.q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	list, err := b.Agendas(ctx, siteID)
	if err != nil {
		return nil, err
	}
	var out []*Agenda
	for _, a := range list {
		if worksAgenda(h, a, v) {
			out = append(out, a)
		}
	}
	return out, nil
}

// Appointment is one appointment for those who work its agenda, veiled where it is
// for a reserved office that is not theirs. ErrNotFound for others.
func (b *Bookings) Appointment(ctx context.Context, v inbox.Viewer, id int64) (*Appointment, error) {
	if citizen(v) {
		return nil, ErrNotFound
	}
	ap, err := findAppointment(ctx, b.q.db.Read, id)
	if err != nil {
		return nil, err
	}
	_, h, err := b.worked(ctx, v, ap.AgendaID)
	if err != nil {
		return nil, err
	}
	veil, err := veilFor(ctx, b.q.db.Read, h, v)
	if err != nil {
		return nil, err
	}
	return veil.over(ap), nil
}
