package estimate

import (
	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// Promise is an estimate that was shown to somebody. It is kept until its outcome
// is known, and with it for the public chart of how well promises were kept
// (queue 4.4, point 5; 5.4).
type Promise struct {
	At      clock.Instant `json:"at"`
	Ticket  int64         `json:"ticket"`
	Service int64         `json:"service"`
	Class   order.Class   `json:"class"`
	Place   int           `json:"place"`
	// In minutes: the best guess, the range (the upper end holds 8 times in 10).
	Expected float64 `json:"expected"`
	Half     float64 `json:"half"`
	High     float64 `json:"high"`
	Basis    Basis   `json:"basis"`
}

// Promise is the record of an estimate made at an instant for a ticket.
func (x Estimate) Promise(at clock.Instant) Promise {
	return Promise{
		At: at, Ticket: x.Ticket, Service: x.Service, Class: x.Class, Place: x.Place,
		Expected: x.Expected.Minutes(), Half: x.Half.Minutes(), High: x.High.Minutes(), Basis: x.Basis,
	}
}

// Range is the range that the person has read, see Estimate.Range.
func (p Promise) Range() Range { return rangeOf(p.Half, p.High) }

// Settled is a promise and when the ticket was called for the first time after it.
// Those who left before are never settled, and are told of as a share.
type Settled struct {
	Promise
	Called clock.Instant `json:"called"`
}

// Wait is how long it took in fact, in minutes.
func (s Settled) Wait() float64 { return order.Minutes(s.Called.Sub(s.At)) }

// Kept reports whether the call came no later than the upper end.
func (s Settled) Kept() bool { return s.Wait() <= s.High }

// Learn corrects the estimator by an outcome. Outcomes come in order of the calls.
func (e *Estimator) Learn(s Settled) {
	if s.Called < s.At {
		return
	}
	k, wait := kind(s.Basis.First), s.Wait()
	e.state.Conform[k].learn(s.Basis, wait, s.High)
	e.state.Correct[k].learn(s.Basis, wait)
	e.state.Promises++
}

// Observation is what an estimator is made of again: an event or an outcome.
type Observation struct {
	Event   *Event   `json:"event,omitempty"`
	Settled *Settled `json:"settled,omitempty"`
}

// Take learns from an observation of either kind.
func (e *Estimator) Take(o Observation) {
	if o.Event != nil {
		e.Observe(*o.Event)
	}
	if o.Settled != nil {
		e.Learn(*o.Settled)
	}
}
