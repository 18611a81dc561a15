package queue

import (
	"context"
	"fmt"

	"filodiretto/inbox"
)

// AppointmentCount is how the appointments of a service on a day went.
type AppointmentCount struct {
	Day       Day
	AgendaID  int64
	ServiceID int64
	Booked    int // all that had been firm, whatever became of them
	Came      int // checked in
	Missed    int // did not come
	ByCitizen int // cancelled by the citizen
	ByStaff   int
	Late      int // of those who came, after the window
	Open      int // still ahead, or today
}

// NoShow is the share of those who did not come among those who were expected,
// between 0 and 1; -1 when nobody was.
func (c AppointmentCount) NoShow() float64 {
	if c.Came+c.Missed == 0 {
		return -1
	}
	return float64(c.Missed) / float64(c.Came+c.Missed)
}

// AppointmentCounts tells how appointments went, by day, agenda and service, from
// one day to another, both included. ErrNotFound for those who do not see the site.
func (b *Bookings) AppointmentCounts(ctx context.Context, v inbox.Viewer, siteID int64, from, to Day) ([]AppointmentCount, error) {
	h, err := b.q.House(ctx, siteID)
	if err != nil {
		return nil, err
	}
	if !seesSite(h, v) {
		return nil, ErrNotFound
	}
	var rows []struct {
		Appointment  `bun:",extend"`
		TicketIssued int64
	}
	err = b.q.db.Read.NewRaw(`SELECT ap.agenda_id, ap.service_id, ap.start_at, ap.state, ap.outcome, ap.booked_at, ap.ticket_id, COALESCE(t.issued_at, 0) AS ticket_issued
		FROM appointments AS ap LEFT JOIN tickets AS t ON t.id = ap.ticket_id AND ap.ticket_id > 0
		WHERE ap.site_id = ? AND ap.start_at >= ? AND ap.start_at < ? AND ap.booked_at > 0 ORDER BY ap.start_at, ap.agenda_id, ap.service_id`,
		siteID, from.Start(h.Calendar.Zone), to.End(h.Calendar.Zone)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count appointments: %w", err)
	}
	type key struct {
		day             Day
		agenda, service int64
	}
	index := map[key]int{}
	var out []AppointmentCount
	for _, r := range rows {
		k := key{h.Today(r.StartAt), r.AgendaID, r.ServiceID}
		i, ok := index[k]
		if !ok {
			i = len(out)
			index[k] = i
			out = append(out, AppointmentCount{Day: k.day, AgendaID: k.agenda, ServiceID: k.service})
		}
		out[i].add(&r.Appointment, r.TicketIssued != 0 && r.TicketIssued > int64(r.StartAt.Add(h.Policy.Late)))
	}
	return out, nil
}

func (c *AppointmentCount) add(ap *Appointment, late bool) {
	c.Booked++
	switch {
	case ap.State == AppointmentCancel && ap.Outcome == "staff":
		c.ByStaff++
	case ap.State == AppointmentCancel:
		c.ByCitizen++
	case ap.State == AppointmentMissed:
		c.Missed++
	case ap.State == Arrived || ap.State == AppointmentDone:
		c.Came++
	default:
		c.Open++
	}
	if late && (ap.State == Arrived || ap.State == AppointmentDone) {
		c.Late++
	}
}
