package queue

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// Bookings is the agenda of the town's sites: slots, appointments, the waiting
// list. Make it with NewBookings. Its methods are whole transactions, as those of
// Queue.
//
//	Hold, Book, Confirm, Change, Cancel         by citizens, with a token, and by staff
//	FreeSlots, Day, Days, Expected, Look        what pages show
//	Join, AskJoin, ConfirmJoin, Accept, Refuse, LeaveList  the waiting list
//	CheckIn, CheckInByCode, CheckInAtKiosk, CheckInByPhone become a ticket
//	Missed                                      staff say that nobody came
//	Published, WouldShut, ShutDay               before something is changed
//	Conflicts, Settle, Remind, EndAppointments, ForgetPeople  and what time brings
//
// Events: "appointment.asked", ".booked", ".confirmed" (will come), ".changed",
// ".cancelled", ".expired", ".offered", ".reminded", ".conflict_told", ".arrived",
// ".done", ".no_show"; "waitlist.joined", ".left", ".ended"; "agenda.saved",
// ".ended". Live: topic "queue" with the site's id.
type Bookings struct {
	q    *Queue
	tell Notices
	url  string
}

// Notices tells citizens on their own channel, and makes the secrets of the links
// in what it tells. The inbox is one.
type Notices interface {
	NotifyTx(ctx context.Context, tx *db.Tx, notices ...inbox.Notice) ([]inbox.Noticed, error)
	NewToken() (token, sealed string)
	MeetTx(ctx context.Context, tx *db.Tx, v inbox.Viewer, c inbox.Contact) (inbox.Met, error)
	ProveTx(ctx context.Context, tx *db.Tx, identityID int64) error
}

// NewBookings makes the service. publicURL is where citizens reach the pages.
func NewBookings(q *Queue, n Notices, publicURL string) *Bookings {
	return &Bookings{q: q, tell: n, url: strings.TrimSuffix(publicURL, "/")}
}

// BookingState is where an appointment stands.
type BookingState string

// The states of an appointment. One that is held keeps its place until HoldUntil
// and not a moment longer.
const (
	HeldSlot           BookingState = "held"
	BookedSlot         BookingState = "booked"
	Arrived            BookingState = "arrived" // checked in: a ticket goes on with it
	AppointmentDone    BookingState = "done"
	AppointmentMissed  BookingState = "no_show"
	AppointmentCancel  BookingState = "cancelled"
	AppointmentExpired BookingState = "expired" // held and never booked
)

// Appointment is somebody's place in a slot.
type Appointment struct {
	bun.BaseModel `bun:"table:appointments,alias:ap"`

	ID          int64 `bun:",pk"`
	SiteID      int64
	AgendaID    int64
	ServiceID   int64
	StartAt     clock.Instant
	EndAt       clock.Instant
	Public      bool // of the places that citizens take themselves
	State       BookingState
	HoldUntil   clock.Instant // of a held one
	Holder      string        // hash of the browser or chat that holds it
	Contact     string        // stands for the person, for the limits; empty when nobody knows
	CitizenID   int64
	IdentityID  int64 // and the account: where the person is told
	AccountID   int64
	CaseID      int64
	Person      string // as staff see it
	Lang        string
	ClassID     int64  // of precedence at check-in; 0 is that of appointments
	Procedure   string // key; why the person comes
	Note        string // of staff
	Code        string // what the person types at the kiosk
	IdemKey     string
	RemindAt    clock.Instant // when the next reminder is due; 0 for none
	Reminded    int           // how many went out
	ConfirmedAt clock.Instant // when the person said that they will come
	ConflictAt  clock.Instant // when they were told that it cannot stay
	TicketID    int64
	Sequence    int // of the calendar file: grows with each change
	ByOperator  int64
	BookedAt    clock.Instant
	EndedAt     clock.Instant
	Outcome     string // "citizen", "staff", "lapsed", "replaced", "taken", a reason's code
	Version     int64
	CreatedAt   clock.Instant

	// Veiled says that who asked may only know that the place is taken: it is for a
	// reserved office. Service, person and all that tells of them are left out.
	Veiled bool `bun:"-"`
}

// asked reports whether it waits for the person to prove their address.
func (a *Appointment) asked() bool { return a.State == HeldSlot && a.Contact != "" }

// The codes of refusals of the agenda.
const (
	SlotFull        = "slot_full"          // every place of the slot is taken
	NoSuchSlot      = "no_such_slot"       // the agenda has none at that time
	TooSoon         = "too_soon"           // so near only staff can book
	TooFar          = "too_far"            // further ahead than the agenda is open
	HoldLapsed      = "hold_lapsed"        // the slot was kept for too long
	MostOpen        = "most_open"          // the person has as many appointments as one may have
	MostDay         = "most_day"           // and booked as often as one may in a day
	TooLateToChange = "too_late_to_change" // so near to the time citizens telephone
	WrongDay        = "wrong_day"          // the appointment is on another day
	NotBooked       = "not_booked"         // cancelled, over, or not confirmed
	NotYet          = "not_yet"            // nobody is late before the time
	OnTheList       = "on_the_list"        // the person is on the waiting list already
)

func (b *Bookings) publish(tx *db.Tx, siteID int64, kind string) {
	hub, e := b.q.hub, live.Event{Topic: "queue", ID: siteID, Version: int64(tx.Now), Kind: kind}
	tx.After(func() { hub.Publish(e) })
}

// houseOf is the set-up of a site as the transaction sees it.
func (b *Bookings) houseOf(ctx context.Context, tx bun.IDB, siteID int64) (*House, error) {
	var version int64
	if err := tx.NewRaw("SELECT version FROM sites WHERE id = ? AND closed_at = 0", siteID).Scan(ctx, &version); err != nil {
		return nil, notFound(err)
	}
	return b.q.house(ctx, tx, siteID, version)
}

// citizen reports whether somebody acts for themselves, with a token or in a
// chat, and not as staff.
func citizen(v inbox.Viewer) bool { return v.OperatorID == 0 && !v.System }
