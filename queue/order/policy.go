// Package order says who is called next at a counter, and why. It is pure:
// no clock, no database; every instant is given to it. The rule is the affine
// accumulating priority of queue 4.5: a person's value is a + b·(t − T), with a
// head start a and a slope b by class and a reference time T, and the largest
// value is called. First come, strict levels and the others are settings of the
// same machinery, so that the simulator and the estimator replay exactly what
// the counters do.
package order

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Rule is how the people who wait are put in order.
type Rule string

// The rules that a site may choose from.
const (
	// Affine calls the largest a + b·(t − T): the rule of queue 4.5.
	Affine Rule = "affine"
	// FirstCome calls whoever took the ticket or checked in first.
	FirstCome Rule = "first_come"
	// Strict calls the highest level first, within it the longest wait since the
	// reference. It may starve the lower levels.
	Strict Rule = "strict"
	// LongestWait calls whoever waits longest since the reference, that is the slot
	// for an appointment: Qmatic's "finally" (queue 1.1).
	LongestWait Rule = "longest_wait"
	// AppointmentsFirst calls appointments that keep to their window before all
	// others, whose turn is by reference. It may starve walk-ins.
	AppointmentsFirst Rule = "appointments_first"
)

// Rules are the settings offered, the recommended one first.
var Rules = []Rule{Affine, FirstCome, LongestWait, AppointmentsFirst, Strict}

// Class is a priority class of a site. It is never shown in public (queue 4.5).
type Class string

// The classes that every site has; a site may name others.
const (
	WalkIn      Class = "walkin"
	Appointment Class = "appointment"
	Protected   Class = "protected" // precedence by law or local regulation
)

// Weight is what waiting is worth to a class. One point is one minute of waiting
// of a class with slope 1.
type Weight struct {
	Head     float64 `json:"head"`               // a: points on arrival
	Slope    float64 `json:"slope"`              // b: points a minute, above 0
	Absolute bool    `json:"absolute,omitempty"` // a = ∞: before all who are not absolute
	Level    int     `json:"level,omitempty"`    // for Strict only; the higher is called first
}

// Policy is the discipline of a site.
type Policy struct {
	Rule    Rule             `json:"rule"`
	Weights map[Class]Weight `json:"weights"`
	// Early is how long before the slot an appointment may be called at the earliest.
	Early time.Duration `json:"early"`
	// Late is how long after the slot an appointment may check in and still count
	// from its slot; who is later counts from the check-in.
	Late time.Duration `json:"late"`
}

// Default is the policy that a site begins with: in words, "an appointment is
// worth 25 minutes of waiting and ripens twice as fast; who has a right to
// precedence gets 10 minutes and ripens four times as fast" (queue 4.5).
func Default() Policy {
	return Policy{
		Rule: Affine,
		Weights: map[Class]Weight{
			WalkIn:      {Head: 0, Slope: 1, Level: 1},
			Appointment: {Head: 25, Slope: 2, Level: 2},
			Protected:   {Head: 10, Slope: 4, Level: 3},
		},
		Early: 15 * time.Minute,
		Late:  15 * time.Minute,
	}
}

// Validate reports everything that is wrong with the policy, in one error.
func (p Policy) Validate() error {
	var errs []error
	if !slices.Contains(Rules, p.Rule) {
		errs = append(errs, fmt.Errorf("order: rule %q is not known", p.Rule))
	}
	for _, c := range []Class{WalkIn, Appointment, Protected} {
		if _, ok := p.Weights[c]; !ok {
			errs = append(errs, fmt.Errorf("order: class %q has no weight", c))
		}
	}
	for c, w := range p.Weights {
		switch {
		case !(w.Slope > 0) || math.IsInf(w.Slope, 0):
			errs = append(errs, fmt.Errorf("order: class %q: the slope must be above 0, or its people would starve", c))
		case math.IsNaN(w.Head) || math.IsInf(w.Head, 0):
			errs = append(errs, fmt.Errorf("order: class %q: the head start must be a number of minutes; use absolute for more", c))
		}
	}
	if p.Early < 0 || p.Late < 0 {
		errs = append(errs, errors.New("order: the window of an appointment cannot be negative"))
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// weight is the weight of a class; a class that the site has dropped since the
// ticket was issued counts as a walk-in.
func (p Policy) weight(c Class) Weight {
	if w, ok := p.Weights[c]; ok {
		return w
	}
	if w, ok := p.Weights[WalkIn]; ok {
		return w
	}
	return Weight{Slope: 1}
}
