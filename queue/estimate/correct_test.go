package estimate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// basis is an estimate of so many minutes at nine, with the replay's own ends.
func basis(mean float64) Basis {
	return Basis{Mean: mean, Spread: mean / 3, Head: mean, Last: mean, Hour: 9, Soon: mean * .6, Half: mean, High: mean * 1.3, First: true}
}

func TestCorrectionBeginsAsTheReplay(t *testing.T) {
	c := newCorrector()
	for _, m := range []float64{0, .2, 5, 80} {
		near(t, "mean", c.mean(basis(m)), m, 1e-9)
	}
}

func TestCorrectionLearnsABias(t *testing.T) {
	c, r := newCorrector(), rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		b := basis(5 + 40*r.Float64())
		c.learn(b, b.Mean*1.25+2+3*r.NormFloat64())
	}
	for _, m := range []float64{10, 20, 40} {
		near(t, "corrected", c.mean(basis(m)), m*1.25+2, 1)
	}
}

func TestCorrectionForgetsWhatWas(t *testing.T) {
	c, r := newCorrector(), rand.New(rand.NewPCG(1, 1))
	for i := range 12000 {
		b := basis(5 + 40*r.Float64())
		factor := 1.3
		if i > 6000 {
			factor = .9
		}
		c.learn(b, b.Mean*factor)
	}
	near(t, "now", c.mean(basis(20)), 18, .7)
}

func TestOddOutcomesDoNotTopple(t *testing.T) {
	c := newCorrector()
	for range 200 {
		c.learn(basis(20), 20)
	}
	for range 5 {
		c.learn(basis(20), 1e6)
	}
	near(t, "after five wild outcomes", c.mean(basis(20)), 20, 6)
	c.Theta = [features]float64{1e9, -4, 0, 0, 0}
	if got := c.mean(basis(20)); got > 50 {
		t.Errorf("a fit gone astray says %v of 20", got)
	}
	c.Theta[0] = -1e9
	if got := c.mean(basis(3)); got < 0 {
		t.Errorf("a negative wait of %v", got)
	}
}

func TestCorrectionStaysFinite(t *testing.T) {
	c := newCorrector()
	for range 200000 { // the same outcome for years: nothing new to learn from
		c.learn(basis(10), 10)
	}
	for i := range c.P {
		for j := range c.P {
			if math.IsNaN(c.P[i][j]) || math.Abs(c.P[i][j]) > 1e6 {
				t.Fatalf("P[%d][%d] is %v", i, j, c.P[i][j])
			}
		}
	}
	near(t, "mean", c.mean(basis(10)), 10, .1)
}

// Whatever the replay's own ends are worth, in the long run one wait in five is
// above the upper end, also when the office changes.
func TestConformalHolds(t *testing.T) {
	c, r := newConformal(), rand.New(rand.NewPCG(2, 2))
	above, below, half, n := 0, 0, 0, 0
	for i := range 6000 {
		b := basis(5 + 30*r.Float64())
		b.Hour = 9 + float64(i%3)
		spread := .5
		if i > 3000 {
			spread = .9
		}
		wait := b.Mean * math.Exp(spread*r.NormFloat64())
		soon, mid, high := c.ends(b)
		if i > 600 {
			n++
			for _, k := range []struct {
				hit bool
				to  *int
			}{{wait > high, &above}, {wait < soon, &below}, {wait > mid, &half}} {
				if k.hit {
					*k.to++
				}
			}
		}
		c.learn(b, wait, high)
	}
	near(t, "above the upper end", float64(above)/float64(n), .2, .02)
	near(t, "before the soonest", float64(below)/float64(n), .1, .04)
	near(t, "above the middle", float64(half)/float64(n), .5, .05)
	if len(c.Outcomes) != window {
		t.Errorf("%d outcomes kept", len(c.Outcomes))
	}
}

// An hour that is always worse gets a level of its own.
func TestConformalHoldsInEachHour(t *testing.T) {
	c, r := newConformal(), rand.New(rand.NewPCG(2, 2))
	above, n := map[int]int{}, map[int]int{}
	for i := range 12000 {
		b := basis(20)
		b.Hour = 9 + float64(i%2)
		wait := 20 * math.Exp(.3*r.NormFloat64())
		if b.Hour == 10 {
			wait *= 1.3
		}
		_, _, high := c.ends(b)
		if i > 2000 {
			n[int(b.Hour)]++
			if wait > high {
				above[int(b.Hour)]++
			}
		}
		c.learn(b, wait, high)
	}
	for h := range n {
		near(t, "above", float64(above[h])/float64(n[h]), .2, .03)
	}
}

func TestTrivialEstimatesTeachNothing(t *testing.T) {
	c, f := newCorrector(), newConformal()
	b := basis(.1)
	c.learn(b, 0)
	f.learn(b, 0, .1)
	if c.N != 0 || len(f.Outcomes) != 0 {
		t.Errorf("learnt %d and %d", c.N, len(f.Outcomes))
	}
	if _, _, high := f.ends(b); high != b.High {
		t.Errorf("its upper end became %v", high)
	}
}
