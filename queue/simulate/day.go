// Package simulate plays a day of an office, event by event, under a discipline of
// package order. It plays days that were (a site's own day, with other weights or
// one counter more) and days that are generated (offices of several kinds, to hold
// estimators and rules against each other).
//
// All that is random about a day is drawn before it is played and hangs on the
// visits and counters themselves. So two plays of one day differ only by what was
// changed: common random numbers, as queue 4.4 asks.
package simulate

import (
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// Day is everything about a day but who is called when.
type Day struct {
	// Start is midnight, local time, as an instant.
	Start    clock.Instant `json:"start"`
	Visits   []Visit       `json:"visits"`
	Counters []Counter     `json:"counters"`
	// Close is when the last person may be called; 0 for when the counters close.
	Close clock.Instant `json:"close,omitempty"`
}

// Visit is a person who came, or booked and did not.
type Visit struct {
	ID    int64       `json:"id"`
	Class order.Class `json:"class"`
	// Arrived is the ticket or the check-in; 0 for who booked and never came.
	Arrived clock.Instant `json:"arrived,omitempty"`
	Slot    clock.Instant `json:"slot,omitempty"`
	// Legs are the services one after the other; the first is what they came for.
	Legs []Leg `json:"legs"`
	// Patience is how long after arriving they leave if not called; 0 for never.
	Patience time.Duration `json:"patience,omitempty"`
	// Silent is who leaves without saying so, which shows only at the call.
	Silent bool `json:"silent,omitempty"`
	// Away is for how long who misses the first call is put back; 0 for nobody else.
	Away time.Duration `json:"away,omitempty"`
}

// Leg is one service of a visit.
type Leg struct {
	Service int64         `json:"service"`
	Work    time.Duration `json:"work"`              // from the call to the end, at an average pace
	Counter int64         `json:"counter,omitempty"` // the one that must do it; 0 for any
}

// Counter is a counter on that day.
type Counter struct {
	order.Counter
	// Open is when it calls, as declared in the morning: shifts without breaks.
	Open []estimate.Span `json:"open"`
	// Stops are pauses that nobody knows of until they begin. A stop begins when the
	// counter is done with whom it serves, and lasts its whole length.
	Stops []estimate.Span `json:"stops,omitempty"`
	// Pace multiplies the work: 1.1 takes a tenth longer. 0 counts as 1.
	Pace float64 `json:"pace,omitempty"`
	// Gaps are the times between one person and the call of the next, used in turn
	// and round again; empty for none.
	Gaps []time.Duration `json:"gaps,omitempty"`
}

// Ending is how a visit ended.
type Ending string

// The endings.
const (
	Served  Ending = "served"
	Gone    Ending = "left"    // gave up and said so
	NoShow  Ending = "no_show" // called, was not there
	Expired Ending = "expired" // still waiting when the office closed
	Missed  Ending = "missed"  // had an appointment and never came
)

// Record is what became of a visit.
type Record struct {
	ID      int64         `json:"id"`
	Class   order.Class   `json:"class"`
	Service int64         `json:"service"`
	Arrived clock.Instant `json:"arrived,omitempty"`
	Slot    clock.Instant `json:"slot,omitempty"`
	Called  clock.Instant `json:"called,omitempty"` // the first call
	End     clock.Instant `json:"end,omitempty"`
	Ending  Ending        `json:"ending"`
}

// Wait is the time from the ticket, for an appointment from the slot if that is
// later, to the first call. It is 0 for who was called before the slot and false
// for who was never called.
func (r Record) Wait() (time.Duration, bool) {
	if r.Called == 0 {
		return 0, false
	}
	return max(0, r.Called.Sub(max(r.Arrived, r.Slot))), true
}

// Chooser decides whom a counter calls: the index in waiting and the ids of those
// who let that person pass; false for nobody.
type Chooser func(now clock.Instant, c order.Counter, waiting []order.Waiting) (called int, passed []int64, ok bool)

// By is the discipline of a policy.
func By(p order.Policy) Chooser {
	return func(now clock.Instant, c order.Counter, waiting []order.Waiting) (int, []int64, bool) {
		d, ok := p.Next(now, c, waiting)
		if !ok {
			return 0, nil, false
		}
		for i := range waiting {
			if waiting[i].ID == d.Called.ID {
				return i, d.Passed, true
			}
		}
		return 0, nil, false
	}
}
