package estimate

import (
	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// Kind is what happened in the office.
type Kind string

// The kinds that the estimator learns from. Others may be left out of the stream.
const (
	Issued   Kind = "issued"   // took a ticket, or checked in for an appointment
	Called   Kind = "called"   // called to a counter; a recall is none
	Finished Kind = "finished" // the service at the counter is over
	NoShow   Kind = "no_show"  // called, nobody came
	PutBack  Kind = "put_back" // called, and waits again
	HeldUp   Kind = "held"     // left the counter, to come back to it
	Moved    Kind = "moved"    // waits for another service or counter
	Left     Kind = "left"     // gave up, and said so
	Dropped  Kind = "dropped"  // waits no more, for a reason from which nothing is learnt
	Paused   Kind = "paused"   // the counter calls nobody
	Resumed  Kind = "resumed"  // it calls again
	Closed   Kind = "closed"   // it is closed
	Missed   Kind = "missed"   // an appointment whose person never came
)

// Event is one thing that happened. Events come in order of time.
type Event struct {
	At      clock.Instant `json:"at"`
	Kind    Kind          `json:"kind"`
	Ticket  int64         `json:"ticket,omitempty"`
	Counter int64         `json:"counter,omitempty"`
	Service int64         `json:"service,omitempty"`
	Class   order.Class   `json:"class,omitempty"`
	Slot    clock.Instant `json:"slot,omitempty"`
	// From is from when the ticket can be called, if that is later than the event: the
	// window of an appointment, the end of a put-back.
	From clock.Instant `json:"from,omitempty"`
	// Arrived is when the ticket was taken, if that was before the event: a kiosk that
	// was alone tells of it later.
	Arrived clock.Instant `json:"arrived,omitempty"`
	// Planned tells a break that was declared beforehand from one that was not.
	Planned bool `json:"planned,omitempty"`
}
