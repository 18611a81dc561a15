package estimate

import (
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// today is what is under way: who waits since when, what each counter does. It is
// what turns events into durations, and is forgotten with the day.
type today struct {
	Midnight clock.Instant             `json:"midnight"`
	Waiting  map[int64]clock.Instant   `json:"waiting"`  // ticket → since when it can be called
	Held     map[int64]clock.Instant   `json:"held"`     // ticket → since when it is on hold
	Issued   map[int64]clock.Instant   `json:"issued"`   // ticket → when it was issued, until the first call
	Counters map[int64]*activity       `json:"counters"` // by counter
	Recent   map[order.Class][]float64 `json:"recent"`   // the last waits of a class, in minutes
}

// activity is what a counter does.
type activity struct {
	Ticket  int64         `json:"ticket,omitempty"`
	Service int64         `json:"service,omitempty"`
	Since   clock.Instant `json:"since,omitempty"`  // the call
	Free    clock.Instant `json:"free,omitempty"`   // 0 when what passes is no gap
	Paused  clock.Instant `json:"paused,omitempty"` // an undeclared pause
	Break   bool          `json:"break,omitempty"`  // a declared one begins after who is there
}

const recent = 10 // how many waits the moving mean has

func newToday(midnight clock.Instant) today {
	return today{
		Midnight: midnight, Waiting: map[int64]clock.Instant{}, Held: map[int64]clock.Instant{}, Issued: map[int64]clock.Instant{},
		Counters: map[int64]*activity{}, Recent: map[order.Class][]float64{},
	}
}

// Observe learns from an event. Events must come in order of time; what does not
// fit (a call of nobody, an end without a beginning) is let pass, since a stream
// may begin in the middle of a day.
func (e *Estimator) Observe(ev Event) {
	hr, midnight := hour(ev.At, e.zone)
	if midnight > e.state.Today.Midnight {
		e.newDay(midnight)
	}
	t, k, half := &e.state.Today, &e.state.Know, e.set.HalfLife
	switch ev.Kind {
	case Issued:
		arrived := ev.At
		if ev.Arrived != 0 && ev.Arrived < ev.At {
			arrived = ev.Arrived
			hr, _ = hour(arrived, e.zone)
		}
		t.Waiting[ev.Ticket], t.Issued[ev.Ticket] = max(arrived, ev.From), arrived
		if ev.Slot == 0 {
			k.Arrivals.count(ev.Service, ev.Class, int(hr*2))
		} else {
			k.Shows.add(ev.At, 1, 1, half)
			k.Late.add(ev.At, order.Minutes(ev.At.Sub(ev.Slot)), half)
		}
	case Missed:
		k.Shows.add(ev.At, 0, 1, half)
	case Left:
		if since, ok := t.Waiting[ev.Ticket]; ok {
			k.Told.add(ev.At, 1, max(0, order.Minutes(ev.At.Sub(since))), half)
		}
		t.forget(ev.Ticket)
	case Dropped:
		t.forget(ev.Ticket)
	case Moved:
		t.Waiting[ev.Ticket] = max(ev.At, ev.From)
		delete(t.Held, ev.Ticket)
	case Called:
		e.called(ev)
	case Finished, NoShow, PutBack, HeldUp:
		e.done(ev)
	case Paused, Resumed, Closed:
		e.counter(ev)
	}
}

// called ends a wait and the gap of a counter. Only a gap in which somebody was
// waiting is one; else the counter had nothing to do.
func (e *Estimator) called(ev Event) {
	t, k, half := &e.state.Today, &e.state.Know, e.set.HalfLife
	a := t.at(ev.Counter)
	since, known := t.Waiting[ev.Ticket]
	switch {
	case !known || a.Free == 0:
	case since <= a.Free:
		if gap := order.Minutes(ev.At.Sub(a.Free)); gap <= 60 {
			k.Gaps.add(gap)
		}
	case since <= ev.At && ev.At.Sub(since) <= 10*time.Minute:
		k.React.add(ev.At, order.Minutes(ev.At.Sub(since)), half)
	}
	if issued, ok := t.Issued[ev.Ticket]; ok {
		wait := order.Minutes(ev.At.Sub(issued))
		k.Waits++
		k.Told.add(ev.At, 0, wait, half)
		k.Silent.add(ev.At, 0, wait, half)
		r := append(t.Recent[ev.Class], wait)
		t.Recent[ev.Class] = r[max(0, len(r)-recent):]
	}
	if held, ok := t.Held[ev.Ticket]; ok {
		k.Holds.add(ev.At, order.Minutes(ev.At.Sub(held)), half)
	}
	delete(t.Held, ev.Ticket)
	delete(t.Waiting, ev.Ticket)
	delete(t.Issued, ev.Ticket)
	*a = activity{Ticket: ev.Ticket, Service: ev.Service, Since: ev.At}
}

// done ends what a counter did with a person.
func (e *Estimator) done(ev Event) {
	t, k, half := &e.state.Today, &e.state.Know, e.set.HalfLife
	a := t.at(ev.Counter)
	if a.Ticket == ev.Ticket && a.Since != 0 {
		took := order.Minutes(ev.At.Sub(a.Since))
		switch ev.Kind {
		case Finished:
			e.served(ev.At, a.Service, took)
		case NoShow:
			k.NoShows.add(ev.At, took, half)
			k.Silent.add(ev.At, 1, 0, half)
		case PutBack:
			k.NoShows.add(ev.At, took, half)
			t.Waiting[ev.Ticket] = max(ev.At, ev.From)
		case HeldUp:
			t.Held[ev.Ticket] = ev.At
		}
	}
	next := activity{Free: ev.At}
	if a.Paused != 0 { // it begins now that the person is gone
		next.Paused = ev.At
	}
	if a.Break {
		next.Free = 0
	}
	*a = next
}

func (e *Estimator) served(at clock.Instant, service int64, took float64) {
	k, half := &e.state.Know, e.set.HalfLife
	k.All.add(at, took, half)
	s := k.Services[service]
	if s == nil {
		s = &sums{}
		k.Services[service] = s
	}
	s.add(at, took, half)
	name, ok := e.set.Groups[service]
	if !ok {
		return
	}
	g := k.Groups[name]
	if g == nil {
		g = &sums{}
		k.Groups[name] = g
	}
	g.add(at, took, half)
}

// counter learns how long undeclared pauses last. An undeclared pause is part of
// the gap in which it falls; a declared one makes the gap no gap.
func (e *Estimator) counter(ev Event) {
	a := e.state.Today.at(ev.Counter)
	switch {
	case ev.Kind == Closed:
		*a = activity{}
	case ev.Kind == Paused && ev.Planned:
		a.Free, a.Paused, a.Break = 0, 0, true
	case ev.Kind == Paused && a.Paused == 0:
		a.Paused = ev.At
	case ev.Kind == Resumed && a.Paused != 0:
		e.state.Know.Pauses.add(ev.At, order.Minutes(ev.At.Sub(a.Paused)), e.set.HalfLife)
		a.Paused = 0
	}
	if ev.Kind == Resumed {
		a.Break = false
	}
}

// forget takes out somebody who waits no more.
func (t *today) forget(ticket int64) {
	delete(t.Waiting, ticket)
	delete(t.Issued, ticket)
	delete(t.Held, ticket)
}

func (t *today) at(counter int64) *activity {
	a := t.Counters[counter]
	if a == nil {
		a = &activity{}
		t.Counters[counter] = a
	}
	return a
}

// newDay lets yesterday become the past.
func (e *Estimator) newDay(midnight clock.Instant) {
	if was := e.state.Today.Midnight; was != 0 {
		elapsed := midnight.Sub(was).Hours() / 24
		e.state.Know.Arrivals.closeDay(midnight, weekday(was, e.zone), elapsed, e.set.HalfLife)
	}
	e.state.Today = newToday(midnight)
}

// hour is the local time of day in hours, and the day's midnight.
func hour(at clock.Instant, zone *time.Location) (float64, clock.Instant) {
	t := at.Time().In(zone)
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
	return float64(t.Hour()) + float64(t.Minute())/60 + float64(t.Second())/3600, clock.At(midnight)
}

func weekday(at clock.Instant, zone *time.Location) time.Weekday { return at.Time().In(zone).Weekday() }
