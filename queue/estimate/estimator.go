package estimate

import (
	"fmt"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// Estimator gives the estimates of one site. It is not for use by several
// goroutines at once.
type Estimator struct {
	set   Settings
	zone  *time.Location
	draws *draws
	state state
}

// state is all that an estimator remembers.
type state struct {
	Know  know  `json:"know"`
	Today today `json:"today"`
	// At the issue and while waiting the replay errs in different ways.
	Correct  [2]corrector `json:"correct"`
	Conform  [2]conformal `json:"conform"`
	Promises int          `json:"promises"` // how many outcomes were learnt from
}

// Enough is how many waits must have been seen before anything but the place is
// shown (queue 4.4, point 6).
const Enough = 30

// fresh is how long after the ticket an estimate counts as made at its issue.
const fresh = 10 * time.Second

// New is the estimator of a site of which nothing is known yet.
func New(s Settings) (*Estimator, error) {
	s = s.withDefaults()
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, fmt.Errorf("estimate: %w", err)
	}
	e := &Estimator{set: s, zone: zone, draws: newDraws(s.Runs, s.Seed)}
	e.state.Know, e.state.Today = newKnow(), newToday(0)
	for i := range e.state.Correct {
		e.state.Correct[i], e.state.Conform[i] = newCorrector(), newConformal()
	}
	return e, nil
}

// Waits is how many waits the estimator has seen end, see Enough.
func (e *Estimator) Waits() int { return e.state.Know.Waits }

// Learnt is from how many promises the estimator has learnt.
func (e *Estimator) Learnt() int { return e.state.Promises }

// Fits reports whether the estimator was made with settings that s only adds
// services to, and takes these in. If not, what it knows was learnt otherwise and it
// must be rebuilt.
func (e *Estimator) Fits(s Settings) bool {
	s = s.withDefaults()
	if s.Seed != e.set.Seed || s.Runs != e.set.Runs || s.Zone != e.set.Zone || s.HalfLife != e.set.HalfLife {
		return false
	}
	for id, group := range e.set.Groups {
		if s.Groups[id] != group {
			return false
		}
	}
	e.set = s
	return true
}

// Result are the estimates of a snapshot.
type Result struct {
	At      clock.Instant `json:"at"`
	Waiting []Estimate    `json:"waiting"` // in the order of the snapshot
	Asked   []Estimate    `json:"asked"`   // in the order of the asks
}

// Estimate is what can be said of one person. Durations are from the snapshot.
type Estimate struct {
	Ticket  int64       `json:"ticket,omitempty"`
	Service int64       `json:"service"`
	Class   order.Class `json:"class"`
	// Place is 1 for who is expected to be called next among those who compete for
	// the same counters.
	Place int `json:"place"`
	// Known is false while the site has seen too few waits, and when no counter will
	// call them today: show the place only.
	Known bool `json:"known"`
	// Expected is the single best guess of the wait.
	Expected time.Duration `json:"expected"`
	// Soon is exceeded by nine in ten: who goes away should be back by then.
	Soon time.Duration `json:"soon"`
	Half time.Duration `json:"half"` // exceeded by one in two
	High time.Duration `json:"high"` // exceeded by one in five
	// Served is the probability of being called before the office closes.
	Served float64 `json:"served"`
	Basis  Basis   `json:"basis"`
}

// Estimate says of everybody who waits, and of whoever asks, how long it will take.
// Those who ask change nothing for the others or for each other.
func (e *Estimator) Estimate(s Snapshot, asks ...Ask) Result {
	f := e.lay(&s, asks)
	raws := e.replayAll(f)
	places := f.places(raws)
	hr, _ := hour(s.At, e.zone)
	heads := headsOfLine(&s)
	out := Result{At: s.At, Waiting: make([]Estimate, 0, len(s.Waiting)), Asked: make([]Estimate, 0, len(asks))}
	one := func(i int, x Estimate, first bool) Estimate {
		x.Place, x.Served = places[i], raws[i].called
		x.Known = x.Served > 0 && e.state.Know.Waits >= Enough
		b := Basis{
			Mean: raws[i].mean, Spread: raws[i].spread, Hour: hr, First: first,
			Head: heads[x.Class], Last: mean(e.state.Today.Recent[x.Class], raws[i].mean),
		}
		e.finish(&x, b, raws[i])
		return x
	}
	for i, w := range s.Waiting {
		x := Estimate{Ticket: w.ID, Service: w.Service, Class: w.Class}
		out.Waiting = append(out.Waiting, one(i, x, s.At.Sub(w.Arrived) <= fresh))
	}
	for i, a := range asks {
		x := Estimate{Service: a.Service, Class: a.Class}
		if a.As != nil {
			x.Ticket = a.As.ID
		}
		out.Asked = append(out.Asked, one(len(s.Waiting)+i, x, a.As == nil))
	}
	return out
}

// finish corrects what the replay said and calibrates its ends.
func (e *Estimator) finish(x *Estimate, b Basis, r raw) {
	k := kind(b.First)
	expected := e.state.Correct[k].mean(b)
	f := (expected + offset) / (b.Mean + offset)
	scale := func(q float64) float64 { return max(0, (q+offset)*f-offset) }
	b.Soon, b.Half, b.High = scale(r.at(.1)), scale(r.at(.5)), scale(r.at(.8))
	soon, half, high := e.state.Conform[k].ends(b)
	x.Basis = b
	x.Expected, x.Soon, x.Half, x.High = minutes(expected), minutes(soon), minutes(half), minutes(high)
}

func kind(first bool) int {
	if first {
		return 0
	}
	return 1
}

func minutes(m float64) time.Duration {
	return time.Duration(m * float64(time.Minute)).Round(time.Microsecond)
}

// headsOfLine is how long the first in line of each class has waited, in minutes.
func headsOfLine(s *Snapshot) map[order.Class]float64 {
	out := map[order.Class]float64{}
	for _, w := range s.Waiting {
		out[w.Class] = max(out[w.Class], order.Minutes(s.At.Sub(w.Arrived)))
	}
	return out
}

// mean is the mean of values, or other when there are none.
func mean(values []float64, other float64) float64 {
	if len(values) == 0 {
		return other
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
