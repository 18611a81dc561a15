package page

import "filodiretto/internal/clock"

// RoomFrame surrounds the pages of the wait on a telephone.
type RoomFrame struct {
	Lang Lang
	Town string
	Site string // "Sportello polifunzionale"
	Path string // of this page, for the other languages; without a query
	// Live is the stream that the page follows; empty for none.
	Live string
}

// Langs are the languages of the page.
func (f RoomFrame) Langs() []Lang { return RoomLangs }

// Ticket is the page of a number on its holder's telephone. Its secret opens the
// number and nothing else: no case, no name.
type Ticket struct {
	RoomFrame
	Label   string
	Service string // in words
	TakenAt clock.Instant
	Address string
	State   TicketState
	URL     string // of this page, for a kiosk to read; empty offers it not
	// Left are how many the person may still let go first; 0 offers it no more.
	Left int
	// Step is how many at a time.
	Step int
	// Slot is when the appointment is; 0 without one.
	Slot clock.Instant
	// Needs are what to bring along, in words.
	Needs []string
	// Kept is of how many in a hundred the promise of yesterday held; 0 when not known.
	Kept int
	// Others is why others were called before; nil when nobody asked.
	Others []NotMe
	// Ask shows the question of somebody who wants to leave: "leave", "late" or "why".
	Ask string
	// Done is what was just done, under "ticket.did_": "pass", "late", "left", "back", "here".
	Done string
	// Fault is why something was not done, under "ticket.fault_".
	Fault string
	// Undo is until when giving up can be taken back; 0 when it cannot.
	Undo clock.Instant
	// VoteURL leads to the three faces, after the visit; BookURL to another day.
	VoteURL string
	BookURL string
	// Key makes what a form does happen once.
	Key string
}

// TicketPhase is where a number stands, as its holder sees it.
type TicketPhase string

// The phases.
const (
	TicketAway      TicketPhase = "away" // the person has not said to be here
	TicketWaiting   TicketPhase = "waiting"
	TicketLater     TicketPhase = "later" // late by own word, or put back
	TicketCalled    TicketPhase = "called"
	TicketServing   TicketPhase = "serving"
	TicketHeld      TicketPhase = "held"
	TicketElsewhere TicketPhase = "elsewhere" // goes on at the back office
	TicketDone      TicketPhase = "done"
	TicketMissed    TicketPhase = "missed"
	TicketLeft      TicketPhase = "left"
	TicketOver      TicketPhase = "over" // the day ended, or the number was never printed
)

// AllTicketPhases is every phase.
var AllTicketPhases = []TicketPhase{
	TicketAway, TicketWaiting, TicketLater, TicketCalled, TicketServing, TicketHeld, TicketElsewhere, TicketDone, TicketMissed, TicketLeft, TicketOver,
}

// TicketState is what changes on the page; it goes to telephones as it is.
type TicketState struct {
	Phase TicketPhase `json:"phase"`
	Wait  Wait        `json:"wait"`
	Place *Place      `json:"place,omitempty"` // where to go, once called
	At    int64       `json:"at,omitempty"`    // of the call, or until when one is not called, ms
	Times int         `json:"times,omitempty"` // how often it was called
	Today string      `json:"today,omitempty"` // whether the person is served before closing: "yes", "perhaps", "no"
}

// Instant is At as an instant.
func (s TicketState) Instant() clock.Instant { return clock.Instant(s.At * 1000) }

// People are as many signs as people are ahead, eight at most.
func (s TicketState) People() []struct{} { return make([]struct{}, min(s.Wait.Ahead, 8)) }

// Goes reports whether the number can still be called.
func (p TicketPhase) Goes() bool {
	return p == TicketAway || p == TicketWaiting || p == TicketLater || p == TicketCalled
}

// NotMe is a call of somebody else and why, under "ticket.why_".
type NotMe struct {
	At     clock.Instant
	Place  string
	Reason string
}

// Take is the page that gives a number to somebody with a telephone.
type Take struct {
	RoomFrame
	Groups []TakeGroup
	Chosen string
	// Errands are asked for (Asks) once a service is chosen that has any; Service is its
	// name.
	Asks    bool
	Errands []TakeErrand
	Service string
	Code    string
	Open    bool
	Opens   clock.Instant
	Fault   string // under "ticket.fault_"
	// Mine is the number that this browser has already.
	Mine    string
	MineURL string
	BookURL string
	Key     string
}

// TakeErrand is why somebody comes, with what to bring.
type TakeErrand struct {
	Key    string
	Name   string
	Bring  []string
	Online string
	Chosen bool
}

// TakeGroup is a group of services; its name is empty where there is one group only.
type TakeGroup struct {
	Name     string
	Services []TakeService
}

// TakeService is a service that gives numbers to telephones.
type TakeService struct {
	ID   string
	Name string
	Wait Wait
	// Today is whether somebody who takes a number now is served before closing:
	// "yes", "perhaps", or "no", when there is none.
	Today string
	Full  bool
}
