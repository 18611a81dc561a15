package estimate

import (
	"math"
	"slices"
)

const (
	window = 400 // outcomes that the factors are read from
	offset = 5.0 // minutes added to both sides of a ratio, so that short waits do not rule
	miss   = .2  // share of waits that may exceed the upper end
	pace   = .01 // step of the adaptive level, for each outcome
)

// conformal makes the quantiles of the replay hold in fact: each is multiplied by
// the factor that would have held for the last outcomes (Romano et al. 2019), and
// the level of the upper end moves with each outcome so that in the long run one
// in five is above it, in each hour of the day (Gibbs and Candès 2021; queue 4.4).
type conformal struct {
	Outcomes []outcome       `json:"outcomes"` // a ring
	Next     int             `json:"next"`
	Level    map[int]float64 `json:"level"` // by hour of the day: the share to exceed
	sorted   [3][]float64    // ratios of each quantile, sorted; nil when stale
}

// outcome is a wait and the quantiles that were said of it.
type outcome struct {
	Wait float64    `json:"wait"`
	Said [3]float64 `json:"said"` // 10th, 50th, 80th
}

func newConformal() conformal { return conformal{Level: map[int]float64{}} }

// ratio is the p-quantile of the ratios of waits to what was said, as one that
// holds for the next: 1 while little is known.
func (c *conformal) ratio(which int, p float64) float64 {
	n := len(c.Outcomes)
	if n < 30 {
		return 1
	}
	if c.sorted[which] == nil {
		rs := make([]float64, n)
		for i, o := range c.Outcomes {
			rs[i] = (o.Wait + offset) / (o.Said[which] + offset)
		}
		slices.Sort(rs)
		c.sorted[which] = rs
	}
	i := int(math.Ceil(p*float64(n+1))) - 1
	return c.sorted[which][min(max(i, 0), n-1)]
}

// ends are the calibrated 10th, 50th and 80th percentiles of an estimate.
func (c *conformal) ends(b Basis) (soon, half, high float64) {
	if b.trivial() {
		return b.Soon, b.Half, b.High
	}
	scale := func(q, f float64) float64 { return max(0, (q+offset)*f-offset) }
	high = scale(b.High, c.ratio(2, 1-c.level(b.Hour)))
	half = min(scale(b.Half, c.ratio(1, .5)), high)
	soon = min(scale(b.Soon, c.ratio(0, .1)), half)
	return soon, half, high
}

func (c *conformal) level(hour float64) float64 {
	if l, ok := c.Level[int(hour)]; ok {
		return l
	}
	return miss
}

// learn takes in an outcome and whether it was above the upper end that was said.
func (c *conformal) learn(b Basis, wait, high float64) {
	if b.trivial() {
		return
	}
	o := outcome{wait, [3]float64{b.Soon, b.Half, b.High}}
	if len(c.Outcomes) < window {
		c.Outcomes = append(c.Outcomes, o)
	} else {
		c.Outcomes[c.Next] = o
		c.Next = (c.Next + 1) % window
	}
	c.sorted = [3][]float64{}
	err := 0.0
	if wait > high {
		err = 1
	}
	c.Level[int(b.Hour)] = min(max(c.level(b.Hour)+pace*(miss-err), .02), .5)
}
