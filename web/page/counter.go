package page

import "filodiretto/internal/clock"

// Desks is the choice of a counter, for somebody who sits at none.
type Desks struct {
	Shell
	Sites []SiteDesks
}

// SiteDesks are the counters of one site.
type SiteDesks struct {
	Name  string
	Desks []DeskChoice
}

// DeskChoice is a counter that somebody may sit down at.
type DeskChoice struct {
	ID   int64
	Name string
	Does string // the services, in words
	By   string // who sits there; empty for a free one
}

// Counter is the page of whoever sits at a counter.
type Counter struct {
	Shell
	Desk CounterDesk
}

// CounterDesk is what changes of it by itself, the element #desk.
type CounterDesk struct {
	ID       int64
	Name     string // "Sportello 3"
	Site     int64
	SiteName string
	Paused   clock.Instant
	Pause    string // the reason, under "pause."
	Now      *DeskVisit
	Held     []QueueLine
	Next     []QueueLine
	Waiting  int
	Key      string // of the next act, so that a double click is one
	Undo     int64  // the act that can be taken back, 0 for none
	UndoTill clock.Instant
	Services []Choice // for another service, or a transfer
	Counters []Choice
	Offices  []Choice
	Told     Told
	At       clock.Instant
}

// UndoLeft is for how many milliseconds the act can still be taken back: a length,
// since the clock of the desk's machine may be wrong.
func (d CounterDesk) UndoLeft() int64 { return max(0, d.UndoTill.Sub(d.At).Milliseconds()) }

// DeskVisit is who is called or served.
type DeskVisit struct {
	QueueLine
	Serving bool
	Since   clock.Instant // of the call, or of the service
	Waited  int           // minutes, until the first call
	Calls   int
	Lang    Lang
	Errand  string   // why the person comes, in words; empty when nobody knows
	Papers  []string // what it takes, of which some may be missing
	Call    int64    // the last call, for why; 0 for none
	Why     *WhyCalled
	Steps   []VisitStep
	File    *VisitFile // nil while nobody knows who it is
	Query   string     // of the search for a person
	Found   []PersonLine
}

// VisitStep is one service of a visit.
type VisitStep struct{ Service, State string }

// VisitFile is the file of the person at the counter, in brief.
type VisitFile struct {
	Person     PersonHead
	Identities []Identity
	Open       []CaseLine
	Past       int
	Possible   int // records that may be the same person
	Notes      []PersonNote
}

// QueueLine is a step of somebody's visit in a list.
type QueueLine struct {
	Step, Version int64
	Ticket        int64
	Label         string // "B12"
	Service       string
	Class         string        // in words, for staff only; empty for the ordinary
	Person        string        // empty when nobody knows
	State         string        // under "step."
	Since         clock.Instant // of waiting
	At            string        // the counter, where there is one
	Away          bool          // took the number from afar and is not known to be here
	Slot          clock.Instant // of an appointment
	Stuck         bool          // called long ago
	Wait          Wait          // what the person can expect
	Today         string        // whether they are called before closing, see TicketState
}

// Unserved is a service that nobody does now, for those who can do something about it.
type Unserved struct {
	Service string
	Waiting int           // how many wait for it
	From    clock.Instant // when the shifts say that a counter opens for it today; 0 when they do not
}

// WhyCalled explains a call: who was called, who would have been next, and by what.
type WhyCalled struct {
	Reason string // under "why_called."
	Called WhyLine
	Runner *WhyLine
	Note   string // of a call out of order
}

// WhyLine is one of the two that a call compared, in minutes.
type WhyLine struct {
	Label           string
	Class           string
	Waited          int
	Head, Slope     string
	Value           string
	FromAppointment bool
}

// Room is the live room of a site.
type Room struct {
	Shell
	Sites []Choice
	Live  RoomLive
}

// RoomLive is what changes of it by itself, the element #room.
type RoomLive struct {
	Site      int64
	Name      string
	Open      bool
	Until     clock.Instant
	Code      string // of presence
	Ended     bool
	Waiting   []QueueLine
	AtDesks   []QueueLine
	Held      []QueueLine
	Desks     []RoomDesk
	Unserved  []Unserved // first those for whom somebody waits
	Told      Told
	SetUp     bool // the operator may change who does what
	Elsewhere int
	MayWork   bool
	Estimates bool  // the operator may see how promises were kept
	Desk      int64 // the counter at which the viewer sits, 0 for none
	Key       string
	At        clock.Instant
}

// RoomDesk is a counter in the live room.
type RoomDesk struct {
	Name, By string
	Paused   bool
	Label    string // whom it has
	State    string
	Since    clock.Instant
}
