package queue

import (
	"context"

	"filodiretto/inbox"
)

// PublishedDay is what an agenda offers on a day, before anybody books.
type PublishedDay struct {
	Day    Day
	Hours  Ranges
	Slots  int
	Places int
	Public int    // of the places, how many citizens may take
	Why    string // there are none: "holiday", "shut" (the site's day or hours), "no_hours" (the agenda's); or citizens do not see them: "too_far"
	Reason string // of the site's day, in words
}

// mostPublished is how many days a preview is about.
const mostPublished = 62

// Published tells what an agenda would offer from a day on, as it is given: saved or
// not, so that a form shows what it means before it changes anything. ErrNotFound for
// who sets nothing up; *inbox.InvalidError names what is wrong with the agenda.
func (b *Bookings) Published(ctx context.Context, v inbox.Viewer, a Agenda, from Day, days int) ([]PublishedDay, error) {
	if err := setsUp(v); err != nil {
		return nil, err
	}
	h, err := b.q.House(ctx, a.SiteID)
	if err != nil {
		return nil, err
	}
	if err := a.check(h); err != nil {
		return nil, err
	}
	special, err := b.q.SpecialDays(ctx, a.SiteID, from)
	if err != nil {
		return nil, err
	}
	reasons := map[Day]string{}
	for _, d := range special {
		reasons[d.Day] = d.Reason
	}
	last := h.Today(b.q.clock.Now()).Add(a.HorizonDays)
	var out []PublishedDay
	for d := from; d < from.Add(min(days, mostPublished)); d = d.Add(1) {
		p := PublishedDay{Day: d, Hours: a.ranges(h, d), Reason: reasons[d]}
		p.Slots = len(a.Times(h, d))
		p.Places, p.Public = p.Slots*a.Capacity, p.Slots*a.Public
		switch {
		case p.Slots == 0:
			p.Why = a.whyNone(h, d)
		case d > last:
			p.Why = "too_far"
		}
		out = append(out, p)
	}
	return out, nil
}

// whyNone tells why an agenda has no slots on a day.
func (a *Agenda) whyNone(h *House, d Day) string {
	special, differs := h.Calendar.Days[d]
	switch {
	case differs && len(special) == 0:
		return "shut"
	case !differs && Holiday(d, h.Calendar.Patron):
		return "holiday"
	case len(a.Hours) > 0:
		return "no_hours"
	}
	return "shut"
}
