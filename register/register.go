// Package register enters messages in the protocol register (protocollo
// informatico): the book in which an Italian public body writes every document that
// reaches it or leaves it, under a number without gaps that is never changed
// (DPR 445/2000 art. 53 to 57; Italian reference 1).
//
// A message is not needed, due, or registered (state.go); which are due follows
// from the configuration and is written in the transaction that files or sends the
// message (rule.go). Numbers come from one of two books (book.go): the program's own,
// or that of another program, whose number an operator types in.
package register

import (
	"context"
	"log/slog"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// Mode says where numbers come from.
type Mode string

// The modes.
const (
	Off      Mode = "off"      // nothing is said of the register
	Builtin  Mode = "builtin"  // from the program's own register
	External Mode = "external" // from another program, typed in
)

// Settings are the municipality's choices.
type Settings struct {
	Mode           Mode
	Administration string // code in the national index (IPA)
	Area           string // code of the AOO there
	Code           string // of the register: "PG"
	Channels       []string
	Offices        []string // by key
	Kinds          []string // of case
	Zone           *time.Location
}

// Deps is what a Register needs. All fields must be set.
type Deps struct {
	DB       *db.DB
	Blobs    blob.Store
	Inbox    *inbox.Inbox
	Hub      *live.Hub
	Log      *slog.Logger
	Settings Settings
	Scheme   *Scheme // the classification
}

// Register is the service. Make it with New.
type Register struct {
	db     *db.DB
	blobs  blob.Store
	inbox  *inbox.Inbox
	hub    *live.Hub
	log    *slog.Logger
	clock  clock.Clock
	set    Settings
	scheme *Scheme
	book   Book
}

// New makes the service.
func New(d Deps) *Register {
	r := &Register{db: d.DB, blobs: d.Blobs, inbox: d.Inbox, hub: d.Hub, log: d.Log, clock: d.DB.Clock, set: d.Settings, scheme: d.Scheme}
	if d.Settings.Mode == Builtin {
		r.book = own{d.Settings}
	} else {
		r.book = external{d.Settings}
	}
	return r
}

// On reports whether anything is said of the register.
func (r *Register) On() bool { return r.set.Mode == Builtin || r.set.Mode == External }

// Mode is where numbers come from.
func (r *Register) Mode() Mode { return r.set.Mode }

// Code is the code of the register, and Area that of the AOO: with a number and a
// year they say which registration is meant.
func (r *Register) Code() string { return r.set.Code }

// Area is the code of the homogeneous organisational area (AOO).
func (r *Register) Area() string { return r.set.Area }

// Scheme is the classification from which classes are chosen.
func (r *Register) Scheme() *Scheme { return r.scheme }

// needOn is the refusal of every command where there is no register.
func (r *Register) needOn(v inbox.Viewer) error {
	if !r.On() {
		return inbox.ErrNotFound
	}
	if v.OperatorID == 0 && !v.System {
		return inbox.ErrForbidden
	}
	return nil
}

// tell lets open pages of a case show what changed, after the commit.
func (r *Register) tell(tx *db.Tx, c *inbox.Case) {
	e := live.Event{Topic: "case", ID: c.ID, Version: c.Version, Office: c.OfficeID, Kind: "register"}
	tx.After(func() { r.hub.Publish(e) })
}

// note appends what happened to the memory of the house: ids and numbers alone.
func (r *Register) note(ctx context.Context, tx *db.Tx, v inbox.Viewer, c *inbox.Case, messageID int64, kind string, data map[string]any) error {
	e := inbox.NewEvent(tx, r.clock, kind, data)
	if v.OperatorID > 0 {
		e.Actor, e.OperatorID = "operator", v.OperatorID
	}
	e.CaseID, e.CitizenID, e.OfficeID, e.MessageID = c.ID, c.CitizenID, c.OfficeID, messageID
	return inbox.AppendEvents(ctx, tx, e)
}
