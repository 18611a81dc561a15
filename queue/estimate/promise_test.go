package estimate

import (
	"testing"
	"time"

	"filodiretto/queue/order"
	"github.com/google/go-cmp/cmp"
)

func between(half, high float64) Estimate {
	return Estimate{Half: minutes(half), High: minutes(high)}
}

func TestRangesAreRoundedOutwards(t *testing.T) {
	for _, c := range []struct {
		half, high float64
		want       Range
	}{
		{0, 0, Range{0, 1}},
		{2.4, 6.2, Range{2, 7}},
		{9.9, 10, Range{9, 10}},
		{8, 10.1, Range{5, 15}},
		{17, 24, Range{15, 25}},
		{16, 19, Range{15, 20}},
		{41, 59, Range{40, 60}},
		{41, 61, Range{40, 70}},
		{15, 15, Range{15, 20}},
	} {
		if got := between(c.half, c.high).Range(); got != c.want {
			t.Errorf("%v to %v is shown as %v, want %v", c.half, c.high, got, c.want)
		}
	}
}

// A promise runs on while it holds; when it would rise, that is said.
func TestShownNeverRisesInSilence(t *testing.T) {
	first := Show(hm(10, 0), between(15, 25))
	if first.Range != (Range{15, 25}) || first.Until() != hm(10, 25) {
		t.Fatalf("%+v", first)
	}
	for _, c := range []struct {
		name string
		x    Estimate
		move Move
		want Range
	}{
		{"as promised", between(6, 15), Same, Range{5, 15}},
		{"a little later: the promise stands", between(8, 17), Same, Range{5, 15}},
		{"later", between(12, 21), Later, Range{10, 25}},
		{"sooner", between(2, 4), Sooner, Range{2, 4}},
	} {
		got, move := first.Next(hm(10, 10), c.x)
		if move != c.move || got.Range != c.want {
			t.Errorf("%s: %v %v, want %v %v", c.name, move, got.Range, c.move, c.want)
		}
		if move == Same && got.Until() > first.Until() {
			t.Errorf("%s: the end moved from %v to %v", c.name, first.Until(), got.Until())
		}
	}
}

func TestPromiseKeepsItsOutcome(t *testing.T) {
	x := Estimate{Ticket: 7, Service: 2, Class: order.WalkIn, Place: 3, Expected: 12 * time.Minute, Half: 11 * time.Minute, High: 20 * time.Minute, Basis: basis(12)}
	p := x.Promise(hm(10, 0))
	for _, c := range []struct {
		called int
		kept   bool
	}{{20, true}, {21, false}} {
		s := Settled{Promise: p, Called: hm(10, c.called)}
		if s.Wait() != float64(c.called) || s.Kept() != c.kept {
			t.Errorf("called after %v: kept %v", s.Wait(), s.Kept())
		}
	}
}

func TestLearnMovesOnlyItsKind(t *testing.T) {
	e := estimator(t)
	p := Promise{At: hm(10, 0), High: 20, Basis: basis(12)}
	e.Learn(Settled{Promise: p, Called: hm(10, 30)})
	if e.state.Correct[0].N != 1 || e.state.Correct[1].N != 0 || e.state.Promises != 1 {
		t.Errorf("learnt %d and %d", e.state.Correct[0].N, e.state.Correct[1].N)
	}
	p.Basis.First = false
	e.Learn(Settled{Promise: p, Called: hm(10, 30)})
	if e.state.Correct[1].N != 1 {
		t.Error("nothing learnt of an estimate while waiting")
	}
	e.Learn(Settled{Promise: p, Called: hm(9, 30)})
	if e.state.Promises != 2 {
		t.Error("a call before the promise was learnt from")
	}
}

func TestCalibrate(t *testing.T) {
	promise := func(hour int, expected, high float64, wait int) Settled {
		return Settled{Promise: Promise{At: hm(hour, 0), Expected: expected, Half: expected, High: high, Class: order.WalkIn}, Called: hm(hour, wait)}
	}
	got := Calibrate([]Settled{promise(10, 10, 20, 12), promise(10, 20, 25, 30), promise(9, 5, 8, 4)}, ByHour(time.UTC))
	want := []Calibration{
		{Band: "09", N: 1, Kept: 1, Bias: 1, Error: 1, Width: 3},
		{Band: "10", N: 2, Kept: .5, Bias: -6, Error: 6, Width: 7.5},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := Calibrate([]Settled{promise(10, 1, 1, 1)}, ByDay(time.UTC)); got[0].Band != "2026-11-23" {
		t.Errorf("day %q", got[0].Band)
	}
	if got := Calibrate([]Settled{promise(10, 1, 1, 1)}, ByClass); got[0].Band != "walkin" {
		t.Errorf("class %q", got[0].Band)
	}
}
