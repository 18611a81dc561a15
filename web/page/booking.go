package page

import "filodiretto/internal/clock"

// BookStart lists where, or for what, one can book.
type BookStart struct {
	Site
	Place  string // the site, once it is known
	Groups []BookGroup
	Fault  string // under "book.fault_"
}

// BookGroup is a site, or a group of services.
type BookGroup struct {
	Name  string
	Hint  string // an address
	Lines []BookLine
}

// BookLine leads on. First is the soonest time; 0 when none is free.
type BookLine struct {
	Name  string
	URL   string
	First clock.Instant
}

// BookSlots lists the free times of a service, day by day: buttons that a keyboard
// and a screen reader can use, and no picture of a month.
type BookSlots struct {
	Site
	Place     string
	Service   string
	Back      string
	Path      string // of the list; the form is sent there
	Key       string
	Days      []BookDay
	Earlier   string // addresses of the days before and after; empty when there are none
	Later     string
	Documents []string
	// Moving is when the appointment is that is being moved; 0 for a new one.
	Moving clock.Instant
	Fault  string
}

// BookDay is a day with free times.
type BookDay struct {
	At    clock.Instant
	Times []BookTime
}

// BookTime is a time with free places.
type BookTime struct {
	At    clock.Instant
	Value string
	Free  int
}

// BookForm asks who comes. The place is kept until a time that can be put off.
type BookForm struct {
	Site
	Path      string
	Place     string
	Service   string
	When      clock.Instant
	Until     clock.Instant // of the hold
	Seconds   int           // until then
	Back      string
	Person    string
	Email     string
	Phone     string
	Procedure []Choice
	Documents []string
	Faults    []FieldFault
	Fault     string
	Key       string
}

// BookWait asks who would come if a place became free. Asked says that a message was
// sent whose link puts the person on the waiting list.
type BookWait struct {
	Site
	Place       string
	Service     string
	Back, Path  string
	Key         string
	Person      string
	Email       string
	Phone       string
	From, To    string // days, "2026-11-18"
	First, Last string // the limits of both
	Faults      []FieldFault
	Fault       string // under "book.fault_"
	Asked       bool
}

func (BookWait) template() string { return "book-wait" }

// BookAsked says that a message was sent whose link makes the appointment firm.
type BookAsked struct {
	Site
	Email string
	When  clock.Instant
	Until clock.Instant
	Told  bool // the message could be sent
}

// BookAppointment is the page that the link in a message opens.
type BookAppointment struct {
	Site
	// Path is "/p/appointment/TOKEN".
	Path      string
	Step      BookStep
	Place     string
	Service   string
	Person    string
	When      clock.Instant
	End       clock.Instant
	Code      string // for the kiosk
	Documents []string
	MayChange bool
	Today     bool // the person can say to be here
	Until     clock.Instant
	Ticket    string // address of the number, once checked in
	Waiting   bool   // on the waiting list for something sooner
	Done      string // under "book.did_"
	Fault     string
	BookURL   string
	Key       string
	FromDay   string // limits of the waiting list's form, "2026-11-18"
	ToDay     string
}

// BookStep is what the page of an appointment is for.
type BookStep string

// The steps.
const (
	BookSee       BookStep = "see"
	BookConfirm   BookStep = "confirm"
	BookCancel    BookStep = "cancel"
	BookOffer     BookStep = "offer"
	BookLeave     BookStep = "leave" // the waiting list
	BookOver      BookStep = "over"  // the link is over, used or wrong: nothing tells which
	BookCancelled BookStep = "cancelled"
	BookLeft      BookStep = "left"
	BookRefused   BookStep = "refused"
	BookJoin      BookStep = "join" // the waiting list, by who typed an address
	BookJoined    BookStep = "joined"
	BookConfirmed BookStep = "confirmed" // somebody who had an appointment said that they will come
)
