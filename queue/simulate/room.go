package simulate

import (
	"slices"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// noShowWait is how long a counter waits for somebody who does not come.
const noShowWait = 2 * time.Minute

// Room is an office while its day is played.
type Room struct {
	day     Day
	policy  order.Policy
	choose  Chooser
	watch   func(estimate.Event, *Room)
	now     clock.Instant
	shut    clock.Instant // when the office closes
	agenda  agenda
	waiting []order.Waiting
	places  map[int64]*person // by visit
	desks   []desk
}

// person is a visit under way.
type person struct {
	visit  *Visit
	record *Record
	leg    int
	put    bool // has been put back once
	here   bool // checked in and not gone
}

// desk is a counter under way.
type desk struct {
	*Counter
	serving *estimate.Serving
	free    clock.Instant // since when it has had nobody
	idle    bool          // wants to call and found nobody
	paused  clock.Instant // in an unplanned pause since; 0 for not
	off     bool          // in a declared break, or not open yet
	stops   int           // how many stops have been taken
	gaps    int           // how many gaps have been used
	turn    int           // only the newest wake-up of a counter counts
}

// Play plays the day under the policy and says what became of every visit, in the
// order of day.Visits. watch, if not nil, is told of every event just after it
// happened and may look at the room.
func Play(day Day, policy order.Policy, watch func(estimate.Event, *Room)) []Record {
	return PlayBy(day, policy, By(policy), watch)
}

// PlayBy is Play with another discipline; the policy still says from when an
// appointment may be called.
func PlayBy(day Day, policy order.Policy, choose Chooser, watch func(estimate.Event, *Room)) []Record {
	r := &Room{day: day, policy: policy, choose: choose, watch: watch, places: make(map[int64]*person, len(day.Visits))}
	records := make([]Record, len(day.Visits))
	for i := range day.Visits {
		v := &day.Visits[i]
		records[i] = Record{ID: v.ID, Class: v.Class, Service: v.Legs[0].Service, Arrived: v.Arrived, Slot: v.Slot, Ending: Expired}
		r.places[v.ID] = &person{visit: v, record: &records[i]}
		if v.Arrived == 0 {
			records[i].Ending = Missed
			continue
		}
		r.agenda.at(v.Arrived, task{kind: arrive, visit: v.ID})
		if v.Patience > 0 {
			r.agenda.at(v.Arrived.Add(v.Patience), task{kind: give, visit: v.ID})
		}
	}
	r.shut = closing(day)
	r.desks = make([]desk, len(day.Counters))
	for i := range day.Counters {
		r.desks[i] = desk{Counter: &day.Counters[i]}
		r.wake(i, firstOpening(&day.Counters[i]))
		for _, s := range day.Counters[i].Stops {
			r.agenda.at(s.From, task{kind: stop, desk: i})
		}
	}
	for {
		t, ok := r.agenda.next()
		if !ok {
			break
		}
		if t.at >= r.shut && t.kind != finish {
			continue // the office is closed; who is at a counter is served to the end
		}
		r.now = t.at
		r.do(t)
	}
	r.now = max(r.now, r.shut)
	r.closeDay(records)
	return records
}

// closing is when the last person may be called.
func closing(d Day) clock.Instant {
	var end clock.Instant
	for _, c := range d.Counters {
		for _, s := range c.Open {
			end = max(end, s.To)
		}
	}
	if d.Close != 0 {
		end = min(end, d.Close)
	}
	return end
}

func firstOpening(c *Counter) clock.Instant {
	if len(c.Open) == 0 {
		return 0
	}
	return c.Open[0].From
}

func (r *Room) do(t task) {
	switch t.kind {
	case arrive:
		r.arrive(r.places[t.visit])
	case eligible:
		r.offer(t.visit)
	case give:
		r.giveUp(r.places[t.visit])
	case ready:
		if t.turn == r.desks[t.desk].turn {
			r.ready(t.desk)
		}
	case finish:
		r.finish(t.desk)
	case stop:
		if r.desks[t.desk].idle {
			r.ready(t.desk)
		}
	}
}

// closeDay tells of the appointments whose people never came.
func (r *Room) closeDay(records []Record) {
	for i := range records {
		if records[i].Ending == Missed {
			v := &r.day.Visits[i]
			r.tell(estimate.Event{Kind: estimate.Missed, Ticket: v.ID, Service: v.Legs[0].Service, Class: v.Class, Slot: v.Slot})
		}
	}
	for i := range r.desks {
		r.tell(estimate.Event{Kind: estimate.Closed, Counter: r.desks[i].ID})
	}
}

func (r *Room) tell(e estimate.Event) {
	if r.watch != nil {
		e.At = r.now
		r.watch(e, r)
	}
}

// Snapshot is the room as the office itself sees it at this moment: without who
// left in silence, without the pauses to come, without anybody's true law.
func (r *Room) Snapshot() estimate.Snapshot {
	s := estimate.Snapshot{At: r.now, Policy: r.policy, Closes: r.day.Close, Waiting: slices.Clone(r.waiting)}
	for i := range r.desks {
		d := &r.desks[i]
		c := estimate.Counter{Counter: d.Counter.Counter, PausedSince: d.paused, FreeSince: d.free}
		for _, o := range d.Open {
			if o.To > r.now {
				c.Open = append(c.Open, o)
			}
		}
		if d.serving != nil {
			was := *d.serving
			c.Serving, c.FreeSince = &was, 0
		}
		s.Counters = append(s.Counters, c)
	}
	for i := range r.day.Visits {
		v := &r.day.Visits[i]
		if v.Slot != 0 && (v.Arrived == 0 || v.Arrived > r.now) {
			s.Booked = append(s.Booked, estimate.Booking{ID: v.ID, Service: v.Legs[0].Service, Class: v.Class, Slot: v.Slot})
		}
	}
	return s
}

// Now is the instant at which the room stands.
func (r *Room) Now() clock.Instant { return r.now }
