package reports

import (
	"context"
	"fmt"
	"slices"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"filodiretto/queue/simulate"
)

// Played are days of a site as they can be played again: the people who came, with
// what they needed and how long that took, and the counters with the hours in which
// they were open in fact (queue reference 4.5, 5 point 10).
type Played struct {
	House *queue.House
	Names []queue.Day
	Days  []simulate.Day
	Real  Spread // the waits of those days as they were, to hold the play against
}

// mostPlayed is how many days are played again at once.
const mostPlayed = 20

// Days reads days of a site from the events. Days on which nobody came are left out.
func (r *Reports) Days(ctx context.Context, site int64, days []queue.Day) (*Played, error) {
	if len(days) > mostPlayed {
		return nil, invalid("days", "too_many")
	}
	h, err := r.queue.House(ctx, site)
	if err != nil {
		return nil, err
	}
	out := &Played{House: h}
	for _, day := range days {
		events, err := readDay(ctx, r.db.Read, day, r.zone)
		if err != nil {
			return nil, err
		}
		events = ofSite(events, site)
		d := dayOf(h, day, r.zone, standing(events))
		if len(d.Visits) == 0 {
			continue
		}
		out.Names, out.Days = append(out.Names, day), append(out.Days, d)
		for _, facts := range Fold(site, day, r.zone, events).Services {
			for _, f := range facts {
				if f.First && f.Wait >= 0 {
					out.Real.add(f.Wait)
				}
			}
		}
	}
	out.Real.sort()
	return out, nil
}

// Typical are the newest days of a site on which somebody came, before a day and at
// most n of them: of one weekday (1 Monday to 7), or of any with 0.
func (r *Reports) Typical(ctx context.Context, site int64, before queue.Day, weekday, n int) ([]queue.Day, error) {
	var days []queue.Day
	err := r.db.Read.NewRaw("SELECT day FROM report_days WHERE site_id = ? AND day < ? GROUP BY day HAVING sum(visits) >= 10 ORDER BY day DESC LIMIT 200", site, before).Scan(ctx, &days)
	if err != nil {
		return nil, fmt.Errorf("look for typical days: %w", err)
	}
	days = slices.DeleteFunc(days, func(d queue.Day) bool { return weekday != 0 && d.Weekday() != weekday })
	return days[:min(n, len(days))], nil
}

// dayOf makes a day again from its events.
func dayOf(h *queue.House, day queue.Day, zone *time.Location, events []Event) simulate.Day {
	p := &replayed{h: h, open: map[int64]clock.Instant{}, spans: map[int64][]estimate.Span{}, classes: map[int64]order.Class{}}
	for _, e := range events {
		p.take(e)
	}
	for id := range p.open {
		p.shut(id, p.last)
	}
	var counters []simulate.Counter
	for _, c := range h.Counters {
		if len(p.spans[c.ID]) > 0 {
			counters = append(counters, simulate.Counter{Counter: h.Order(c.ID), Open: p.spans[c.ID]})
		}
	}
	return simulate.FromEvents(day.Start(zone), p.out, counters)
}

// replayed reads the events of the queue as those that the simulator knows.
type replayed struct {
	h       *queue.House
	open    map[int64]clock.Instant
	spans   map[int64][]estimate.Span
	classes map[int64]order.Class
	moved   []estimate.Event // services with which visits go on once the present one has ended
	out     []estimate.Event
	last    clock.Instant
}

func (p *replayed) take(e Event) {
	p.last = max(p.last, e.At)
	x := estimate.Event{At: e.At, Ticket: e.Ticket, Counter: e.Counter, Service: e.Service, Class: p.classes[e.Ticket]}
	switch e.Kind {
	case "counter.opened", "counter.resumed":
		if _, open := p.open[e.Counter]; !open {
			p.open[e.Counter] = e.At
		}
	case "counter.paused", "counter.left":
		p.shut(e.Counter, e.At)
		p.add(x, estimate.Paused)
	case "ticket.issued":
		if e.State == queue.Waiting {
			p.issue(e, x)
		}
	case "ticket.called", "ticket.resumed":
		p.add(x, estimate.Called)
	case "ticket.held":
		p.add(x, estimate.HeldUp)
	case "ticket.put_back":
		x.From = max(e.Until, e.At)
		p.add(x, estimate.PutBack)
	case "ticket.no_show":
		p.add(x, estimate.NoShow)
	case "ticket.left":
		p.add(x, estimate.Left)
	case "ticket.next":
		p.moved = append(p.moved, x)
	case "ticket.done", "ticket.to_office":
		p.add(x, estimate.Finished)
		p.goOn()
	case "ticket.transferred":
		p.add(x, estimate.Finished)
		x.Service, x.Counter = e.To, 0
		p.add(x, estimate.Moved)
	}
}

func (p *replayed) add(x estimate.Event, kind estimate.Kind) {
	x.Kind = kind
	p.out = append(p.out, x)
}

// goOn tells of the services that follow, after the end of the one before them.
func (p *replayed) goOn() {
	for _, x := range p.moved {
		x.Counter = 0
		p.add(x, estimate.Moved)
	}
	p.moved = p.moved[:0]
}

func (p *replayed) issue(e Event, x estimate.Event) {
	x.Class, x.Slot = order.WalkIn, e.SlotAt
	if c := p.h.Class(e.Class); c != nil {
		x.Class = c.Key
	}
	if e.Arrived != 0 {
		x.At = e.Arrived
	}
	p.classes[e.Ticket] = x.Class
	x.From = p.h.Policy.From(order.Waiting{Arrived: x.At, Slot: x.Slot, Class: x.Class})
	p.add(x, estimate.Issued)
}

func (p *replayed) shut(counter int64, at clock.Instant) {
	if from, open := p.open[counter]; open {
		if at > from {
			p.spans[counter] = append(p.spans[counter], estimate.Span{From: from, To: at})
		}
		delete(p.open, counter)
	}
}
