// Package queue is the town hall's rooms: sites with their hours, services,
// counters and kiosks, tickets and who is called next. A visit to the counter is
// a contact of a citizen as a mail is: its events stand on the same timeline.
//
// A Ticket is one person's presence, with one number. It has one or more Steps, a
// step being one service; a transfer ends a step and begins the next one under
// the same number and with the same seniority. Each step has Segments (away,
// waiting, called, serving, held, elsewhere), which are only ever appended.
//
// An exported method is a whole transaction: it changes rows, appends events and
// publishes live events after the commit, or does nothing. Commands of one site
// that come at the same moment are decided one after the other and committed
// together (turn.go); each sees what those before it did.
//
// Commands of the staff take an inbox.Viewer, those of a machine its *Device, those of
// a citizen an Owner; each takes a key that makes a repeated act the same act. Do not
// wrap them into db.Whole for that: they would be committed one by one.
//
//	House, SiteByKey, Sites                            set-up, cached by its version
//	IssueTicket, IssueAtKiosk, IssueRemote, Printed, Follow, Lease, Reconcile
//	CallNext, Call, Recall, Start, NoShow, PutBack, Hold, Resume, Return, Transfer,
//	AddService, ToOffice, Finish, Undo, StaffHere, StaffGiveUp, Link
//	GiveUp, LetPass, Late, Here                        by the citizen
//	Open, Pause, Unpause, Leave                        a counter
//	EndDay, Sweep, Forget                              and what time brings
//	Room, CounterState, DisplayState, TicketState, Why what pages show
//	Forecast, Expect, Learn, Kept                      how long it will take
//
// Live events: topic "queue" with the site's id for everything that happens in a
// room, topic "ticket" with the ticket's id and version. Events (the memory):
// "ticket.issued", "ticket.called", "ticket.recalled", "ticket.serving", ... see
// event.go.
package queue

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// Queue is the service. Make it with New.
type Queue struct {
	db    *db.DB
	hub   *live.Hub
	log   *slog.Logger
	clock clock.Clock
	zone  *time.Location
	undo  time.Duration
	key   []byte
	files Files
	tell  Teller

	turns    turns
	counters sync.Map // site by counter
	places   places
	houses   houses
	presence presence

	forecasts forecasts
}

// Deps is what a Queue needs. All fields must be set.
type Deps struct {
	DB      *db.DB
	Hub     *live.Hub
	Log     *slog.Logger
	Zone    *time.Location // the business day's
	SignKey []byte         // 32 bytes, for the secrets of tickets
	Files   Files
	Teller  Teller
}

// UndoFor is how long a verb can be taken back (queue 3, row 11).
const UndoFor = 30 * time.Second

// New makes the service.
func New(d Deps) *Queue {
	return &Queue{
		db: d.DB, hub: d.Hub, log: d.Log, clock: d.DB.Clock, zone: d.Zone, undo: UndoFor, key: d.SignKey,
		files: d.Files, tell: d.Teller, turns: turns{sites: map[int64]*siteTurns{}}, houses: houses{byID: map[int64]*House{}, mu: sync.Mutex{}},
	}
}

// Files is how a visit goes on as a case. The application wires it to the inbox.
type Files interface {
	// OpenCase opens a case for the work that a counter hands to an office, or adds
	// to the one that w names, and returns its id. All transactions that it begins
	// with ctx are parts of the one that moves the ticket: both happen, or neither.
	OpenCase(ctx context.Context, v inbox.Viewer, w OfficeWork) (caseID int64, err error)
}

// Teller tells people on their own channel what becomes of their ticket. It is
// called in the transaction in which it happened, and must only write rows.
type Teller interface {
	Tell(ctx context.Context, tx *db.Tx, news []News) error
}

// News is something that one person should hear of.
type News struct {
	Kind       string // "called", "recalled", "expired", "voided", "put_back", "present", "next"
	TicketID   int64
	StepID     int64
	SiteID     int64
	CitizenID  int64
	IdentityID int64
	AccountID  int64
	Label      string // "B12"
	Place      string // the counter's name, where there is one
	Lang       string
}
