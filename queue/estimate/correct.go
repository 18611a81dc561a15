package estimate

import "math"

// features are what the correction looks at besides 1: the replay's mean, the wait
// of the first in line, the mean of the last ten waits, and the hour (queue 4.4,
// point 3). All of the person's class.
const features = 5

// Basis is what an estimate was made from. It is kept with each promise, so that
// the correction can learn from it when the outcome is known.
type Basis struct {
	Mean   float64 `json:"mean"`   // of the replay, minutes
	Spread float64 `json:"spread"` // its standard deviation
	Head   float64 `json:"head"`   // minutes that the first in line of the class has waited
	Last   float64 `json:"last"`   // mean of the last ten waits of the class
	Hour   float64 `json:"hour"`   // local time of day
	Soon   float64 `json:"p10"`    // quantiles after the correction of the mean,
	Half   float64 `json:"p50"`    // before the conformal factor
	High   float64 `json:"p80"`
	First  bool    `json:"first"` // made when the ticket was issued
}

func (b Basis) vector() [features]float64 {
	return [features]float64{1, b.Mean, b.Head, b.Last, (b.Hour - 11) / 3}
}

// trivial is an estimate of somebody who is called at once. It is right by itself
// and would only teach that all is well.
func (b Basis) trivial() bool { return b.Mean < .3 }

// corrector is a recursive least-squares fit of the waits on the features. It
// begins as the replay itself and leaves that only as outcomes ask for it.
type corrector struct {
	Theta [features]float64           `json:"theta"`
	P     [features][features]float64 `json:"p"`
	N     int                         `json:"n"`
}

const forgetting = .9995 // of the corrector, for each outcome

func newCorrector() corrector {
	c := corrector{Theta: [features]float64{0, 1, 0, 0, 0}}
	for i, p := range [features]float64{1, .1, .02, .02, .05} {
		c.P[i][i] = p
	}
	return c
}

// mean is the corrected mean: never below 0, and never so far from the replay that
// a few odd outcomes could have made it.
func (c *corrector) mean(b Basis) float64 {
	if b.trivial() {
		return b.Mean
	}
	y := 0.0
	for i, x := range b.vector() {
		y += c.Theta[i] * x
	}
	return max(0, min(max(y, b.Mean/2-2), b.Mean*2+10))
}

// learn fits an outcome. Outcomes count by the inverse of the variance that the
// replay gave them; an error beyond three of its deviations counts as three.
func (c *corrector) learn(b Basis, wait float64) {
	if b.trivial() {
		return
	}
	x := b.vector()
	variance := b.Spread*b.Spread + 4
	var px [features]float64
	den, err := variance*forgetting, wait
	for i := range x {
		for j := range x {
			px[i] += c.P[i][j] * x[j]
		}
		err -= c.Theta[i] * x[i]
	}
	for i := range x {
		den += x[i] * px[i]
	}
	limit := 3 * math.Sqrt(variance)
	err = min(max(err, -limit), limit)
	grow := 1 / forgetting
	if c.P[0][0] > 2 { // nothing new has been seen for long: do not forget more
		grow = 1
	}
	for i := range x {
		c.Theta[i] += px[i] / den * err
		for j := range x {
			c.P[i][j] = (c.P[i][j] - px[i]*px[j]/den) * grow
		}
	}
	c.N++
}
