package simulate

import (
	"math"
	"slices"
	"time"

	"filodiretto/queue/order"
)

// Waits are the waits of a group of people. Durations are whole microseconds.
type Waits struct {
	Called int           `json:"called"` // how many were called; the figures are of these
	Lost   int           `json:"lost"`   // left, were not there, or were never called
	Mean   time.Duration `json:"mean"`
	P50    time.Duration `json:"p50"`
	P80    time.Duration `json:"p80"`
	P90    time.Duration `json:"p90"`
	Over60 float64       `json:"over_60_min"` // share that waited over an hour
}

// Summary are the waits of a day, or of many, by class and in all.
type Summary struct {
	All     Waits                 `json:"all"`
	Classes map[order.Class]Waits `json:"classes"`
}

// Summarise gives the waits of those who came.
func Summarise(records []Record) Summary {
	s := Summary{Classes: map[order.Class]Waits{}, All: WaitsOf(records)}
	by := map[order.Class][]Record{}
	for _, r := range records {
		by[r.Class] = append(by[r.Class], r)
	}
	for c, rs := range by {
		s.Classes[c] = WaitsOf(rs)
	}
	return s
}

// WaitsOf gives the waits of those records whose people came.
func WaitsOf(records []Record) Waits {
	var w Waits
	var waits []time.Duration
	var sum time.Duration
	over := 0
	for _, r := range records {
		if r.Ending == Missed {
			continue
		}
		if r.Ending != Served {
			w.Lost++
		}
		d, ok := r.Wait()
		if !ok {
			continue
		}
		waits, sum = append(waits, d), sum+d
		if d > time.Hour {
			over++
		}
	}
	w.Called = len(waits)
	if w.Called == 0 {
		return w
	}
	slices.Sort(waits)
	w.Mean = (sum / time.Duration(w.Called)).Truncate(time.Microsecond)
	w.P50, w.P80, w.P90 = at(waits, .5), at(waits, .8), at(waits, .9)
	w.Over60 = float64(over) / float64(w.Called)
	return w
}

// at is the smallest wait that a share p of all do not exceed.
func at(sorted []time.Duration, p float64) time.Duration {
	return sorted[max(0, int(math.Ceil(p*float64(len(sorted))))-1)]
}
