package estimate

import (
	"math"
	"slices"
)

// raw is what the replay says of one person, in minutes from the snapshot. Runs in
// which they are not called any more count as the closing of the office.
type raw struct {
	mean   float64
	spread float64 // standard deviation
	sorted []float64
	called float64 // share of the runs in which they are called
}

// at is a quantile.
func (r raw) at(p float64) float64 {
	return r.sorted[min(len(r.sorted)-1, max(0, int(math.Ceil(p*float64(len(r.sorted))))-1))]
}

// replayAll plays the field in all runs and gives what each of the known waits.
func (e *Estimator) replayAll(f *field) []raw {
	n, runs := f.known, e.set.Runs
	all := make([]float64, n*runs)
	r := newReplay(f, e.draws)
	for run := range runs {
		r.play(run)
		for i, w := range r.waits {
			all[i*runs+run] = w
		}
	}
	out := make([]raw, n)
	for i := range out {
		out[i] = summarise(all[i*runs:(i+1)*runs], f.closing)
	}
	return out
}

func summarise(waits []float64, closing float64) raw {
	slices.Sort(waits)
	r := raw{sorted: waits}
	sum, squares, called := 0.0, 0.0, 0
	for i, w := range waits {
		if math.IsInf(w, 1) {
			w = max(closing, 0)
			waits[i] = w
		} else {
			called++
		}
		sum += w
		squares += w * w
	}
	n := float64(len(waits))
	r.called = float64(called) / n
	r.mean = sum / n
	r.spread = math.Sqrt(max(0, squares/n-r.mean*r.mean))
	if called < len(waits) {
		slices.Sort(waits) // a counter may close before the office
	}
	return r
}

// places numbers people by when they are expected to be called, among those who
// compete with them for a counter. Those who ask stand behind nobody's back: they
// are counted for nobody but themselves.
func (f *field) places(raws []raw) []int {
	share := make([]bool, len(f.lanes)*len(f.lanes))
	for i := range f.desks {
		for _, a := range f.desks[i].lanes {
			for _, b := range f.desks[i].lanes {
				share[int(a.desk)*len(f.lanes)+int(b.desk)] = true
			}
		}
	}
	out := make([]int, f.known)
	for i := range out {
		out[i] = 1
		me := &f.people[i]
		for j := range f.known {
			o := &f.people[j]
			if j == i || o.ghost || !share[int(me.lane)*len(f.lanes)+int(o.lane)] {
				continue
			}
			if raws[j].mean < raws[i].mean || raws[j].mean == raws[i].mean && senior(o, me) < 0 {
				out[i]++
			}
		}
	}
	return out
}
