package estimate

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"filodiretto/internal/clock"
)

var monday = clock.At(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))

// hm is a time of that Monday.
func hm(hour, min int) clock.Instant {
	return monday.Add(time.Duration(hour)*time.Hour + time.Duration(min)*time.Minute)
}

func near(t *testing.T, name string, got, want, by float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > by {
		t.Errorf("%s is %.4f, want %.4f ± %.4f", name, got, want, by)
	}
}

func TestNormal(t *testing.T) {
	for p, z := range map[float64]float64{.5: 0, .8: .8416, .975: 1.96, .1: -1.2816} {
		near(t, "probit", probit(p), z, .001)
		near(t, "phi", phi(z), p, .001)
	}
	if z := probit(0); math.IsInf(z, 0) || probit(1) != -z {
		t.Errorf("the ends are %v and %v", z, probit(1))
	}
}

func TestLawIsLearntFromDurations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s sums
	for range 4000 {
		s.add(hm(10, 0), 15*math.Exp(.5*r.NormFloat64()), 21)
	}
	l := s.shrunk(anyService, shrinkage)
	near(t, "median", math.Exp(l.mu), 15, .5)
	near(t, "sigma", l.sigma, .5, .02)
}

func TestFewObservationsStayNearThePrior(t *testing.T) {
	var s sums
	s.add(hm(10, 0), 60, 21)
	l, prior := s.shrunk(anyService, shrinkage), anyService
	near(t, "mu", l.mu, (math.Log(60)+shrinkage*prior.mu)/(1+shrinkage), 1e-9)
	if got := (sums{}).shrunk(prior, shrinkage); got != prior {
		t.Errorf("nothing seen gives %+v", got)
	}
}

func TestRecentWeeksCountMore(t *testing.T) {
	var s sums
	for range 100 {
		s.add(monday.Add(-42*24*time.Hour), 10, 21)
	}
	for range 100 {
		s.add(monday, 20, 21)
	}
	near(t, "weight", s.N, 125, 1e-6) // 100 a quarter and 100 whole
	near(t, "mean log", s.S1/s.N, (25*math.Log(10)+100*math.Log(20))/125, 1e-9)
}

func TestMisclicksDoNotCount(t *testing.T) {
	var s sums
	s.add(monday, .05, 21)
	s.add(monday, 241, 21)
	if s.N != 0 || s.Raw != 0 {
		t.Errorf("counted %+v", s)
	}
}

// What is left after e minutes is drawn from the law of those who last longer.
func TestResidualIsConditional(t *testing.T) {
	l := law{math.Log(15), .6}
	for _, elapsed := range []float64{0, 5, 20, 45} {
		last := -1.0
		for i := range 200 {
			u := (float64(i) + .5) / 200
			left := l.residual(elapsed, u)
			done := phi((math.Log(max(elapsed, 1e-9)) - l.mu) / l.sigma)
			if elapsed > 0 {
				near(t, "u", (phi((math.Log(elapsed+left)-l.mu)/l.sigma)-done)/(1-done), u, 1e-6)
			}
			if left < last || left < 0 {
				t.Fatalf("after %v: %v at %v, before it %v", elapsed, left, u, last)
			}
			last = left
		}
	}
}

func TestResidualBeyondAllExperience(t *testing.T) {
	for _, u := range []float64{.001, .5, .999} {
		if left := (law{math.Log(5), .3}).residual(600, u); left <= 0 || math.IsInf(left, 0) || math.IsNaN(left) {
			t.Errorf("at %v: %v", u, left)
		}
	}
}

func TestRates(t *testing.T) {
	var r rate
	r.add(monday, 5, 100, 10)
	r.add(monday.Add(10*24*time.Hour), 0, 0, 10)
	near(t, "events", r.Events, 2.5, 1e-9)
	near(t, "value", r.value(.001, 50), (2.5+.05)/100, 1e-9)
	var m moments
	for range 1000 {
		m.add(monday, -4, 21)
		m.add(monday, -8, 21)
	}
	mu, sd := m.normal(0, 8)
	near(t, "mean", mu, -6, .1)
	near(t, "spread", sd, 2, .2)
}

func TestRingKeepsTheNewest(t *testing.T) {
	r := ring{Size: 3}
	for i := range 5 {
		r.add(float64(i))
	}
	sum := 0.0
	for _, v := range r.Values {
		sum += v
	}
	if len(r.Values) != 3 || sum != 2+3+4 {
		t.Errorf("kept %v", r.Values)
	}
}

// Each thing goes through every stratum once, and two things differ.
func TestDrawsCoverAllStrata(t *testing.T) {
	d := newDraws(64, 9)
	seen := map[uint16]bool{}
	for _, s := range d.of(12, forService) {
		seen[s] = true
	}
	if len(seen) != 64 {
		t.Errorf("%d strata of 64", len(seen))
	}
	same := 0
	for i, s := range d.of(13, forService) {
		if s == d.of(12, forService)[i] {
			same++
		}
	}
	if same > 8 {
		t.Errorf("two tickets share %d draws of 64", same)
	}
}

func TestPoisson(t *testing.T) {
	for _, mean := range []float64{.1, 1, 7} {
		sum := 0.0
		for i := range 1000 {
			sum += float64(poisson(mean, (float64(i)+.5)/1000))
		}
		near(t, "mean", sum/1000, mean, .02*mean+.01)
	}
}
