package estimate

import (
	"math"
	"time"

	"filodiretto/internal/clock"
)

// Range is what people read: "between 15 and 25 minutes". Half of the waits are
// longer than Low, and one in five is longer than High. Minutes, rounded outwards.
type Range struct {
	Low  int `json:"low"`
	High int `json:"high"`
}

// Range rounds the estimate: to whole minutes up to ten, to five up to an hour, to
// ten beyond. Finer figures would claim more than is known.
func (x Estimate) Range() Range { return rangeOf(x.Half.Minutes(), x.High.Minutes()) }

func rangeOf(half, high float64) Range {
	s := step(high)
	r := Range{Low: int(math.Floor(half/s) * s), High: int(math.Ceil(high/s) * s)}
	if r.High-r.Low < int(s) {
		r.High = r.Low + int(s)
	}
	return r
}

func step(high float64) float64 {
	switch {
	case high <= 10:
		return 1
	case high <= 60:
		return 5
	}
	return 10
}

// Move is how a new estimate stands to what was shown before.
type Move string

// The moves. A Later must be said to the person, not slipped in (queue 4.4, point 5).
const (
	Same   Move = "same"
	Sooner Move = "sooner"
	Later  Move = "later"
)

// Shown is a range as somebody has seen it.
type Shown struct {
	At    clock.Instant `json:"at"`
	Range Range         `json:"range"`
}

// Show is the first range that somebody is shown.
func Show(at clock.Instant, x Estimate) Shown { return Shown{At: at, Range: x.Range()} }

// Next is what to show now. While the new estimate ends about when the old promise
// does, the old promise runs on, so that figures do not flicker; when it ends
// later, the move says so.
func (s Shown) Next(at clock.Instant, x Estimate) (Shown, Move) {
	passed := at.Sub(s.At).Minutes()
	low, high := max(0, float64(s.Range.Low)-passed), float64(s.Range.High)-passed
	fresh := Show(at, x)
	slack := step(x.High.Minutes())
	switch end := x.High.Minutes(); {
	case end > high+slack/2:
		return fresh, Later
	case end < high-2*slack:
		return fresh, Sooner
	}
	return Shown{At: at, Range: rangeOf(low, max(high, 0))}, Same
}

// Until is the end of the range as a time of day.
func (s Shown) Until() clock.Instant {
	return s.At.Add(time.Duration(s.Range.High) * time.Minute)
}
