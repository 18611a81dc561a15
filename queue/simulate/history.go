package simulate

import (
	"maps"
	"slices"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
)

// FromEvents makes a day again from what happened on it: who came when and for
// what, how long each service took, who left. The counters are given with the hours
// in which they were open in fact; their gaps are read from the events. What nobody
// knows is taken as is usual that day: the service of who was never served lasts
// the median of its kind, and who was not there at the call left just before it.
func FromEvents(start clock.Instant, events []estimate.Event, counters []Counter) Day {
	h := history{
		places: map[int64]int{}, from: map[int64]clock.Instant{}, calls: map[int64]estimate.Event{},
		ends: map[int64]clock.Instant{}, took: map[int64][]time.Duration{}, gaps: map[int64][]time.Duration{},
	}
	for _, e := range events {
		h.take(e)
	}
	d := Day{Start: start, Visits: h.visits}
	for i := range d.Visits {
		h.complete(&d.Visits[i])
	}
	for _, c := range counters {
		c.Gaps = h.gaps[c.ID]
		d.Counters = append(d.Counters, c)
	}
	return d
}

// history reads the events of a day.
type history struct {
	visits []Visit
	places map[int64]int             // ticket → index in visits
	from   map[int64]clock.Instant   // from when a ticket can be called
	calls  map[int64]estimate.Event  // by counter, who is there
	ends   map[int64]clock.Instant   // by counter, when it became free
	took   map[int64][]time.Duration // by service
	gaps   map[int64][]time.Duration // by counter
}

func (h *history) take(e estimate.Event) {
	i, known := h.places[e.Ticket]
	switch e.Kind {
	case estimate.Issued, estimate.PutBack, estimate.Moved:
		h.from[e.Ticket] = max(e.At, e.From)
	}
	switch e.Kind {
	case estimate.Issued:
		h.places[e.Ticket] = len(h.visits)
		h.visits = append(h.visits, Visit{ID: e.Ticket, Class: e.Class, Arrived: e.At, Slot: e.Slot, Legs: []Leg{{Service: e.Service}}})
	case estimate.Missed:
		h.visits = append(h.visits, Visit{ID: e.Ticket, Class: e.Class, Slot: e.Slot, Legs: []Leg{{Service: e.Service}}})
	case estimate.Called:
		// Only while somebody could be called is it a gap; else there was nothing to do.
		if end, ok := h.ends[e.Counter]; ok && known && h.from[e.Ticket] <= end {
			h.gaps[e.Counter] = append(h.gaps[e.Counter], e.At.Sub(end))
		}
		h.calls[e.Counter] = e
	case estimate.Finished, estimate.NoShow, estimate.PutBack, estimate.HeldUp:
		if c := h.calls[e.Counter]; known && c.Ticket == e.Ticket {
			h.done(&h.visits[i], c, e)
		}
		delete(h.calls, e.Counter)
		h.ends[e.Counter] = e.At
	case estimate.Moved:
		if known {
			h.visits[i].Legs = append(h.visits[i].Legs, Leg{Service: e.Service})
		}
	case estimate.Left:
		if known {
			h.visits[i].Patience = max(e.At.Sub(h.visits[i].Arrived), time.Microsecond)
		}
	case estimate.Paused, estimate.Closed:
		delete(h.ends, e.Counter)
	}
}

// done reads what a counter did from the call to the end.
func (h *history) done(v *Visit, call, end estimate.Event) {
	took := end.At.Sub(call.At)
	leg := &v.Legs[len(v.Legs)-1]
	switch end.Kind {
	case estimate.Finished:
		leg.Work += took
		h.took[leg.Service] = append(h.took[leg.Service], took)
	case estimate.HeldUp: // the rest follows when they come back
		leg.Work += took
	case estimate.NoShow:
		v.Patience, v.Silent = max(call.At.Sub(v.Arrived), time.Microsecond), true
	case estimate.PutBack:
		v.Away = max(end.From.Sub(end.At), 0)
	}
}

// complete gives legs that were never done the median of their service.
func (h *history) complete(v *Visit) {
	for i := range v.Legs {
		if l := &v.Legs[i]; l.Work == 0 {
			l.Work = h.usual(l.Service)
		}
	}
}

func (h *history) usual(service int64) time.Duration {
	took := h.took[service]
	if len(took) == 0 {
		for _, id := range slices.Sorted(maps.Keys(h.took)) {
			took = append(took, h.took[id]...)
		}
	}
	if len(took) == 0 {
		return 10 * time.Minute
	}
	return slices.Sorted(slices.Values(took))[len(took)/2]
}
