package queue

import (
	"cmp"
	"encoding/json"
	"strconv"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// The kinds of events. Each carries facts; CitizenID and CaseID are the ticket's
// when known, OfficeID is the service's. What was undone is named by
// "ticket.undone" with the event's verb, so that statistics leave it out.
//
//	ticket.issued     origin; state is waiting, or booked for a further service
//	ticket.present    somebody who took the number from afar is here (how: came), or
//	                  who wanted to come later
//	ticket.called     how: next, chosen; first and wait_ms at the first call
//	ticket.recalled   announced again
//	ticket.serving    the service begins
//	ticket.held       set aside; ticket.resumed goes on with it
//	ticket.put_back   waits again, not before
//	ticket.transferred  to another service or counter: next is the step that goes on
//	ticket.to_office  to a case of an office; ticket.answered when that has answered
//	ticket.added      a further service of the same visit
//	ticket.next       the further service's turn
//	ticket.done       outcome
//	ticket.no_show, ticket.left, ticket.expired, ticket.voided
//	ticket.returned   waits again after a missed call
//	ticket.let_pass   lets count go first; ticket.late comes later, not before
//	ticket.stuck      called for long; only told, nobody is called by it
//	ticket.undone     undoes
//	ticket.printed, ticket.print_failed, ticket.linked (the person is known now)
//	counter.opened, counter.paused, counter.resumed, counter.left
//	queue.day_opened, queue.day_ended
//	kiosk.help_wanted, kiosk.paper_refused, kiosk.seen_to
type facts struct {
	Site    int64         `json:"site"`
	Day     Day           `json:"day,omitempty"`
	Ticket  int64         `json:"ticket,omitempty"`
	Step    int64         `json:"step,omitempty"`
	Service int64         `json:"service,omitempty"`
	Class   int64         `json:"class,omitempty"`
	Counter int64         `json:"counter,omitempty"`
	Sitting int64         `json:"sitting,omitempty"`
	Device  int64         `json:"device,omitempty"`
	Verb    int64         `json:"verb,omitempty"` // the act's id
	From    State         `json:"from,omitempty"`
	State   State         `json:"state,omitempty"`
	Origin  Origin        `json:"origin,omitempty"`
	How     string        `json:"how,omitempty"`
	First   bool          `json:"first,omitempty"`
	WaitMS  int64         `json:"wait_ms,omitempty"`
	Call    int64         `json:"call,omitempty"`
	Next    int64         `json:"next,omitempty"`   // the step that goes on
	To      int64         `json:"to,omitempty"`     // service or office
	Target  int64         `json:"target,omitempty"` // the one counter that may call
	Count   int           `json:"count,omitempty"`
	Until   clock.Instant `json:"until,omitempty"`
	Outcome string        `json:"outcome,omitempty"`
	Reason  string        `json:"reason,omitempty"`
	Undoes  int64         `json:"undoes,omitempty"`
	Slot    bool          `json:"slot,omitempty"`     // has an appointment
	SlotAt  clock.Instant `json:"slot_at,omitempty"`  // when it is; of ticket.issued
	Arrived clock.Instant `json:"arrived,omitempty"`  // when the number was taken, if that was before the event
	Away    bool          `json:"away,omitempty"`     // waits and is not here
	OpensAt clock.Instant `json:"opens_at,omitempty"` // from when one who waits can be called, if that is later
}

type eventDraft struct {
	event  inbox.Event
	ticket int64
}

// stepEvent appends an event about a step and tells open pages.
func (r *room) stepEvent(kind string, s *Step, by actor, f facts) {
	f.Ticket, f.Step, f.Service, f.Class, f.State, f.Slot = s.TicketID, s.ID, s.ServiceID, s.ClassID, s.State, s.SlotAt != 0
	if f.Counter == 0 && (s.State.atCounter() || f.From.atCounter() || s.State == Held) {
		f.Counter = s.CounterID
	}
	if f.Away = s.EligibleAt == 0 && (s.State == Waiting || s.State == Transferred); s.State == Waiting && s.EligibleAt > r.now {
		f.OpensAt = s.EligibleAt
	}
	e := r.eventOf(kind, by, f)
	if sv := r.h.Service(s.ServiceID); sv != nil {
		e.event.OfficeID = sv.OfficeID
	}
	e.ticket = s.TicketID
	r.publish(kind, s, f)
}

// siteEvent appends an event about a counter or the whole site.
func (r *room) siteEvent(kind string, by actor, f facts) {
	r.eventOf(kind, by, f)
	r.changes++
	r.publish(kind, nil, f)
}

func (r *room) eventOf(kind string, by actor, f facts) *eventDraft {
	f.Site, f.Day = r.h.Site.ID, cmp.Or(f.Day, r.today)
	b, err := json.Marshal(f)
	if err != nil {
		panic("queue: " + err.Error()) // numbers and codes only
	}
	d := &eventDraft{event: inbox.Event{
		ID: db.NewID(r.q.clock), At: r.now, Kind: kind, Actor: by.kind, OperatorID: by.operator, Data: string(b),
	}}
	r.events = append(r.events, d)
	return d
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }

// publish tells open pages after the commit which site and ticket changed. The
// version of a ticket's event is its instant: a later one is the newer one.
func (r *room) publish(kind string, s *Step, f facts) {
	id, hub := r.h.Site.ID, r.q.hub
	site := live.Event{Topic: "queue", ID: id, Version: int64(r.now), Kind: kind, Data: map[string]string{}}
	if f.Counter != 0 {
		site.Data["counter"] = idText(f.Counter)
	}
	if s == nil {
		r.tx.After(func() { hub.Publish(site) })
		return
	}
	site.Data["ticket"], site.Data["step"], site.Data["service"] = idText(s.TicketID), idText(s.ID), idText(s.ServiceID)
	own := live.Event{Topic: "ticket", ID: s.TicketID, Version: int64(r.now), Kind: kind, Data: map[string]string{"site": idText(id), "state": string(s.State)}}
	r.tx.After(func() {
		hub.Publish(site)
		hub.Publish(own)
	})
}

type newsDraft struct {
	news   News
	ticket int64
}

// tell has the person hear of something, if they can be reached.
func (r *room) tell(kind string, s *Step, place string) {
	r.news = append(r.news, &newsDraft{News{Kind: kind, TicketID: s.TicketID, StepID: s.ID, SiteID: r.h.Site.ID, Place: place}, s.TicketID})
}
