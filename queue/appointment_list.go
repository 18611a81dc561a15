package queue

import (
	"context"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// FreeSlot is a time at which somebody may book.
type FreeSlot struct {
	Start, End clock.Instant
	Free       int // places; for citizens of their share
	Capacity   int // of the whole slot; 0 for citizens, whom it does not concern
}

// mostListed is how many days one question may be about.
const mostListed = 92

// FreeSlots are the slots of an agenda from one day to another, both included,
// that who asks could book now. Staff see the full ones too, with Free 0. What it
// says may be over when somebody books: the booking decides.
func (b *Bookings) FreeSlots(ctx context.Context, v inbox.Viewer, agendaID int64, from, to Day) ([]FreeSlot, error) {
	a, h, err := b.ofAgenda(ctx, agendaID)
	if err != nil {
		return nil, err
	}
	if !citizen(v) && !worksAgenda(h, a, v) {
		return nil, ErrNotFound
	}
	if to > from.Add(mostListed) {
		return nil, invalid("to", "range")
	}
	now := b.q.clock.Now()
	rows, err := b.slotsNow(ctx, a, h, from, to, now)
	if err != nil {
		return nil, err
	}
	k := &booking{a: a, h: h, v: v}
	var out []FreeSlot
	for d := from; d <= to; d = d.Add(1) {
		for _, t := range a.Times(h, d) {
			if _, err := k.bookable(t.From, now); err != nil {
				continue
			}
			s := rows[t.From]
			if s == nil {
				s = newSlot(a, t.From)
			}
			f := FreeSlot{Start: t.From, End: t.To, Free: s.free(citizen(v))}
			if !citizen(v) {
				f.Capacity = s.Capacity
			} else if f.Free == 0 {
				continue
			}
			out = append(out, f)
		}
	}
	return out, nil
}

func (b *Bookings) ofAgenda(ctx context.Context, id int64) (*Agenda, *House, error) {
	a, err := b.Agenda(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	h, err := b.q.House(ctx, a.SiteID)
	return a, h, err
}

// slotsNow reads the rows of slots as a booking would find them: without what was
// held for too long.
func (b *Bookings) slotsNow(ctx context.Context, a *Agenda, h *House, from, to Day, now clock.Instant) (map[clock.Instant]*Slot, error) {
	first, last := from.Start(h.Calendar.Zone), to.End(h.Calendar.Zone)
	var rows []*Slot
	err := b.q.db.Ask(ctx, "SELECT * FROM slots WHERE agenda_id = ? AND start_at >= ? AND start_at < ?", []any{a.ID, first, last}, &rows)
	if err != nil {
		return nil, fmt.Errorf("slots: %w", err)
	}
	var lapsed []struct {
		StartAt clock.Instant
		Public  bool
	}
	err = b.q.db.Ask(ctx, "SELECT start_at, public FROM appointments WHERE agenda_id = ? AND start_at >= ? AND start_at < ? AND state = 'held' AND hold_until <= ?",
		[]any{a.ID, first, last, now}, &lapsed)
	if err != nil {
		return nil, fmt.Errorf("slots: %w", err)
	}
	out := map[clock.Instant]*Slot{}
	for _, s := range rows {
		out[s.StartAt] = s
	}
	for _, x := range lapsed {
		if s := out[x.StartAt]; s != nil {
			s.give(x.Public)
		}
	}
	for _, s := range rows {
		s.follow(a)
	}
	return out, nil
}

// AppointmentView is what a citizen's page shows of an appointment.
type AppointmentView struct {
	Appointment *Appointment
	Purpose     Purpose // of the link
	Service     string  // in the appointment's language
	Where       string
	When        string
	Documents   string
	MayChange   bool // citizens may still change and cancel it
	Lapses      clock.Instant
}

// Look opens the page that a link leads to. It changes nothing, whoever or
// whatever opens it. ErrNotFound for a token that is wrong, over or used, and
// nothing tells these apart.
func (b *Bookings) Look(ctx context.Context, token string) (*AppointmentView, error) {
	row, ap, err := b.ofToken(ctx, token, ToConfirm, ToChange, ToCancel, ToOffer)
	if err != nil {
		return nil, err
	}
	a, h, err := b.ofAgenda(ctx, ap.AgendaID)
	if err != nil {
		return nil, err
	}
	now := b.q.clock.Now()
	if ap.State == HeldSlot && ap.HoldUntil <= now {
		return nil, ErrNotFound
	}
	out := &AppointmentView{
		Appointment: ap, Purpose: row.Purpose, Where: h.Site.where(), When: whenText(ap.StartAt, h.Calendar.Zone, ap.Lang),
		Documents: a.Settings.Documents.own(ap.Lang), Lapses: ap.HoldUntil,
		MayChange: ap.State == BookedSlot && now < ap.StartAt.Add(-minutes(max(0, a.Settings.ChangeMin))),
	}
	if s := h.Service(ap.ServiceID); s != nil {
		out.Service = s.Names.In(ap.Lang)
	}
	return out, nil
}

// CalendarFile is the calendar file of the appointment that a change link is for.
func (b *Bookings) CalendarFile(ctx context.Context, token string) (name string, data []byte, err error) {
	_, ap, err := b.ofToken(ctx, token, ToChange)
	if err != nil {
		return "", nil, err
	}
	a, h, err := b.ofAgenda(ctx, ap.AgendaID)
	if err != nil {
		return "", nil, err
	}
	return calendarName(ap.Lang), b.entry(h, a, ap, b.q.clock.Now(), false).File(h.Calendar.Zone), nil
}

// AppointmentsOf are those of a person that lie ahead, soonest first, for the file
// beside a case. Who works at none of the site's counters does not see them, and
// those of a reserved office are seen by that office alone.
func (b *Bookings) AppointmentsOf(ctx context.Context, v inbox.Viewer, citizenID int64) ([]*Appointment, error) {
	var list []*Appointment
	err := b.q.db.Read.NewSelect().Model(&list).Where("ap.citizen_id IN (SELECT id FROM citizens WHERE root_id = (SELECT root_id FROM citizens WHERE id = ?)) AND ap.citizen_id > 0", citizenID).
		Where("ap.end_at > ? AND ap.state IN ('booked','arrived')", b.q.clock.Now()).OrderExpr("ap.start_at, ap.id").Limit(50).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("appointments of a person: %w", err)
	}
	out := list[:0]
	for _, ap := range list {
		h, err := b.q.House(ctx, ap.SiteID)
		if err != nil {
			return nil, err
		}
		veil, err := veilFor(ctx, b.q.db.Read, h, v)
		if err != nil {
			return nil, err
		}
		if seesSite(h, v) && !veil[ap.ServiceID] {
			out = append(out, ap)
		}
	}
	return out, nil
}
