package score

import (
	"math"
	"slices"
)

// Line is how well one estimator did. Times are minutes.
type Line struct {
	N      int     `json:"n"`
	MAE    float64 `json:"mae"`
	RMSE   float64 `json:"rmse"`
	Bias   float64 `json:"bias"`      // said − was
	TooLow float64 `json:"too_low"`   // share said more than 10 minutes too low
	Pin80  float64 `json:"pinball80"` // of the upper end
	Cover  float64 `json:"cover80"`   // share of waits under the upper end
	Upper  float64 `json:"upper"`     // mean upper end
	Width  float64 `json:"width"`     // mean distance from the guess to the upper end
}

// sum collects a Line.
type sum struct {
	n                                               int
	abs, square, err, low, pin, under, upper, width float64
}

func (s *sum) add(said, upper, was float64) {
	e := said - was
	s.n++
	s.abs += math.Abs(e)
	s.square += e * e
	s.err += e
	if e < -10 {
		s.low++
	}
	if was <= upper {
		s.under++
		s.pin += .2 * (upper - was)
	} else {
		s.pin += .8 * (was - upper)
	}
	s.upper += upper
	s.width += max(0, upper-said)
}

func (s *sum) line() Line {
	if s.n == 0 {
		return Line{}
	}
	n := float64(s.n)
	return Line{
		N: s.n, MAE: s.abs / n, RMSE: math.Sqrt(s.square / n), Bias: s.err / n, TooLow: s.low / n,
		Pin80: s.pin / n, Cover: s.under / n, Upper: s.upper / n, Width: s.width / n,
	}
}

// bound gives any estimator an upper end from the ratios of its last outcomes, so
// that what is compared is how sharp they are: coverage itself is cheap (queue 4.2).
type bound struct {
	ratios []float64
	next   int
}

const (
	kept  = 400
	extra = 5.0 // minutes on both sides of a ratio
)

func (b *bound) upper(said float64) float64 {
	if len(b.ratios) < 30 {
		return said * 2
	}
	sorted := slices.Sorted(slices.Values(b.ratios))
	return max(0, (said+extra)*sorted[int(math.Ceil(.8*float64(len(sorted)+1)))-1]-extra)
}

func (b *bound) learn(said, was float64) {
	r := (was + extra) / (said + extra)
	if len(b.ratios) < kept {
		b.ratios = append(b.ratios, r)
		return
	}
	b.ratios[b.next] = r
	b.next = (b.next + 1) % kept
}
