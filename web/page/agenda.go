package page

import "filodiretto/internal/clock"

// Agenda is the page of appointments for staff: a day or a week of one agenda, with
// one thing at a time opened beside it.
type Agenda struct {
	Shell
	Choices   []AgendaChoice
	ID        int64
	Site      int64
	Name      string // of the agenda
	SiteName  string
	Week      bool
	At        clock.Instant // the day, or the first of the week
	Until     clock.Instant // the last of the week
	Day       string        // "2026-11-23", for the field that goes to a day
	Prev      string        // addresses
	Next      string
	Today     string
	DayURL    string
	WeekURL   string
	Days      []AgendaDay
	Booked    int // of what is shown: firm and still to come
	Arrived   int
	Missed    int
	Free      int
	Conflicts int // appointments of the site that have no place any more
	Waiting   int // people on the agenda's waiting list
	Slot      *AgendaSlot
	See       *AgendaSee
	Book      *AgendaBook
	Close     string // address without what is opened beside the list
	Fault     string // under "flash."
}

// AgendaChoice is an agenda that the viewer works.
type AgendaChoice struct {
	Name, Site, URL string
	Current         bool
}

// AgendaDay is a day with its slots. Why says why it has none, under "agenda.none_".
type AgendaDay struct {
	At     clock.Instant
	Today  bool
	URL    string
	Slots  []AgendaSlotLine
	Others []AgendaLine // at times at which there is no slot any more
	Why    string
	Reason string // in words
}

// AgendaSlotLine is a slot of the list.
type AgendaSlotLine struct {
	Start, End clock.Instant
	URL        string // opens it
	Free       int
	Public     int // of the free, for citizens
	Capacity   int
	ForPublic  int  // of the capacity, for citizens
	Own        bool // the capacity is the slot's own
	Taken      int
	Resting    int
	Past       bool
	Current    bool
	Lines      []AgendaLine
}

// AgendaLine is an appointment in a list. Veiled shows only that a place is taken.
type AgendaLine struct {
	ID      int64
	URL     string
	At      clock.Instant
	Person  string
	Service string
	State   string // under "agenda.state_"
	Until   clock.Instant
	Code    string
	Note    string
	Label   string // of the ticket
	Online  bool   // booked by the citizen
	Sure    bool   // said that they will come
	Veiled  bool
	Current bool
}

// AgendaSlot is a slot that is opened: its capacity, and where to book.
type AgendaSlot struct {
	AgendaSlotLine
	BookURL string
	Value   string // of the start, in forms
	Back    string
}

// AgendaSee is an appointment that is opened.
type AgendaSee struct {
	AgendaLine
	End        clock.Instant
	Version    int64
	Class      string
	Booked     clock.Instant // when
	By         string        // who of the staff
	Conflict   clock.Instant // when the person was told that it cannot stay
	MayArrive  bool
	MayMiss    bool
	MayChange  bool
	Moving     bool
	MoveURL    string
	MoveDays   []BookDay
	MoveLater  string
	Cancelling bool
	CancelURL  string
	File       *VisitFile
	Back       string
}

// AgendaBook books for somebody.
type AgendaBook struct {
	Start    clock.Instant
	Value    string
	Agenda   int64
	Services []Choice
	Classes  []Choice
	Query    string
	Find     string // address of the search, to which q is added
	Picks    AgendaPicks
	Chosen   *PersonLine
	Form     VisitForm
	Note     string
	Faults   []FieldFault
	Key      string
	Back     string
}

// AgendaPicks are the persons found, the element #agenda-picks and a fragment.
type AgendaPicks struct {
	People []AgendaPick
	Asked  bool
}

// AgendaPick is a person with the address that chooses them.
type AgendaPick struct {
	PersonLine
	URL string
}

// AgendaConflicts are the appointments that cannot stay, with what is to be done.
type AgendaConflicts struct {
	Shell
	Site  int64
	Name  string
	Lines []AgendaConflict
	Back  string
}

// AgendaConflict is one of them.
type AgendaConflict struct {
	AgendaLine
	Version int64
	Agenda  string
	Why     string // under "agenda.why_"
	Next    string // under "agenda.next_"
	Told    clock.Instant
	Free    []BookTime
	MayAct  bool
}

// AgendaWaiting is the waiting list of an agenda.
type AgendaWaiting struct {
	Shell
	ID     int64
	Name   string
	Lines  []AgendaWish
	Form   AgendaJoin
	Faults []FieldFault
	Back   string
}

// AgendaWish is somebody who waits for a place.
type AgendaWish struct {
	ID       int64
	Person   string
	Service  string
	From, To clock.Instant // days
	Since    clock.Instant
	Offers   int
	Offered  bool
	Veiled   bool
}

// AgendaJoin puts somebody on the list.
type AgendaJoin struct {
	Key, Name, Email, Phone, From, To string
	Services                          []Choice
}

func (Agenda) template() string          { return "agenda" }
func (AgendaPicks) template() string     { return "agenda-picks" }
func (AgendaConflicts) template() string { return "agenda-conflicts" }
func (AgendaWaiting) template() string   { return "agenda-waiting" }
