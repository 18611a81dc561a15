package estimate

import (
	"math"

	"filodiretto/internal/clock"
)

// law is a lognormal law of minutes (Brown et al. 2005 in queue 4.1).
type law struct{ mu, sigma float64 }

// at is the duration at a standard normal draw.
func (l law) at(z float64) float64 { return math.Exp(l.mu + l.sigma*z) }

// residual is what is left after elapsed minutes, at a uniform draw: the law
// conditional on having lasted so long.
func (l law) residual(elapsed, u float64) float64 {
	if elapsed <= 0 {
		return l.at(probit(u))
	}
	done := phi((math.Log(elapsed) - l.mu) / l.sigma)
	if done > 1-1e-6 {
		// Far beyond all experience: about as long again as is typical out there.
		return elapsed * .2 * -math.Log(1-u)
	}
	return max(0, l.at(probit(done+(1-done)*u))-elapsed)
}

// sums are the decayed sums of the logarithms of durations, from which a law is
// fitted. Recent weeks count more (queue 4.4, point 1).
type sums struct {
	N   float64       `json:"n"` // decayed count
	S1  float64       `json:"s1"`
	S2  float64       `json:"s2"`
	Raw int           `json:"raw"` // undecayed count
	At  clock.Instant `json:"at"`
}

// add counts a duration in minutes. What is shorter than six seconds or longer
// than four hours is a misclick and counts for nothing.
func (s *sums) add(at clock.Instant, min, halfLife float64) {
	if min < .1 || min > 240 {
		return
	}
	s.decay(at, halfLife)
	x := math.Log(min)
	s.N++
	s.S1 += x
	s.S2 += x * x
	s.Raw++
}

func (s *sums) decay(at clock.Instant, halfLife float64) {
	if s.At != 0 && at > s.At {
		f := math.Exp2(-at.Sub(s.At).Hours() / 24 / halfLife)
		s.N, s.S1, s.S2 = s.N*f, s.S1*f, s.S2*f
	}
	s.At = max(s.At, at)
}

// shrunk is the fitted law drawn towards a prior that weighs k observations:
// (n·x̄ + k·prior)/(n + k).
func (s sums) shrunk(prior law, k float64) law {
	if s.N <= 0 {
		return prior
	}
	mean := s.S1 / s.N
	variance := max(0, s.S2/s.N-mean*mean)
	return law{
		mu:    (s.N*mean + k*prior.mu) / (s.N + k),
		sigma: math.Sqrt(max(.01, (s.N*variance+k*prior.sigma*prior.sigma)/(s.N+k))),
	}
}
