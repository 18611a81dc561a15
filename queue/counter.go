package queue

import (
	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// Counter is a desk, the desk of a specialist of the back office, or the reception.
type Counter struct {
	bun.BaseModel `bun:"table:counters,alias:co"`

	ID       int64 `bun:",pk"`
	SiteID   int64
	Key      string
	Name     string // as displayed and spoken: "Sportello 3"
	Kind     string // "desk", "specialist", "reception"
	OfficeID int64
	Ord      int
	EndedAt  clock.Instant
}

// Skill is a service that a counter does.
type Skill struct {
	bun.BaseModel `bun:"table:counter_services,alias:cs"`

	CounterID   int64
	ServiceID   int64
	HandicapMin float64 // by how many minutes of waiting its people stand back there
}

// Shift is what is planned: a counter is open, or has a break.
type Shift struct {
	bun.BaseModel `bun:"table:shifts,alias:sf"`

	ID        int64 `bun:",pk"`
	CounterID int64
	Weekday   int    // 1 Monday .. 7 Sunday
	Kind      string // "open", "break"
	FromMin   int
	ToMin     int
}

// Sitting is an operator at a counter. A counter has one at a time, an operator
// sits at one counter.
type Sitting struct {
	bun.BaseModel `bun:"table:sittings,alias:st"`

	ID          int64 `bun:",pk"`
	SiteID      int64
	CounterID   int64
	OperatorID  int64
	FromAt      clock.Instant
	ToAt        clock.Instant
	UntilAt     clock.Instant // when the operator said to leave; 0 when not said
	PauseAt     clock.Instant // since when the counter is on a break
	PauseUntil  clock.Instant // when it should be over; 0 when not said
	PauseReason string        // a code: "break", "back_office", "meeting", "fault"
}

// Device is a kiosk, a display, or the tablet of a counter. Its token is kept as
// a hash.
type Device struct {
	bun.BaseModel `bun:"table:devices,alias:dv"`

	ID        int64 `bun:",pk"`
	SiteID    int64
	Kind      string // "kiosk", "display", "tablet"
	Name      string
	TokenHash string
	CounterID int64
	Settings  string // JSON; belongs to the page
	Band      int    // of numbers, for a kiosk that is alone; 0 for none
	SeenAt    clock.Instant
	Problem   string // a code: "paper_out", "printer_off"; empty when all is well
	CreatedAt clock.Instant
	RevokedAt clock.Instant
	// PageVersion is of the page that the device runs, as it said last; empty while it
	// has said nothing.
	PageVersion string
}
