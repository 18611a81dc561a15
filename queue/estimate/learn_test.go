package estimate

import (
	"strings"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

func observe(e *Estimator, events ...Event) {
	for _, ev := range events {
		e.Observe(ev)
	}
}

func TestGapsAreOnlyThoseInWhichSomebodyWaited(t *testing.T) {
	one := func(extra ...Event) *Estimator {
		e := estimator(t)
		observe(e,
			Event{At: hm(9, 0), Kind: Issued, Ticket: 1, Service: 1, Class: order.WalkIn},
			Event{At: hm(9, 0), Kind: Called, Ticket: 1, Counter: 1, Service: 1, Class: order.WalkIn})
		observe(e, extra...)
		return e
	}
	done := Event{At: hm(9, 10), Kind: Finished, Ticket: 1, Counter: 1, Service: 1}
	next := Event{At: hm(9, 12), Kind: Called, Ticket: 2, Counter: 1, Service: 1, Class: order.WalkIn}
	issued := func(min int) Event {
		return Event{At: hm(9, min), Kind: Issued, Ticket: 2, Service: 1, Class: order.WalkIn}
	}
	early := issued(5)
	early.Slot, early.From, early.Class = hm(9, 20), hm(9, 11), order.Appointment
	pause := func(planned bool) []Event {
		return []Event{{At: hm(9, 10), Kind: Paused, Counter: 1, Planned: planned}, {At: hm(9, 11), Kind: Resumed, Counter: 1}}
	}
	cases := []struct {
		name  string
		extra []Event
		want  []float64
	}{
		{"waited all the time", []Event{issued(5), done, next}, []float64{2}},
		{"came later: the counter was idle", []Event{done, issued(11), next}, nil},
		{"could not be called before", []Event{early, done, next}, nil},
		{"a pause nobody declared is part of the gap", append([]Event{issued(5), done}, append(pause(false), next)...), []float64{2}},
		{"a declared break is no gap", append([]Event{issued(5), done}, append(pause(true), next)...), nil},
		{"closed meanwhile", []Event{issued(5), done, {At: hm(9, 10), Kind: Closed, Counter: 1}, next}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := one(c.extra...).state.Know.Gaps.Values
			if len(got) != len(c.want) || len(got) == 1 && got[0] != c.want[0] {
				t.Errorf("gaps %v, want %v", got, c.want)
			}
		})
	}
}

func TestEventsTeach(t *testing.T) {
	e := estimator(t)
	observe(e,
		Event{At: hm(9, 0), Kind: Issued, Ticket: 1, Service: 1, Class: order.WalkIn},
		Event{At: hm(9, 0), Kind: Issued, Ticket: 2, Service: 2, Class: order.WalkIn},
		Event{At: hm(9, 0), Kind: Issued, Ticket: 3, Service: 1, Class: order.Appointment, Slot: hm(9, 10), From: hm(9, 0)},
		Event{At: hm(9, 4), Kind: Called, Ticket: 1, Counter: 1, Service: 1, Class: order.WalkIn},
		Event{At: hm(9, 14), Kind: Finished, Ticket: 1, Counter: 1, Service: 1},
		Event{At: hm(9, 14), Kind: Moved, Ticket: 1, Service: 2},
		Event{At: hm(9, 20), Kind: Left, Ticket: 2},
		Event{At: hm(9, 20), Kind: Called, Ticket: 3, Counter: 1, Service: 1, Class: order.Appointment},
		Event{At: hm(9, 23), Kind: NoShow, Ticket: 3, Counter: 1},
		Event{At: hm(9, 24), Kind: Called, Ticket: 1, Counter: 2, Service: 2, Class: order.WalkIn},
		Event{At: hm(9, 26), Kind: HeldUp, Ticket: 1, Counter: 2},
		Event{At: hm(9, 32), Kind: Called, Ticket: 1, Counter: 2, Service: 2, Class: order.WalkIn},
		Event{At: hm(9, 37), Kind: Finished, Ticket: 1, Counter: 2, Service: 2},
		Event{At: hm(9, 40), Kind: Paused, Counter: 1},
		Event{At: hm(9, 48), Kind: Resumed, Counter: 1},
		Event{At: hm(13, 0), Kind: Missed, Ticket: 4, Slot: hm(11, 0)},
	)
	k := &e.state.Know
	if k.Waits != 2 { // of tickets 1 and 3; a second call is no wait
		t.Errorf("%d waits", k.Waits)
	}
	if k.Services[1].Raw != 1 || k.Services[2].Raw != 1 || k.All.Raw != 2 {
		t.Errorf("services %+v", k.Services)
	}
	near(t, "told", k.Told.Events, 1, .01)
	near(t, "exposure", k.Told.Exposure, 20+4+20, .05)
	near(t, "silent", k.Silent.Events, 1, .01)
	near(t, "came", k.Shows.Events/k.Shows.Exposure, .5, .01)
	near(t, "before the slot", k.Late.S1, -10, .1)
	if k.NoShows.Raw != 1 || k.Holds.Raw != 1 || k.Pauses.Raw != 1 {
		t.Errorf("no-shows %d, holds %d, pauses %d", k.NoShows.Raw, k.Holds.Raw, k.Pauses.Raw)
	}
	if got := e.state.Today.Recent[order.WalkIn]; len(got) != 1 || got[0] != 4 {
		t.Errorf("recent %v", got)
	}
	if k.Arrivals.Today != 2 {
		t.Errorf("%v walk-ins today", k.Arrivals.Today)
	}
}

func TestAStreamMayBeginAnywhere(t *testing.T) {
	e := estimator(t)
	observe(e,
		Event{At: hm(9, 0), Kind: Finished, Ticket: 1, Counter: 1, Service: 1},
		Event{At: hm(9, 1), Kind: Called, Ticket: 2, Counter: 1, Service: 1},
		Event{At: hm(9, 2), Kind: NoShow, Ticket: 7, Counter: 1},
		Event{At: hm(9, 3), Kind: Left, Ticket: 9},
		Event{At: hm(9, 4), Kind: Resumed, Counter: 3},
		Event{At: hm(9, 5), Kind: "unheard of"})
	if e.state.Know.Waits != 0 || e.state.Know.All.Raw != 0 {
		t.Errorf("learnt %+v", e.state.Know)
	}
}

func TestArrivalsBecomeAProfile(t *testing.T) {
	e := estimator(t)
	for day := range 10 {
		at := hm(9, 5).Add(time.Duration(day) * 24 * time.Hour)
		for i := range int64(6) {
			e.Observe(Event{At: at, Kind: Issued, Ticket: int64(day)*10 + i, Service: 1, Class: order.Protected})
		}
	}
	p := &e.state.Know.Arrivals
	near(t, "usual at 9", p.usual(18, 19), 6, 1e-9)
	near(t, "usual at 10", p.usual(20, 21), 0, 1e-9)
	near(t, "today is as usual", p.busy(weekday(hm(9, 0), e.zone), 19), 1, .05)
}

// Nothing of a person outlives the day, nothing of an operator is ever kept.
func TestNothingOfAPersonIsKept(t *testing.T) {
	e := estimator(t)
	observe(e,
		Event{At: hm(9, 0), Kind: Issued, Ticket: 777001, Service: 1, Class: order.WalkIn},
		Event{At: hm(9, 4), Kind: Called, Ticket: 777001, Counter: 888001, Service: 1, Class: order.WalkIn},
		Event{At: hm(9, 14), Kind: Finished, Ticket: 777001, Counter: 888001, Service: 1},
		Event{At: hm(9, 14).Add(24 * time.Hour), Kind: Paused, Counter: 5})
	b, err := e.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if s := string(b); strings.Contains(s, "777001") || strings.Contains(s, "888001") {
		t.Error("yesterday's ticket or counter is still in the state")
	}
}

// The half-hours and days are those of the municipality, in summer and winter.
func TestHoursAreLocal(t *testing.T) {
	e, err := New(Settings{Zone: "Europe/Rome"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   string
		hour float64
	}{{"2026-03-28T08:30:00Z", 9.5}, {"2026-03-30T08:30:00Z", 10.5}, {"2026-10-24T22:30:00Z", .5}, {"2026-10-26T08:00:00Z", 9}} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := hour(clock.At(at), e.zone); got != c.hour {
			t.Errorf("%s is %v", c.at, got)
		}
	}
	if _, err := New(Settings{Zone: "Europe/Atlantis"}); err == nil {
		t.Error("a zone that does not exist is accepted")
	}
}
