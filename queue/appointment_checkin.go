package queue

import (
	"context"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue/order"
)

// CheckedIn is an appointment whose person is here, with the ticket that they are
// called by.
type CheckedIn struct {
	Issued
	Appointment *Appointment
	// Early and Late say that they came outside the window: who is early is called
	// no sooner than the window begins, who is late has the place of who comes now
	// (queue 4.5, guards).
	Early, Late bool
}

// CheckIn is check-in by staff. One of a reserved office is not found by others:
// they check it in by its code.
func (b *Bookings) CheckIn(ctx context.Context, v inbox.Viewer, id int64) (*CheckedIn, error) {
	ap, err := findAppointment(ctx, b.q.db.Read, id)
	if err != nil {
		return nil, err
	}
	a, err := b.Agenda(ctx, ap.AgendaID)
	if err != nil {
		return nil, err
	}
	h, err := b.q.House(ctx, ap.SiteID)
	if err != nil {
		return nil, err
	}
	veil, err := veilFor(ctx, b.q.db.Read, h, v)
	if err != nil {
		return nil, err
	}
	if veil[ap.ServiceID] {
		return nil, ErrNotFound
	}
	return b.checkIn(ctx, ap, arriving{by: by(v), may: func(h *House) bool { return worksAgenda(h, a, v) }})
}

// CheckInByCode is check-in by whoever works the site's queue with the code that
// the person shows, of whatever office: who has the code came with it. What is
// veiled stays so.
func (b *Bookings) CheckInByCode(ctx context.Context, v inbox.Viewer, siteID int64, code string) (*CheckedIn, error) {
	ap, err := b.byCode(ctx, siteID, code)
	if err != nil {
		return nil, err
	}
	out, err := b.checkIn(ctx, ap, arriving{by: by(v), may: func(h *House) bool { return worksSite(h, v) }})
	if err != nil {
		return nil, err
	}
	h, err := b.q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	veil, err := veilFor(ctx, b.q.db.Read, h, v)
	if err != nil {
		return nil, err
	}
	out.Appointment = veil.over(out.Appointment)
	return out, nil
}

// CheckInAtKiosk is check-in with the code that the person was sent. A code that
// no appointment of the site has today, or had before, is ErrNotFound.
func (b *Bookings) CheckInAtKiosk(ctx context.Context, d *Device, code string) (*CheckedIn, error) {
	if err := d.may("kiosk"); err != nil {
		return nil, err
	}
	ap, err := b.byCode(ctx, d.SiteID, code)
	if err != nil {
		return nil, err
	}
	return b.checkIn(ctx, ap, arriving{by: actor{kind: "citizen"}, device: d.ID})
}

// CheckInByPhone is check-in with the page of the appointment, by the code that the
// display in the room shows: the proof that the person is in it.
func (b *Bookings) CheckInByPhone(ctx context.Context, token, shown string) (*CheckedIn, error) {
	_, ap, err := b.ofToken(ctx, token, ToChange)
	if err != nil {
		return nil, err
	}
	if shown == "" {
		return nil, refuse(WrongCode)
	}
	if err := b.countTry(ctx, ap.ID); err != nil {
		return nil, err
	}
	return b.checkIn(ctx, ap, arriving{by: actor{kind: "citizen"}, shown: shown})
}

// mostCodeTries is how often somebody may type the code of presence for one
// appointment in a day: it is short, and guessing it from home must not pay.
const mostCodeTries = 10

func (b *Bookings) countTry(ctx context.Context, id int64) error {
	return b.q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := countUp(ctx, tx, fmt.Sprint("code:", id), DayOf(tx.Now, b.q.zone))
		if err == nil && n > mostCodeTries {
			return refuse(TooManyTries)
		}
		return err
	})
}

// byCode finds the appointment with a code. Spaces, dashes and small letters are
// forgiven.
func (b *Bookings) byCode(ctx context.Context, siteID int64, code string) (*Appointment, error) {
	code = plainCode(code)
	if len(code) != kioskCode {
		return nil, ErrNotFound
	}
	ap := new(Appointment)
	err := b.q.db.Read.NewSelect().Model(ap).Where("ap.site_id = ? AND ap.code = ? AND ap.code <> '' AND ap.state IN ('booked','arrived','no_show')", siteID, code).
		OrderExpr("ap.start_at DESC").Limit(1).Scan(ctx)
	return ap, notFound(err)
}

// arriving is who checks in and how.
type arriving struct {
	by     actor
	device int64
	shown  string
	may    func(*House) bool
}

// checkIn makes a ticket of an appointment. It is done among the commands of the
// site's queue. The ticket's key is the appointment's, so that a second check-in,
// wherever, gives the same ticket.
func (b *Bookings) checkIn(ctx context.Context, ap *Appointment, who arriving) (*CheckedIn, error) {
	key := fmt.Sprintf("appointment:%d", ap.ID)
	var out *CheckedIn
	err := b.q.at(ctx, ap.SiteID, want{issued: []string{key}}, func(ctx context.Context, r *room) error {
		if who.may != nil && !who.may(r.h) {
			return ErrNotFound
		}
		now, err := findAppointment(ctx, r.tx, ap.ID)
		if err != nil {
			return err
		}
		out, err = b.arrive(ctx, r, now, who, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (b *Bookings) arrive(ctx context.Context, r *room, ap *Appointment, who arriving, key string) (*CheckedIn, error) {
	out := &CheckedIn{Appointment: ap}
	if err := r.loadIssued(ctx, []string{key}); err != nil {
		return nil, err
	}
	if t := r.issued[key]; t != nil {
		again, err := r.issuedBefore(ctx, t)
		if err != nil {
			return nil, err
		}
		out.Issued = *again
		return out, nil
	}
	switch {
	case ap.State != BookedSlot && ap.State != AppointmentMissed:
		return nil, refuse(NotBooked)
	case r.h.Today(ap.StartAt) != r.today:
		return nil, refuse(WrongDay)
	}
	n, err := b.ticketFor(r.h, ap, who)
	if err != nil {
		return nil, err
	}
	if err := r.mayIssue(ctx, &n); err != nil {
		return nil, err
	}
	number, err := r.number(ctx, numberKey{r.h.Group(r.h.Service(n.ServiceID).GroupID).Series, r.today, 0})
	if err != nil {
		return nil, err
	}
	was := ap.Version
	issued, err := r.give(ctx, giving{
		NewTicket: n, by: who.by, device: who.device, key: key, day: r.today, number: number, at: r.now, slot: ap.StartAt, appointment: ap.ID,
	})
	if err != nil {
		return nil, err
	}
	out.Issued = *issued
	out.Early, out.Late = r.now < ap.StartAt.Add(-r.h.Policy.Early), r.now > ap.StartAt.Add(r.h.Policy.Late)
	ap.State, ap.TicketID, ap.RemindAt, ap.EndedAt, ap.Outcome, ap.Version = Arrived, issued.Ticket.ID, 0, 0, "", was+1
	return out, b.storeArrival(ctx, r, ap, who, out.Late)
}

// ticketFor is what the ticket of an appointment is asked for with. Neither the
// hour nor a full room speaks against somebody who has an appointment.
func (b *Bookings) ticketFor(h *House, ap *Appointment, who arriving) (NewTicket, error) {
	class := h.ClassOf(order.Appointment)
	if own := h.Class(ap.ClassID); own != nil {
		class = own
	}
	if class == nil {
		return NewTicket{}, invalid("class", "unknown")
	}
	n := NewTicket{
		SiteID: ap.SiteID, ServiceID: ap.ServiceID, Class: class.Key, Lang: ap.Lang, Procedure: ap.Procedure, CitizenID: ap.CitizenID,
		IdentityID: ap.IdentityID, AccountID: ap.AccountID, CaseID: ap.CaseID, Origin: ForAppointment, Code: who.shown, Anyway: true,
	}
	if s := h.Service(ap.ServiceID); s != nil && n.Procedure != "" && !s.has(n.Procedure) {
		n.Procedure = "" // it was taken off the service since
	}
	return n, nil
}

func (b *Bookings) storeArrival(ctx context.Context, r *room, ap *Appointment, who arriving, late bool) error {
	res, err := r.tx.NewRaw(`UPDATE appointments SET state = 'arrived', ticket_id = ?, remind_at = 0, ended_at = 0, outcome = '', version = ?
		WHERE id = ? AND version = ? AND state IN ('booked','no_show')`, ap.TicketID, ap.Version, ap.ID, ap.Version-1).Exec(ctx)
	if err != nil {
		return fmt.Errorf("check in: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return orError(err, ErrChanged)
	}
	data := map[string]any{"site": ap.SiteID, "agenda": ap.AgendaID, "service": ap.ServiceID, "appointment": ap.ID, "ticket": ap.TicketID, "start": ap.StartAt, "late": late}
	e := inbox.NewEvent(r.tx, b.q.clock, "appointment.arrived", data)
	e.At, e.Actor, e.OperatorID, e.CitizenID, e.CaseID = r.now, who.by.kind, who.by.operator, ap.CitizenID, ap.CaseID
	if s := r.h.Service(ap.ServiceID); s != nil {
		e.OfficeID = s.OfficeID
	}
	return inbox.AppendEvents(ctx, r.tx, e)
}

// EndAppointments ends those whose day is over, or whose ticket is: who was served
// has come, who never checked in, or did not come when called, has not. It returns
// how many did not come. It is a chore for every few minutes; on the day itself
// somebody who is late may still check in.
func (b *Bookings) EndAppointments(ctx context.Context) (missed int, err error) {
	now := b.q.clock.Now()
	var due []struct {
		ID, AgendaID, SiteID int64
		StartAt              clock.Instant
		Ended                clock.Instant
		TicketOutcome        string
	}
	err = b.q.db.Read.NewRaw(`SELECT ap.id, ap.agenda_id, ap.site_id, ap.start_at, COALESCE(t.ended_at, 0) AS ended, COALESCE(t.outcome, '') AS ticket_outcome
		FROM appointments AS ap LEFT JOIN tickets AS t ON t.id = ap.ticket_id AND ap.ticket_id > 0
		WHERE ap.state IN ('booked','arrived') AND ap.end_at <= ? AND (ap.state = 'booked' OR t.ended_at > 0) ORDER BY ap.end_at, ap.id LIMIT 1000`, now).Scan(ctx, &due)
	if err != nil {
		return 0, fmt.Errorf("end appointments: %w", err)
	}
	for _, x := range due {
		err := b.in(ctx, system, x.AgendaID, func(ctx context.Context, k *booking) error {
			if err := k.lock(ctx, x.StartAt); err != nil {
				return err
			}
			ap, err := k.find(ctx, x.ID)
			if err != nil {
				return err
			}
			if k.end(ap, x.Ended, x.TicketOutcome) {
				if ap.State == AppointmentMissed {
					missed++
				}
				return k.save(ctx, ap)
			}
			return nil
		})
		if err != nil && notFound(err) != ErrNotFound && err != ErrChanged {
			return missed, fmt.Errorf("end appointments: %w", err)
		}
	}
	return missed, nil
}

// end decides what became of an appointment; false while that is open.
func (k *booking) end(ap *Appointment, ticketEnded clock.Instant, outcome string) bool {
	day := k.h.Today(ap.StartAt)
	over := k.h.Today(k.now) > day || k.h.Calendar.Closing(day) != 0 && k.now >= k.h.Calendar.Closing(day).Add(minutes(k.h.Set.EndMin))
	kind := "appointment.done"
	switch {
	case ap.State == Arrived && ticketEnded != 0:
		if ap.State = AppointmentDone; outcome == "no_show" {
			ap.State, kind = AppointmentMissed, "appointment.no_show"
		}
	case ap.State == BookedSlot && over:
		ap.State, kind, outcome = AppointmentMissed, "appointment.no_show", "not_here"
	default:
		return false
	}
	ap.Outcome, ap.EndedAt, ap.RemindAt = outcome, k.now, 0
	k.eventBy(automation, kind, ap, map[string]any{"ticket": ap.TicketID}) // 0 for who never came
	return true
}
