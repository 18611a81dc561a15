package estimate

import (
	"slices"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/order"
	"pgregory.net/rapid"
)

func estimator(t testing.TB) *Estimator {
	t.Helper()
	e, err := New(Settings{Zone: "UTC", Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func counter(id int64, services ...int64) Counter {
	c := Counter{Counter: order.Counter{ID: id}, Open: []Span{{hm(8, 0), hm(14, 0)}}}
	for _, s := range services {
		c.Skills = append(c.Skills, order.Skill{Service: s})
	}
	return c
}

func anyRoom(t *rapid.T, now clock.Instant) Snapshot {
	s := Snapshot{At: now, Policy: order.Default()}
	s.Policy.Rule = rapid.SampledFrom(order.Rules).Draw(t, "rule")
	wt := s.Policy.Weights[order.Protected]
	wt.Absolute = rapid.Bool().Draw(t, "absolute")
	s.Policy.Weights[order.Protected] = wt
	for id := range int64(rapid.IntRange(1, 3).Draw(t, "counters")) {
		c := counter(id + 1)
		for service := int64(1); service <= 3; service++ {
			if rapid.Bool().Draw(t, "skill") {
				h := time.Duration(rapid.IntRange(0, 2).Draw(t, "handicap")) * 4 * time.Minute
				c.Skills = append(c.Skills, order.Skill{Service: service, Handicap: h})
			}
		}
		s.Counters = append(s.Counters, c)
	}
	for i := range rapid.IntRange(0, 25).Draw(t, "people") {
		w := order.Waiting{
			ID: int64(i + 1), Service: int64(rapid.IntRange(1, 3).Draw(t, "service")),
			Class:   rapid.SampledFrom([]order.Class{order.WalkIn, order.Appointment, order.Protected}).Draw(t, "class"),
			Arrived: now.Add(-time.Duration(rapid.IntRange(0, 5400).Draw(t, "seconds ago")) * time.Second),
		}
		if w.Class == order.Appointment || rapid.IntRange(0, 3).Draw(t, "booked") == 0 {
			w.Slot = now.Add(time.Duration(rapid.IntRange(-60, 10).Draw(t, "slot")) * time.Minute)
		}
		if rapid.IntRange(0, 5).Draw(t, "bound") == 0 {
			w.Counter = int64(rapid.IntRange(1, 3).Draw(t, "to"))
		}
		if rapid.IntRange(0, 4).Draw(t, "passes") == 0 {
			w.LetPass = rapid.IntRange(1, 3).Draw(t, "let pass")
		}
		s.Waiting = append(s.Waiting, w)
	}
	return s
}

// The replay calls exactly whom package order would call, at any counter, now and
// later, through all the people in the room.
func TestReplayCallsByTheDiscipline(t *testing.T) {
	e := estimator(t)
	rapid.Check(t, func(t *rapid.T) {
		s := anyRoom(t, hm(10, 0))
		f := e.lay(&s, nil)
		f.booked, f.theirs = nil, nil
		r := newReplay(f, e.draws)
		r.begin(0)
		room := slices.Clone(s.Waiting)
		for step := 0; step < 60; step++ {
			d := rapid.IntRange(0, len(s.Counters)-1).Draw(t, "counter")
			now := s.At.Add(time.Duration(step) * 90 * time.Second)
			for i := range room { // who is still to come is not in the lanes
				if s.Policy.From(room[i]) > s.At {
					return
				}
			}
			want, ok := s.Policy.Next(now, s.Counters[d].Counter, room)
			got := r.pick(d, float64(step)*1.5)
			if ok != (got >= 0) || ok && r.people[got].id != want.Called.ID {
				t.Fatalf("step %d: the replay calls %v, the discipline %v (%v)", step, got, want.Called.ID, ok)
			}
			if !ok {
				continue
			}
			for i := range room {
				if slices.Contains(want.Passed, room[i].ID) {
					room[i].LetPass--
				}
			}
			room = slices.DeleteFunc(room, func(w order.Waiting) bool { return w.ID == want.Called.ID })
		}
	})
}

// No replay ever says nonsense: everybody has a place of their own order, ends in
// order, and a probability.
func TestEstimatesMakeSense(t *testing.T) {
	e := estimator(t)
	rapid.Check(t, func(t *rapid.T) {
		s := anyRoom(t, hm(10, 0))
		s.Booked = []Booking{{900, 1, order.Appointment, hm(10, 20)}, {901, 2, order.Appointment, hm(9, 50)}}
		s.Counters[0].Serving = &Serving{Ticket: 800, Service: 1, Since: hm(9, 55)}
		res := e.Estimate(s, Ask{Service: 1, Class: order.WalkIn}, Ask{Service: 3, Class: order.Protected})
		if len(res.Waiting) != len(s.Waiting) || len(res.Asked) != 2 {
			t.Fatalf("%d and %d estimates", len(res.Waiting), len(res.Asked))
		}
		for _, x := range append(res.Waiting, res.Asked...) {
			if x.Place < 1 || x.Place > len(s.Waiting)+1 || x.Served < 0 || x.Served > 1 || x.Known {
				t.Fatalf("%+v", x)
			}
			if x.Soon < 0 || x.Soon > x.Half || x.Half > x.High || x.Expected < 0 || x.High > 24*time.Hour {
				t.Fatalf("ends %v %v %v, expected %v", x.Soon, x.Half, x.High, x.Expected)
			}
		}
	})
}
