package queue

import (
	"cmp"
	"slices"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// snapshot is the room as the estimator takes it, and who asks beyond those who wait:
// whoever would come now, for each service and class of the kiosk, and whoever has a
// number and is not here yet.
func (p *seen) snapshot() (estimate.Snapshot, []estimate.Ask) {
	s := estimate.Snapshot{At: p.now, Policy: p.h.Policy, Booked: p.booked}
	if c := p.h.Calendar.Closing(p.h.Today(p.now)); c > p.now {
		s.Closes = c
	}
	var asks []estimate.Ask
	at := map[int64]*seenStep{} // by counter
	for i := range p.steps {
		step := &p.steps[i]
		w := p.h.Waits(step.Step)
		switch {
		case step.State.atCounter():
			at[step.CounterID] = step
		case step.State == Held:
			w.Counter = step.CounterID
			s.Held = append(s.Held, estimate.Held{Waiting: w, Since: p.since[step.ID]})
		case step.Away():
			asks = append(asks, estimate.Ask{Service: w.Service, Class: w.Class, As: &w})
		default:
			s.Waiting = append(s.Waiting, w)
		}
	}
	for i := range p.sittings {
		s.Counters = append(s.Counters, p.counter(&p.sittings[i], at[p.sittings[i].CounterID], s.Closes))
	}
	for _, sv := range p.h.Services {
		for _, c := range p.h.Classes {
			if sv.EndedAt == 0 && (c.Kiosk || c.Key == order.WalkIn) {
				asks = append(asks, estimate.Ask{Service: sv.ID, Class: c.Key})
			}
		}
	}
	return s, asks
}

// counter is a counter at which somebody sits.
func (p *seen) counter(st *Sitting, busy *seenStep, closes clock.Instant) estimate.Counter {
	c := estimate.Counter{Counter: p.h.Order(st.CounterID), Open: p.h.declared(st, p.now, closes)}
	c.ID = st.CounterID
	switch {
	case st.PauseAt != 0 && st.PauseUntil == 0:
		c.PausedSince = st.PauseAt
	case st.PauseAt != 0 && st.PauseUntil <= p.now:
		c.PausedSince = st.PauseUntil // it should be over: nobody has said how long it still lasts
	}
	if busy != nil {
		c.Serving = &estimate.Serving{Ticket: busy.TicketID, Service: busy.ServiceID, Since: p.since[busy.ID]}
		return c
	}
	c.FreeSince = max(st.FromAt, p.free[st.CounterID])
	return c
}

// declared is when a counter at which somebody sits will call people: now, and as its
// shifts say, or the hours of the site when it has none; not in a break that has an
// end, not after the operator has said to leave. closes is when the site shuts today,
// 0 when it has: who still sits there then calls those who still wait.
func (h *House) declared(st *Sitting, now, closes clock.Instant) []estimate.Span {
	out := h.planned(st.CounterID, h.Today(now))
	if !slices.ContainsFunc(out, func(s estimate.Span) bool { return s.From <= now && now < s.To }) {
		until, open := h.Calendar.Open(now)
		if !open {
			until = cmp.Or(closes, now.Add(minutes(h.Set.EndMin)))
		}
		out = append(out, estimate.Span{From: now, To: until})
	}
	slices.SortFunc(out, func(a, b estimate.Span) int { return cmp.Compare(a.From, b.From) })
	begins, ends := now, clock.Instant(0)
	if st.PauseAt != 0 {
		begins = max(now, st.PauseUntil)
	}
	if st.UntilAt > now {
		ends = st.UntilAt
	}
	kept := out[:0]
	for _, s := range out {
		s.From = max(s.From, begins)
		if ends != 0 {
			s.To = min(s.To, ends)
		}
		if s.From < s.To {
			kept = append(kept, s)
		}
	}
	return kept
}

// planned are the shifts of a counter on a day without its breaks, or the hours of
// the site for a counter without shifts.
func (h *House) planned(counterID int64, d Day) []estimate.Span {
	var out []estimate.Span
	shifts := h.Shifts[counterID]
	if len(shifts) == 0 {
		for _, s := range h.Calendar.Spans(d) {
			out = append(out, estimate.Span(s))
		}
		return out
	}
	var breaks []estimate.Span
	for _, x := range shifts {
		if x.Weekday != d.Weekday() {
			continue
		}
		s := estimate.Span{From: d.At(x.FromMin, h.Calendar.Zone), To: d.AtLast(x.ToMin, h.Calendar.Zone)}
		if x.Kind == "break" {
			breaks = append(breaks, s)
		} else {
			out = append(out, s)
		}
	}
	for _, b := range breaks {
		var parts []estimate.Span
		for _, s := range out {
			if b.From > s.From {
				parts = append(parts, estimate.Span{From: s.From, To: min(s.To, b.From)})
			}
			if b.To < s.To {
				parts = append(parts, estimate.Span{From: max(s.From, b.To), To: s.To})
			}
		}
		out = slices.DeleteFunc(parts, func(s estimate.Span) bool { return s.From >= s.To })
	}
	return out
}
