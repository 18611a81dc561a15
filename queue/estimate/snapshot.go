package estimate

import (
	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// Snapshot is an office at one instant, with nothing that only the future or a
// simulator could know.
type Snapshot struct {
	At       clock.Instant   `json:"at"`
	Policy   order.Policy    `json:"policy"`
	Counters []Counter       `json:"counters"`
	Waiting  []order.Waiting `json:"waiting"`
	// Held are people whom a counter has put on hold while they fill in a form or
	// fetch a paper. They come back to that counter.
	Held []Held `json:"held,omitempty"`
	// Booked are today's appointments that have not checked in.
	Booked []Booking `json:"booked,omitempty"`
	// Closes is when the last person is called today; 0 when nobody has said.
	Closes clock.Instant `json:"closes,omitempty"`
}

// Counter is a counter as it stands.
type Counter struct {
	order.Counter
	// Open is when the counter calls people, as declared: shifts without breaks, in
	// order of time. What is past may be left out. Empty: it stays closed.
	Open []Span `json:"open"`
	// Serving is who is at the counter or has been called to it.
	Serving *Serving `json:"serving,omitempty"`
	// PausedSince is set while the operator is away without having said until when.
	PausedSince clock.Instant `json:"paused_since,omitempty"`
	// FreeSince is since when the counter has had nobody; 0 when it serves.
	FreeSince clock.Instant `json:"free_since,omitempty"`
}

// Span is a time from From up to To.
type Span struct {
	From clock.Instant `json:"from"`
	To   clock.Instant `json:"to"`
}

// Serving is a person at a counter.
type Serving struct {
	Ticket  int64         `json:"ticket"`
	Service int64         `json:"service"`
	Since   clock.Instant `json:"since"` // the call
}

// Held is a person on hold since an instant, waiting for one counter.
type Held struct {
	order.Waiting
	Since clock.Instant `json:"since"`
}

// Booking is an appointment of today.
type Booking struct {
	ID      int64         `json:"id"`
	Service int64         `json:"service"`
	Class   order.Class   `json:"class"`
	Slot    clock.Instant `json:"slot"`
}

// Ask is somebody who might take a ticket now, or who has one and is not here yet.
type Ask struct {
	Service int64       `json:"service"`
	Class   order.Class `json:"class"`
	// As is the place that they have already: its reference counts and its id names
	// the estimate. Nil for who would come now.
	As *order.Waiting `json:"as,omitempty"`
}
