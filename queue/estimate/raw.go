package estimate

import (
	"cmp"
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
	rivals := f.rivals()
	line := make([]int, f.known)
	for i := range line {
		line[i] = i
	}
	slices.SortFunc(line, func(i, j int) int {
		return cmp.Or(cmp.Compare(raws[i].mean, raws[j].mean), senior(&f.people[i], &f.people[j]))
	})
	out := make([]int, f.known)
	before := make([]int, len(f.lanes)) // by lane, how many are called earlier
	for _, i := range line {
		me := &f.people[i]
		out[i] = 1
		for _, other := range rivals[me.lane] {
			out[i] += before[other]
		}
		if !me.ghost {
			before[me.lane]++
		}
	}
	return out
}

// rivals are the lanes that share a counter with each lane, itself among them where
// a counter calls from it.
func (f *field) rivals() [][]int32 {
	out := make([][]int32, len(f.lanes))
	for i := range f.desks {
		for _, a := range f.desks[i].lanes {
			for _, b := range f.desks[i].lanes {
				out[a.desk] = append(out[a.desk], b.desk)
			}
		}
	}
	for i := range out {
		slices.Sort(out[i])
		out[i] = slices.Compact(out[i])
	}
	return out
}
