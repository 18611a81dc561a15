package estimate

import (
	"math"

	"filodiretto/internal/clock"
)

// Settings are what a site chooses about its estimates.
type Settings struct {
	// Seed makes the draws of the replay; the same seed gives the same estimates.
	Seed uint64 `json:"seed"`
	// Runs is how often a snapshot is replayed; 0 for the usual 64.
	Runs int `json:"runs"`
	// Zone is the name of the municipality's time zone, for the hours of the day.
	Zone string `json:"zone"`
	// HalfLife is after how many days an observation counts half; 0 for 21.
	HalfLife float64 `json:"half_life_days"`
	// Groups are the groups of services, for services that were seldom done so far.
	Groups map[int64]string `json:"groups"`
}

func (s Settings) withDefaults() Settings {
	if s.Runs <= 0 {
		s.Runs = 64
	}
	if s.HalfLife <= 0 {
		s.HalfLife = 21
	}
	if s.Zone == "" {
		s.Zone = "Europe/Rome"
	}
	return s
}

// The laws that stand for an office of which nothing is known yet.
var (
	anyService = law{mu: 2.3, sigma: .7} // about 13 minutes
	anyPause   = law{mu: 1.9, sigma: .8} // about 9 minutes
	anyHold    = law{mu: 1.6, sigma: .8} // about 7 minutes
	anyNoShow  = law{mu: .6, sigma: .5}  // about 2 minutes
	anyGap     = law{mu: -.3, sigma: .5} // about 50 seconds
)

const shrinkage = 12 // how many observations a prior weighs

// know is what the estimator has learnt about how the office works. It holds sums
// over services, bands and classes, never anything of a person or an operator.
type know struct {
	Services map[int64]*sums  `json:"services"`
	Groups   map[string]*sums `json:"groups"`
	All      sums             `json:"all"`
	Pauses   sums             `json:"pauses"`
	Holds    sums             `json:"holds"`
	NoShows  sums             `json:"no_shows"` // minutes lost on somebody who does not come
	Gaps     ring             `json:"gaps"`     // minutes from one person to the call of the next
	React    moments          `json:"react"`    // minutes an idle counter takes to call who comes
	Silent   rate             `json:"silent"`   // left in silence, a minute of waiting
	Told     rate             `json:"told"`     // gave up and said so, a minute of waiting
	Shows    rate             `json:"shows"`    // appointments whose people came, of all
	Late     moments          `json:"late"`     // minutes from slot to check-in
	Arrivals profile          `json:"arrivals"`
	Waits    int              `json:"waits"` // how many first calls were seen
}

func newKnow() know {
	return know{
		Services: map[int64]*sums{}, Groups: map[string]*sums{},
		Gaps: ring{Size: 240},
	}
}

// service is the law of a service: its own, drawn to its group's, that to the
// site's, that to any office's.
func (k *know) service(id int64, group string) law {
	l := k.All.shrunk(anyService, shrinkage)
	if g := k.Groups[group]; g != nil {
		l = g.shrunk(l, shrinkage)
	}
	if s := k.Services[id]; s != nil {
		l = s.shrunk(l, shrinkage)
	}
	return l
}

// rate is how often something happens in an exposure, both decayed.
type rate struct {
	Events   float64       `json:"events"`
	Exposure float64       `json:"exposure"`
	At       clock.Instant `json:"at"`
}

func (r *rate) add(at clock.Instant, events, exposure, halfLife float64) {
	if r.At != 0 && at > r.At {
		f := math.Exp2(-at.Sub(r.At).Hours() / 24 / halfLife)
		r.Events, r.Exposure = r.Events*f, r.Exposure*f
	}
	r.At = max(r.At, at)
	r.Events, r.Exposure = r.Events+events, r.Exposure+exposure
}

// value is the rate, drawn to a prior that weighs so much exposure.
func (r rate) value(prior, weight float64) float64 {
	return (r.Events + prior*weight) / (r.Exposure + weight)
}

// moments are decayed sums for a mean and a spread.
type moments struct {
	N  float64       `json:"n"`
	S1 float64       `json:"s1"`
	S2 float64       `json:"s2"`
	At clock.Instant `json:"at"`
}

func (m *moments) add(at clock.Instant, x, halfLife float64) {
	if m.At != 0 && at > m.At {
		f := math.Exp2(-at.Sub(m.At).Hours() / 24 / halfLife)
		m.N, m.S1, m.S2 = m.N*f, m.S1*f, m.S2*f
	}
	m.At = max(m.At, at)
	m.N, m.S1, m.S2 = m.N+1, m.S1+x, m.S2+x*x
}

// mean is the mean, drawn to 0 with the weight of a dozen observations.
func (m moments) mean() float64 { return m.S1 / (m.N + shrinkage) }

// normal is the mean and standard deviation, drawn to priors that weigh twelve
// observations.
func (m moments) normal(mean, sd float64) (float64, float64) {
	mu := (m.S1 + shrinkage*mean) / (m.N + shrinkage)
	variance := (m.S2+shrinkage*(sd*sd+mean*mean))/(m.N+shrinkage) - mu*mu
	return mu, math.Sqrt(max(1, variance))
}

// ring keeps the newest values.
type ring struct {
	Size   int       `json:"size"`
	Next   int       `json:"next"`
	Values []float64 `json:"values"`
}

func (r *ring) add(v float64) {
	if len(r.Values) < r.Size {
		r.Values = append(r.Values, v)
		return
	}
	r.Values[r.Next] = v
	r.Next = (r.Next + 1) % r.Size
}
