package queue

import (
	"strconv"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// Origin is where a ticket was taken.
type Origin string

// The origins.
const (
	AtKiosk        Origin = "kiosk"
	ByStaff        Origin = "staff"
	OnWeb          Origin = "web"
	OnTelegram     Origin = "telegram"
	ForAppointment Origin = "appointment"
)

// Ticket is one person's presence: one number, one or more steps.
type Ticket struct {
	bun.BaseModel `bun:"table:tickets,alias:t"`

	ID            int64 `bun:",pk"`
	SiteID        int64
	Day           Day
	Series        string
	Band          int // 0 is the server's own
	Number        int64
	Label         string // "B12"
	ClassID       int64
	Lang          string
	Origin        Origin
	Procedure     string // key; why the person came
	CitizenID     int64  // the citizen's row, 0 while nobody knows
	IdentityID    int64  // and the account: where the person is told of calls
	AccountID     int64
	CaseID        int64
	DeviceID      int64
	Holder        string // hash of the browser or chat that took it; one open ticket for each and service
	SecretHash    string
	IdemKey       string
	IssuedAt      clock.Instant
	PresentAt     clock.Instant // 0 while the person is not known to be here
	PrintedAt     clock.Instant
	PrintFailedAt clock.Instant
	FollowedAt    clock.Instant // its page was opened: it lives without paper
	CodeTries     int
	ToldAt        clock.Instant // "you are next"
	EndedAt       clock.Instant
	Outcome       string // of the last step; see Step.Outcome
	Version       int64
}

// label writes a number as people see it: the series, the letter of a kiosk that
// was alone, the number.
func label(series string, band int, number int64) string {
	return series + BandLetters(band) + strconv.FormatInt(number, 10)
}

// bandAlphabet are letters that the Italian alphabet does without. A series must
// not end in one of them, so that a kiosk's own numbers meet nobody else's.
const bandAlphabet = "JKWXY"

// BandLetters marks the numbers that a kiosk gave while it was alone: "AK3".
func BandLetters(band int) string {
	s := ""
	for n := band; n > 0; n = (n - 1) / len(bandAlphabet) {
		s = string(bandAlphabet[(n-1)%len(bandAlphabet)]) + s
	}
	return s
}

// State is where a step stands.
type State string

// The states of a step (queue 2.3). A step that went to the back office is
// transferred without EndedAt until the answer has gone out.
const (
	Booked      State = "booked"
	Waiting     State = "waiting"
	Called      State = "called"
	Serving     State = "serving"
	Held        State = "held"
	Transferred State = "transferred"
	Done        State = "done"
	NoShow      State = "no_show"
	Left        State = "left"
	Cancelled   State = "cancelled"
	Expired     State = "expired"
)

// States are all states.
var States = []State{Booked, Waiting, Called, Serving, Held, Transferred, Done, NoShow, Left, Cancelled, Expired}

// Step is one service within a visit. Waiting time is EligibleAt to
// FirstCalledAt; nothing rewrites it (queue 2.3 point 7).
type Step struct {
	bun.BaseModel `bun:"table:steps,alias:s"`

	ID            int64 `bun:",pk"`
	TicketID      int64
	SiteID        int64
	ServiceID     int64
	ClassID       int64
	Ord           int
	State         State
	CitizenID     int64
	Line          int           // see lineOf
	RefAt         clock.Instant // from when seniority counts: the ticket, or the slot
	ArrivedAt     clock.Instant // when the ticket was taken or the appointment checked in
	SlotAt        clock.Instant // of the appointment, 0 for none
	EligibleAt    clock.Instant // from when it can be called; 0 while away
	NotBefore     clock.Instant // put back, or late by own word
	TargetID      int64         // the one counter that may call it; 0 for any
	LetPass       int           // how many people behind still go first
	AppointmentID int64
	CounterID     int64 // where it is or was last
	SittingID     int64
	Calls         int
	FirstCalledAt clock.Instant
	CalledAt      clock.Instant
	WarnedAt      clock.Instant // when somebody was told that it is stuck
	ServedAt      clock.Instant
	EndedAt       clock.Instant
	Outcome       string // a code: "served", "missing_documents", "no_show", "gave_up", "expired", ...
	Note          string // what the counter wrote; shown on the timeline
	Errand        string // key; why the person came for this service
	Missing       string // documents that the counter found wanting, one a line
	Version       int64
}

// Away reports whether the person has not come yet.
func (s *Step) Away() bool { return s.State == Waiting && s.EligibleAt == 0 }

// Open reports whether the step is not over. One at the back office is open.
func (s *Step) Open() bool { return s.EndedAt == 0 }

// SegmentKind is what a person does in a segment.
type SegmentKind string

// The kinds of segments.
const (
	AwaySegment      SegmentKind = "away"
	WaitingSegment   SegmentKind = "waiting"
	CalledSegment    SegmentKind = "called"
	ServingSegment   SegmentKind = "serving"
	HeldSegment      SegmentKind = "held"
	ElsewhereSegment SegmentKind = "elsewhere" // at the back office
)

// Segment is one phase of a step. It is appended and ended, or marked undone, and
// never otherwise changed.
type Segment struct {
	bun.BaseModel `bun:"table:segments,alias:sm"`

	ID        int64 `bun:",pk"`
	StepID    int64
	Kind      SegmentKind
	CounterID int64
	FromAt    clock.Instant
	ToAt      clock.Instant
	UndoneAt  clock.Instant
}

// Call is one announcement. Displays announce calls in the order of their ids, so
// that a second one never overrides the first (queue 3, row 30).
type Call struct {
	bun.BaseModel `bun:"table:calls,alias:ca"`

	ID         int64 `bun:",pk"`
	SiteID     int64
	Day        Day
	StepID     int64
	TicketID   int64
	CounterID  int64
	OperatorID int64
	Kind       string // "next", "chosen", "recall"
	Label      string
	Place      string
	Lang       string
	Why        string // JSON of order.Decision, or of ChosenWhy
	At         clock.Instant
	UndoneAt   clock.Instant
}
