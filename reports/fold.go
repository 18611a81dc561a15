package reports

import (
	"cmp"
	"slices"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue"
)

// Fold makes the facts of a site's local day from its events, in the order in which
// they were made. It looks at nothing else: no clock, no row.
func Fold(site int64, day queue.Day, zone *time.Location, events []Event) *DayFacts {
	f := &folding{
		zone: zone, steps: map[int64]*step{}, visits: map[int64]*visit{}, counters: map[int64]clock.Instant{},
		out: &DayFacts{Site: site, Day: day, Services: map[int64][]Fact{}, Answers: map[int64][]int{}},
	}
	for _, e := range standing(events) {
		f.take(e)
	}
	f.end(day.End(zone))
	return f.out
}

type folding struct {
	zone     *time.Location
	steps    map[int64]*step
	visits   map[int64]*visit
	counters map[int64]clock.Instant // since when a counter is open
	last     clock.Instant
	out      *DayFacts
}

// visit is a ticket, with its services.
type visit struct {
	arrived clock.Instant
	ended   clock.Instant // when the last service ended
	void    bool          // its number was never printed
}

// step is a service of a visit under way.
type step struct {
	Fact
	visit   *visit
	service int64
	state   queue.State
	since   clock.Instant // of the present phase
	began   bool          // somebody waits or waited for it
}

func (f *folding) take(e Event) {
	f.last = max(f.last, e.At)
	switch e.Kind {
	case "counter.opened", "counter.resumed":
		if _, open := f.counters[e.Counter]; !open {
			f.counters[e.Counter] = e.At
		}
		return
	case "counter.paused", "counter.left":
		f.shut(e.Counter, e.At)
		return
	case "ticket.issued":
		f.issue(e)
		return
	case "ticket.answered":
		if e.Arrived != 0 {
			at := e.At
			if e.Until != 0 {
				at = e.Until
			}
			f.out.Answers[e.Service] = append(f.out.Answers[e.Service], seconds(e.Arrived, at))
		}
		return
	}
	if s := f.steps[e.Step]; s != nil {
		f.move(s, e)
	}
}

func (f *folding) issue(e Event) {
	v := f.visits[e.Ticket]
	if v == nil {
		v = &visit{arrived: e.At}
		if e.Arrived != 0 {
			v.arrived = e.Arrived
		}
		f.visits[e.Ticket] = v
	}
	s := f.begin(v, e.Step, e.Service, e.Slot)
	if e.State != queue.Booked {
		s.First = true
		f.wait(s, v.arrived)
	}
}

// begin makes a service of a visit, which may still have to begin.
func (f *folding) begin(v *visit, id, service int64, booked bool) *step {
	s := &step{visit: v, service: service, state: queue.Booked, Fact: Fact{Booked: booked, Wait: -1, Work: -1, Desk: -1, Stay: -1}}
	f.steps[id] = s
	return s
}

// wait is when somebody begins to wait for a service.
func (f *folding) wait(s *step, at clock.Instant) {
	s.state, s.since, s.began = queue.Waiting, at, true
	s.Band = queue.WallMinute(at, f.zone) / 30
}

func (f *folding) move(s *step, e Event) {
	switch e.Kind {
	case "ticket.called":
		if e.First {
			s.Wait = int(e.WaitMS / 1000)
		}
		f.phase(s, queue.Called, e.At)
	case "ticket.serving", "ticket.resumed":
		if !s.began { // a further service that goes on at the counter, without waiting
			f.wait(s, e.At)
		}
		f.phase(s, queue.Serving, e.At)
	case "ticket.held":
		f.phase(s, queue.Held, e.At)
	case "ticket.put_back", "ticket.returned":
		s.Outcome = Open
		f.phase(s, queue.Waiting, e.At)
	case "ticket.next":
		f.wait(s, e.At)
	case "ticket.added":
		f.begin(s.visit, e.Next, e.To, s.Booked)
	case "ticket.transferred":
		n := f.begin(s.visit, e.Next, e.To, s.Booked)
		f.wait(n, e.At)
		how := Moved
		if s.Work >= 0 || s.state == queue.Serving {
			how = Served
		}
		f.over(s, how, e)
	case "ticket.to_office", "ticket.done":
		f.over(s, Served, e)
	case "ticket.no_show":
		f.over(s, NoShow, e)
	case "ticket.left":
		f.over(s, Left, e)
	case "ticket.expired":
		f.over(s, Expired, e)
	case "ticket.voided":
		s.visit.void = true
	}
}

// over ends a service. Who was at a counter when the day was ended was served, but
// nobody said when that ended.
func (f *folding) over(s *step, how Outcome, e Event) {
	unsaid := e.Reason == "day_ended" && s.state == queue.Serving
	f.phase(s, "", e.At)
	s.Outcome = how
	if unsaid {
		s.Work, s.Desk = -1, -1
		return
	}
	s.visit.ended = max(s.visit.ended, e.At)
}

// phase ends the phase in which somebody is and begins another.
func (f *folding) phase(s *step, to queue.State, at clock.Instant) {
	took := seconds(s.since, at)
	switch s.state {
	case queue.Serving:
		s.Work = max(s.Work, 0) + took
		s.Desk = max(s.Desk, 0) + took
		f.busy(s.since, at)
	case queue.Called:
		s.Desk = max(s.Desk, 0) + took
		f.busy(s.since, at)
	case queue.Held:
		s.Held += took
	}
	s.state, s.since = to, at
}

func seconds(from, to clock.Instant) int { return int(max(0, to.Sub(from)) / time.Second) }

func (f *folding) busy(from, to clock.Instant) { f.spread(&f.out.Busy, from, to) }

func (f *folding) shut(counter int64, at clock.Instant) {
	if from, open := f.counters[counter]; open {
		f.spread(&f.out.Open, from, at)
		delete(f.counters, counter)
	}
}

// spread adds a stretch of time to the half-hours in which it lies. It walks from
// mark to mark of the clock on the wall, so that an hour that comes twice counts
// twice, and one that is left out not at all.
func (f *folding) spread(bands *[Bands]int, from, to clock.Instant) {
	for from < to {
		t := from.Time().In(f.zone)
		into := time.Duration(t.Minute()%30)*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
		next := min(to, from.Add(30*time.Minute-into))
		bands[(t.Hour()*60+t.Minute())/30] += int(next.Sub(from) / time.Millisecond)
		from = next
	}
}

// end closes the day: counters that nobody closed were open as long as something
// happened.
func (f *folding) end(midnight clock.Instant) {
	last := min(f.last, midnight)
	for id := range f.counters {
		f.shut(id, last)
	}
	for i := range Bands { // kept in milliseconds so far, so that nothing is lost in the sum
		f.out.Open[i] = (f.out.Open[i] + 500) / 1000
		f.out.Busy[i] = (f.out.Busy[i] + 500) / 1000
	}
	still := map[*visit]bool{}
	for _, s := range f.steps {
		if s.state == queue.Waiting || s.state == queue.Called || s.state == queue.Held || s.state == queue.Serving {
			still[s.visit] = true
		}
	}
	for _, s := range f.steps {
		if !s.began || s.visit.void {
			continue
		}
		if s.state == queue.Serving { // somebody is at the counter just now
			s.Outcome, s.Work, s.Desk = Served, -1, -1
		}
		if s.First && s.visit.ended != 0 && !still[s.visit] {
			s.Stay = seconds(s.visit.arrived, s.visit.ended)
		}
		f.out.Services[s.service] = append(f.out.Services[s.service], s.Fact)
	}
	for _, facts := range f.out.Services {
		slices.SortFunc(facts, compare)
	}
	for _, a := range f.out.Answers {
		slices.Sort(a)
	}
}

func compare(a, b Fact) int {
	return cmp.Or(
		cmp.Compare(a.Band, b.Band), cmp.Compare(a.flags(), b.flags()), cmp.Compare(a.Wait, b.Wait), cmp.Compare(a.Work, b.Work),
		cmp.Compare(a.Desk, b.Desk), cmp.Compare(a.Held, b.Held), cmp.Compare(a.Stay, b.Stay),
	)
}
