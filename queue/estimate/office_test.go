package estimate_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
	"filodiretto/queue/simulate"
	"github.com/google/go-cmp/cmp"
)

var settings = estimate.Settings{Seed: 5, Runs: 32, Zone: "UTC", Groups: map[int64]string{1: "registry", 2: "registry", 3: "procedures"}}

// live plays days with an estimator that promises at each ticket and learns from
// each call, and keeps all that it observed.
func live(t *testing.T, days []simulate.Day) (*estimate.Estimator, []estimate.Observation, estimate.Snapshot) {
	t.Helper()
	e, err := estimate.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	var all []estimate.Observation
	var last estimate.Snapshot
	for _, d := range days {
		open := map[int64]estimate.Promise{}
		simulate.Play(d, order.Default(), func(ev estimate.Event, r *simulate.Room) {
			e.Observe(ev)
			all = append(all, estimate.Observation{Event: &ev})
			switch ev.Kind {
			case estimate.Issued:
				s := r.Snapshot()
				if ev.At < d.Start.Add(11*time.Hour) {
					last = s
				}
				for _, x := range e.Estimate(s).Waiting {
					if x.Ticket == ev.Ticket {
						open[x.Ticket] = x.Promise(ev.At)
					}
				}
			case estimate.Called:
				if p, ok := open[ev.Ticket]; ok {
					settled := estimate.Settled{Promise: p, Called: ev.At}
					e.Learn(settled)
					all = append(all, estimate.Observation{Settled: &settled})
					delete(open, ev.Ticket)
				}
			}
		})
	}
	return e, all, last
}

// An estimator that is stored and read, and one that is made again from everything
// observed, say the same as the one that lived through it.
func TestStoredAndRebuiltAreTheSame(t *testing.T) {
	days := simulate.Town().Days(time.Date(2026, 3, 23, 0, 0, 0, 0, time.UTC), 6, 3)
	e, all, s := live(t, days)
	want := e.Estimate(s, estimate.Ask{Service: 1, Class: order.Protected})
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := estimate.Load(b)
	if err != nil {
		t.Fatal(err)
	}
	// The observations go through text, as they do through the database.
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var again []estimate.Observation
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	rebuilt, err := estimate.Rebuild(settings, slices.Values(again))
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]*estimate.Estimator{"stored": loaded, "rebuilt": rebuilt} {
		if d := cmp.Diff(want, other.Estimate(s, estimate.Ask{Service: 1, Class: order.Protected})); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		ob, err := json.Marshal(other)
		if err != nil {
			t.Fatal(err)
		}
		if string(ob) != string(b) {
			t.Errorf("%s: another state", name)
		}
	}
	if len(b) > 300<<10 {
		t.Errorf("the state is %d kB", len(b)>>10)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, text := range []string{``, `{`, `{"format":2}`, `{"format":1,"settings":{"zone":"Mars/Base"}}`} {
		if _, err := estimate.Load([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	e, err := estimate.Load([]byte(`{"format":1,"settings":{"zone":"UTC"},"state":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	e.Observe(estimate.Event{At: 1, Kind: estimate.Issued, Ticket: 1, Service: 1, Class: order.WalkIn})
	e.Observe(estimate.Event{At: 2, Kind: estimate.Called, Ticket: 1, Counter: 1, Service: 1, Class: order.WalkIn})
}

// An estimator learns the laws of an office that it knows nothing of: promises
// come to hold, and the guess beats the mean wait.
func TestPromisesComeToHold(t *testing.T) {
	days := simulate.Town().Days(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), 18, 8)
	_, all, _ := live(t, days)
	var late []estimate.Settled
	from := days[6].Start
	sum, n := 0.0, 0.0
	for _, o := range all {
		if o.Settled != nil && o.Settled.At > from {
			late = append(late, *o.Settled)
			sum, n = sum+o.Settled.Wait(), n+1
		}
	}
	whole := estimate.Calibrate(late, func(estimate.Settled) string { return "" })[0]
	static := 0.0
	for _, s := range late {
		static += math.Abs(s.Wait() - sum/n)
	}
	if whole.Kept < .77 || whole.Kept > .9 {
		t.Errorf("%.3f of %d promises were kept", whole.Kept, whole.N)
	}
	if whole.Error > .5*static/n {
		t.Errorf("the mean error is %.1f minutes, that of the mean wait %.1f", whole.Error, static/n)
	}
}
