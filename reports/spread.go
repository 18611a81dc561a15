package reports

import (
	"math"
	"slices"

	"filodiretto/inbox"
)

// Spread are durations in whole seconds, of which quantiles are asked.
type Spread struct {
	all []int
	sum int
}

func (s *Spread) add(n ...int) {
	s.all = append(s.all, n...)
	for _, x := range n {
		s.sum += x
	}
}

func (s *Spread) sort() { slices.Sort(s.all) }

// N is how many there are.
func (s *Spread) N() int { return len(s.all) }

// Quantile is the smallest duration that a share p of all do not exceed, seconds; -1
// when there are none. Of ten waits P80 is the eighth.
func (s *Spread) Quantile(p float64) int {
	if len(s.all) == 0 {
		return -1
	}
	return s.all[min(len(s.all)-1, max(0, int(math.Ceil(p*float64(len(s.all))-1e-9))-1))]
}

// Mean is in seconds, -1 when there are none.
func (s *Spread) Mean() int {
	if len(s.all) == 0 {
		return -1
	}
	return int(math.Round(float64(s.sum) / float64(len(s.all))))
}

// Over is the share of those longer than so many seconds, between 0 and 1.
func (s *Spread) Over(seconds int) float64 {
	if len(s.all) == 0 {
		return 0
	}
	i, _ := slices.BinarySearch(s.all, seconds+1)
	return float64(len(s.all)-i) / float64(len(s.all))
}

func invalid(field, code string) error { return &inbox.InvalidError{Field: field, Code: code} }
