package queue

import (
	"encoding/json"
	"fmt"

	"filodiretto/internal/clock"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// happened is an event of a room as it is stored.
type happened struct {
	ID    int64
	At    clock.Instant
	Kind  string
	Data  string
	facts facts
	slot  clock.Instant // of an appointment
}

// observed is an event as the estimator takes it. ends says what became of the
// promises of a step that waited until then; empty for an event that ends no wait.
type observed struct {
	estimate.Event
	step int64
	ends string
}

// taughtBy are the kinds of events from which is learnt. The others of event.go say
// nothing about how long things take.
var taughtBy = []string{
	"ticket.issued", "ticket.present", "ticket.called", "ticket.serving", "ticket.held", "ticket.resumed", "ticket.put_back",
	"ticket.transferred", "ticket.to_office", "ticket.next", "ticket.done", "ticket.no_show", "ticket.left", "ticket.expired",
	"ticket.voided", "ticket.undone", "ticket.returned", "ticket.late", "counter.paused", "counter.resumed", "counter.left", "appointment.no_show",
}

// read takes the facts out of the event.
func (e *happened) read() error {
	if err := json.Unmarshal([]byte(e.Data), &e.facts); err != nil {
		return fmt.Errorf("event %d: %w", e.ID, err)
	}
	if e.Kind != "appointment.no_show" {
		return nil
	}
	var a struct{ Start clock.Instant }
	if err := json.Unmarshal([]byte(e.Data), &a); err != nil {
		return fmt.Errorf("event %d: %w", e.ID, err)
	}
	e.slot = a.Start
	return nil
}

// observe turns the events of a site into what the estimator learns from, in their
// order. undone are the acts that were taken back: they never happened. class names
// a class of precedence.
func observe(events []happened, undone map[int64]bool, class func(int64) order.Class) []observed {
	var out []observed
	var begins []observed // what an act began, which is told before what it ended
	var verb int64
	flush := func() { out, begins = append(out, begins...), nil }
	for i := range events {
		e := &events[i]
		f := &e.facts
		if f.Verb != 0 && undone[f.Verb] {
			continue
		}
		if f.Verb != verb {
			flush()
		}
		verb = f.Verb
		os := e.observe(class)
		if e.Kind == "ticket.next" || e.Kind == "ticket.serving" {
			begins = append(begins, os...)
			continue
		}
		out = append(out, os...)
		flush()
	}
	flush()
	return out
}

// observe is one event. A ticket has one step at a time that goes on, so that its id
// stands for the person through the day.
func (e *happened) observe(class func(int64) order.Class) []observed {
	f := &e.facts
	one := func(k estimate.Kind, from clock.Instant) observed {
		return observed{
			Event: estimate.Event{At: e.At, Kind: k, Ticket: f.Ticket, Counter: f.Counter, Service: f.Service, Class: class(f.Class), From: from},
			step:  f.Step,
		}
	}
	ends := func(o observed, how string) []observed {
		o.ends = how
		return []observed{o}
	}
	just := func(k estimate.Kind, from clock.Instant) []observed { return []observed{one(k, from)} }
	switch e.Kind {
	case "ticket.issued", "ticket.present":
		return e.arrived(one)
	case "ticket.next", "ticket.returned":
		return just(estimate.Moved, f.OpensAt)
	case "ticket.late":
		if f.Away {
			return nil
		}
		return just(estimate.Moved, f.Until)
	case "ticket.called":
		return ends(one(estimate.Called, 0), PromiseCalled)
	case "ticket.resumed":
		return just(estimate.Called, 0)
	case "ticket.serving":
		if f.First { // the visit goes on at the counter without a call
			return just(estimate.Called, 0)
		}
	case "ticket.held":
		return just(estimate.HeldUp, 0)
	case "ticket.put_back":
		if f.From == Held {
			return just(estimate.Moved, f.Until)
		}
		return just(estimate.PutBack, f.Until)
	case "ticket.no_show":
		return just(estimate.NoShow, 0)
	case "ticket.done":
		if f.Reason == "" { // else the day has ended over it, and nobody knows when it was over
			return just(estimate.Finished, 0)
		}
	case "ticket.transferred", "ticket.to_office":
		return e.sentOn(one)
	case "ticket.left":
		switch f.From {
		case Called:
			return just(estimate.NoShow, 0)
		case Waiting:
			return ends(one(estimate.Left, 0), PromiseLeft)
		}
		return just(estimate.Dropped, 0)
	case "ticket.expired":
		return ends(one(estimate.Dropped, 0), PromiseExpired)
	case "ticket.voided":
		return ends(one(estimate.Dropped, 0), PromiseVoided)
	case "counter.paused":
		o := one(estimate.Paused, 0)
		o.Planned = f.Until != 0
		return []observed{o}
	case "counter.resumed":
		return just(estimate.Resumed, 0)
	case "counter.left":
		return just(estimate.Closed, 0)
	case "appointment.no_show":
		if f.Ticket == 0 { // else the person came, and was not there at the call
			o := one(estimate.Missed, 0)
			o.Slot, o.Class = e.slot, order.Appointment
			return []observed{o}
		}
	}
	return nil
}

// arrived is somebody who begins to wait in the room.
func (e *happened) arrived(one func(estimate.Kind, clock.Instant) observed) []observed {
	f := &e.facts
	o := one(estimate.Issued, f.OpensAt)
	switch {
	case e.Kind == "ticket.present" && f.How == "":
		o.Kind = estimate.Moved // who wanted to come later is here
	case f.State != Waiting || f.Away:
		return nil
	}
	o.Slot, o.Arrived = f.SlotAt, f.Arrived
	return []observed{o}
}

// sentOn is somebody who goes on elsewhere: at another service or counter of the
// site, where the transfer says so, or at an office.
func (e *happened) sentOn(one func(estimate.Kind, clock.Instant) observed) []observed {
	f := &e.facts
	var out []observed
	switch {
	case f.From.atCounter():
		out = append(out, one(estimate.Finished, 0))
	case e.Kind == "ticket.to_office":
		out = append(out, one(estimate.Dropped, 0))
	}
	if e.Kind == "ticket.to_office" || f.Away {
		return out
	}
	o := one(estimate.Moved, 0)
	o.Counter, o.Service = 0, f.To
	if f.From == Waiting {
		o.ends = PromiseTransferred
	}
	return append(out, o)
}
