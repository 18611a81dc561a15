package simulate

import (
	"slices"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

var monday = clock.At(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))

// hm is a time of that Monday.
func hm(hour, min int) clock.Instant {
	return monday.Add(time.Duration(hour)*time.Hour + time.Duration(min)*time.Minute)
}

func open(from, to clock.Instant) []estimate.Span { return []estimate.Span{{From: from, To: to}} }

func desk1(id int64, services ...int64) Counter {
	return Counter{Counter: order.Counter{ID: id, Skills: skills(services...)}, Open: open(hm(9, 0), hm(12, 0))}
}

// comes is a walk-in for service 1 that takes so many minutes.
func comes(id int64, at clock.Instant, min int) Visit {
	return Visit{ID: id, Class: order.WalkIn, Arrived: at, Legs: []Leg{{Service: 1, Work: time.Duration(min) * time.Minute}}}
}

func called(records []Record) []clock.Instant {
	var out []clock.Instant
	for _, r := range records {
		out = append(out, r.Called)
	}
	return out
}

func endings(records []Record) []Ending {
	var out []Ending
	for _, r := range records {
		out = append(out, r.Ending)
	}
	return out
}

func TestPlay(t *testing.T) {
	leaves := comes(2, hm(9, 1), 10)
	leaves.Patience = 5 * time.Minute
	vanishes := leaves
	vanishes.Silent = true
	away := comes(1, hm(9, 0), 10)
	away.Away = 15 * time.Minute
	two := comes(1, hm(9, 0), 10)
	two.Legs = append(two.Legs, Leg{Service: 2, Work: 5 * time.Minute})
	absent := Visit{ID: 2, Class: order.Appointment, Slot: hm(9, 10), Legs: []Leg{{Service: 1, Work: time.Minute}}}
	early := Visit{ID: 1, Class: order.Appointment, Slot: hm(10, 0), Arrived: hm(9, 0), Legs: []Leg{{Service: 1, Work: time.Minute}}}
	rest := desk1(1, 1)
	rest.Open = []estimate.Span{{From: hm(9, 0), To: hm(9, 5)}, {From: hm(9, 30), To: hm(12, 0)}}
	pauses := desk1(1, 1)
	pauses.Stops = []estimate.Span{{From: hm(9, 5), To: hm(9, 12)}}
	slow := desk1(1, 1)
	slow.Pace, slow.Gaps = 1.5, []time.Duration{time.Minute, 2 * time.Minute}
	cases := []struct {
		name     string
		visits   []Visit
		counters []Counter
		close    clock.Instant
		called   []clock.Instant
		ends     []Ending
	}{
		{"in turn", []Visit{comes(1, hm(8, 50), 10), comes(2, hm(8, 40), 10)}, []Counter{desk1(1, 1)}, 0, []clock.Instant{hm(9, 10), hm(9, 0)}, nil},
		{"an idle counter calls at once", []Visit{comes(1, hm(9, 20), 10)}, []Counter{desk1(1, 1)}, 0, []clock.Instant{hm(9, 20)}, nil},
		{"two counters", []Visit{comes(1, hm(9, 0), 10), comes(2, hm(9, 0), 10)}, []Counter{desk1(1, 1), desk1(2, 1)}, 0, []clock.Instant{hm(9, 0), hm(9, 0)}, nil},
		{"without the skill nobody", []Visit{comes(1, hm(9, 0), 10)}, []Counter{desk1(1, 2)}, 0, []clock.Instant{0}, []Ending{Expired}},
		{"a declared break", []Visit{comes(1, hm(9, 0), 10), comes(2, hm(9, 1), 10)}, []Counter{rest}, 0, []clock.Instant{hm(9, 0), hm(9, 30)}, nil},
		{"a pause nobody knew of, after who is served, in full", []Visit{comes(1, hm(9, 0), 10), comes(2, hm(9, 1), 10)}, []Counter{pauses}, 0, []clock.Instant{hm(9, 0), hm(9, 17)}, nil},
		{"a pause of an idle counter", []Visit{comes(1, hm(9, 6), 10)}, []Counter{pauses}, 0, []clock.Instant{hm(9, 12)}, nil},
		{"pace and gaps", []Visit{comes(1, hm(9, 0), 10), comes(2, hm(9, 0), 10), comes(3, hm(9, 0), 10)}, []Counter{slow}, 0, []clock.Instant{hm(9, 0), hm(9, 16), hm(9, 33)}, nil},
		{"closing time", []Visit{comes(1, hm(9, 0), 10), comes(2, hm(9, 1), 10)}, []Counter{desk1(1, 1)}, hm(9, 10), []clock.Instant{hm(9, 0), 0}, []Ending{Served, Expired}},
		{"gives up and says so", []Visit{comes(1, hm(9, 0), 10), leaves, comes(3, hm(9, 2), 10)}, []Counter{desk1(1, 1)}, 0, []clock.Instant{hm(9, 0), 0, hm(9, 10)}, []Ending{Served, Gone, Served}},
		{"gives up in silence and costs a call", []Visit{comes(1, hm(9, 0), 10), vanishes, comes(3, hm(9, 2), 10)}, []Counter{desk1(1, 1)}, 0, []clock.Instant{hm(9, 0), hm(9, 10), hm(9, 12)}, []Ending{Served, NoShow, Served}},
		{"misses the call and comes again", []Visit{away, comes(2, hm(9, 0), 10)}, []Counter{desk1(1, 1)}, 0, []clock.Instant{hm(9, 0), hm(9, 2)}, []Ending{Served, Served}},
		{"a second service at another counter, with the seniority", []Visit{two}, []Counter{desk1(1, 1), desk1(2, 2)}, 0, []clock.Instant{hm(9, 0)}, []Ending{Served}},
		{"booked and never came", []Visit{comes(1, hm(9, 0), 10), absent}, []Counter{desk1(1, 1)}, 0, []clock.Instant{hm(9, 0), 0}, []Ending{Served, Missed}},
		{"early for the slot", []Visit{early}, []Counter{desk1(1, 1)}, 0, []clock.Instant{hm(9, 45)}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Play(Day{Start: monday, Visits: c.visits, Counters: c.counters, Close: c.close}, order.Default(), nil)
			if at := called(got); !slices.Equal(at, c.called) {
				t.Errorf("called at %v, want %v", at, c.called)
			}
			if c.ends != nil && !slices.Equal(endings(got), c.ends) {
				t.Errorf("ended %v, want %v", endings(got), c.ends)
			}
		})
	}
}

func TestSecondServiceEndsTheVisit(t *testing.T) {
	v := comes(1, hm(9, 0), 10)
	v.Legs = append(v.Legs, Leg{Service: 2, Work: 5 * time.Minute, Counter: 2})
	got := Play(Day{Start: monday, Visits: []Visit{v}, Counters: []Counter{desk1(1, 1), desk1(2, 2)}}, order.Default(), nil)
	if got[0].End != hm(9, 15) {
		t.Errorf("ended at %v", got[0].End.Time())
	}
}

func TestWaitCountsFromTheSlot(t *testing.T) {
	for _, c := range []struct {
		name                  string
		arrived, slot, called clock.Instant
		want                  time.Duration
	}{
		{"walk-in", hm(9, 0), 0, hm(9, 7), 7 * time.Minute},
		{"appointment", hm(9, 0), hm(9, 10), hm(9, 17), 7 * time.Minute},
		{"late", hm(9, 20), hm(9, 10), hm(9, 27), 7 * time.Minute},
		{"before the slot", hm(9, 0), hm(9, 10), hm(9, 5), 0},
	} {
		if got, ok := (Record{Arrived: c.arrived, Slot: c.slot, Called: c.called}).Wait(); !ok || got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if _, ok := (Record{Arrived: hm(9, 0)}).Wait(); ok {
		t.Error("who was never called has a wait")
	}
}

// Whatever the office and the rule: a counter has one person at a time, nobody is
// called by a counter without the skill, outside its hours or before they may be,
// and no counter that may call is idle while somebody it may call waits.
func TestNoPlayBreaksTheRules(t *testing.T) {
	for _, m := range Offices() {
		for _, rule := range order.Rules {
			p := order.Default()
			p.Rule = rule
			for _, d := range m.Days(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), 2, 11) {
				check(t, m.Name+" "+string(rule), d, p)
			}
		}
	}
}

func check(t *testing.T, name string, d Day, p order.Policy) {
	t.Helper()
	busy := map[int64]int64{}
	room := map[int64]bool{}
	last := clock.Instant(0)
	records := Play(d, p, func(e estimate.Event, r *Room) {
		if e.At < last {
			t.Fatalf("%s: time runs backwards", name)
		}
		last = e.At
		switch e.Kind {
		case estimate.Issued:
			room[e.Ticket] = true
		case estimate.Called:
			if busy[e.Counter] != 0 || !room[e.Ticket] {
				t.Fatalf("%s: %d called %d while busy with %d", name, e.Counter, e.Ticket, busy[e.Counter])
			}
			busy[e.Counter] = e.Ticket
			delete(room, e.Ticket)
			if d.Close != 0 && e.At >= d.Close {
				t.Fatalf("%s: called after closing", name)
			}
			allowed(t, name, d, p, e)
		case estimate.Finished, estimate.NoShow, estimate.PutBack:
			if busy[e.Counter] != e.Ticket {
				t.Fatalf("%s: %d ends with %d, has %d", name, e.Counter, e.Ticket, busy[e.Counter])
			}
			delete(busy, e.Counter)
			if e.Kind == estimate.PutBack {
				room[e.Ticket] = true
			}
		case estimate.Moved:
			room[e.Ticket] = true
		case estimate.Left:
			delete(room, e.Ticket)
		}
		if e.Kind != estimate.Finished && e.Kind != estimate.Moved { // who goes on is offered next
			idleNobody(t, name, r, p)
		}
	})
	if len(records) != len(d.Visits) {
		t.Fatalf("%s: %d records of %d visits", name, len(records), len(d.Visits))
	}
}

func allowed(t *testing.T, name string, d Day, p order.Policy, e estimate.Event) {
	t.Helper()
	c := d.Counters[slices.IndexFunc(d.Counters, func(c Counter) bool { return c.ID == e.Counter })]
	v := d.Visits[slices.IndexFunc(d.Visits, func(v Visit) bool { return v.ID == e.Ticket })]
	if !slices.ContainsFunc(c.Open, func(s estimate.Span) bool { return s.From <= e.At && e.At < s.To }) {
		t.Fatalf("%s: counter %d called outside its hours", name, c.ID)
	}
	w := order.Waiting{ID: v.ID, Service: e.Service, Class: v.Class, Arrived: v.Arrived, Slot: v.Slot}
	if bar := p.Bar(e.At, c.Counter, w); bar != order.None {
		t.Fatalf("%s: counter %d called %+v: %s", name, c.ID, w, bar)
	}
}

func idleNobody(t *testing.T, name string, r *Room, p order.Policy) {
	t.Helper()
	for i := range r.desks {
		if !r.desks[i].idle || r.desks[i].free == r.now {
			continue
		}
		for _, w := range r.waiting {
			// Who can be called from this very moment on is offered in a moment.
			if p.From(w) < r.now && w.NotBefore < r.now && p.Bar(r.now, r.desks[i].Counter.Counter, w) == order.None {
				open := slices.ContainsFunc(r.desks[i].Open, func(s estimate.Span) bool { return s.From <= r.now && r.now < s.To })
				if open {
					t.Fatalf("%s: counter %d is idle while %d waits", name, r.desks[i].ID, w.ID)
				}
			}
		}
	}
}
