package order

import (
	"slices"
	"time"

	"filodiretto/internal/clock"
)

// Waiting is a person's step that waits to be called.
type Waiting struct {
	ID      int64 `json:"id"`
	Service int64 `json:"service"`
	Class   Class `json:"class"`
	// Arrived is when the ticket was taken or the appointment checked in. Put-back
	// and transfer keep it: the same visit goes on with its seniority.
	Arrived clock.Instant `json:"arrived"`
	// Slot is the time of the appointment; 0 for none.
	Slot clock.Instant `json:"slot,omitempty"`
	// NotBefore is until when they cannot be called: put back with a delay, late.
	NotBefore clock.Instant `json:"not_before,omitempty"`
	// Counter is the one counter that may call them; 0 for any with the skill.
	Counter int64 `json:"counter,omitempty"`
	// LetPass is how many people behind them they still let go first.
	LetPass int `json:"let_pass,omitempty"`
}

// Skill is a service that a counter does.
type Skill struct {
	Service int64 `json:"service"`
	// Handicap is by how many minutes of waiting people for this service stand
	// back at this counter. It is how a counter prefers some services without
	// starving the others.
	Handicap time.Duration `json:"handicap,omitempty"`
}

// Counter is what the order needs to know of a counter.
type Counter struct {
	ID     int64   `json:"id"`
	Skills []Skill `json:"skills"`
	// Classes are the only classes that the counter calls; empty for all.
	Classes []Class `json:"classes,omitempty"`
}

// Bar is why a counter cannot call somebody now.
type Bar string

// The bars. None means that the person can be called.
const (
	None         Bar = ""
	OtherCounter Bar = "other_counter" // bound to another counter
	NoSkill      Bar = "no_skill"      // the counter does not do the service
	NoClass      Bar = "no_class"      // the counter does not call the class
	TooEarly     Bar = "too_early"     // the window of the appointment has not begun
	PutBack      Bar = "put_back"      // put back, or late by own word
)

// Serves gives the handicap of w at the counter, or why it can never call w.
// Being bound to a counter counts for more than its skills: an operator who said
// "come back to me" does the rest.
func (c Counter) Serves(w Waiting) (time.Duration, Bar) {
	if w.Counter != 0 {
		if w.Counter != c.ID {
			return 0, OtherCounter
		}
		return 0, None
	}
	i := slices.IndexFunc(c.Skills, func(s Skill) bool { return s.Service == w.Service })
	if i < 0 {
		return 0, NoSkill
	}
	if len(c.Classes) > 0 && !slices.Contains(c.Classes, w.Class) &&
		(w.Slot == 0 || !slices.Contains(c.Classes, Appointment)) {
		return 0, NoClass
	}
	return c.Skills[i].Handicap, None
}

// Bar says why w cannot be called at c now, or None.
func (p Policy) Bar(now clock.Instant, c Counter, w Waiting) Bar {
	if _, bar := c.Serves(w); bar != None {
		return bar
	}
	switch {
	case now < w.NotBefore:
		return PutBack
	case now < p.From(w):
		return TooEarly
	}
	return None
}

// From is the first instant at which w can be called: the ticket, for an
// appointment not before its window, and the end of a delay (queue 4.5, guards).
func (p Policy) From(w Waiting) clock.Instant {
	from := max(w.Arrived, w.NotBefore)
	if w.Slot != 0 {
		from = max(from, w.Slot.Add(-p.Early))
	}
	return from
}

// Since is the instant T from which the wait of w counts: the slot of an
// appointment that keeps to its window, else the ticket or check-in. Under
// FirstCome it is always the latter.
func (p Policy) Since(w Waiting) clock.Instant {
	if p.Rule == FirstCome || !p.inWindow(w) {
		return w.Arrived
	}
	return w.Slot
}

// inWindow reports whether w has an appointment and did not check in too late for it.
func (p Policy) inWindow(w Waiting) bool {
	return w.Slot != 0 && w.Arrived <= w.Slot.Add(p.Late)
}
