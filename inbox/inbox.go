// Package inbox is the heart of the house: citizens and their identities,
// cases, messages, deliveries, the timeline, and what waits in quarantine.
//
// An exported method is a whole transaction: it changes rows, appends events
// and inserts the jobs that follow, or does nothing. Unexported functions that
// take a *db.Tx are the pieces such methods are made of.
package inbox

import (
	"context"
	"log/slog"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/templates"
)

// Inbox is the service. Make it with New.
type Inbox struct {
	db       *db.DB
	blobs    blob.Store
	hub      *live.Hub
	log      *slog.Logger
	clock    clock.Clock
	set      Settings
	sign     Signer
	reads    reads
	arriving liveness

	channels Channels
	router   Router
	texts    func(context.Context) *templates.Set
	wake     Waker
	dialogue Dialogue
	scanner  Scanner
	scanNow  func()
	pictures Pictures

	registrar Registrar
}

// Deps is what an Inbox needs. All fields must be set, but for Dialogue and Registrar.
type Deps struct {
	DB       *db.DB
	Blobs    blob.Store
	Hub      *live.Hub
	Log      *slog.Logger
	Settings Settings
	SignKey  []byte // 32 bytes, for Message-IDs, plus-addresses and subject tokens
	Channels Channels
	Router   Router
	// Texts gives the texts of notifications as the municipality has them now.
	Texts func(context.Context) *templates.Set
	Wake  Waker
	// Dialogue tells what in chats is for a robot; nil for nothing.
	Dialogue Dialogue
	// Scanner looks for malware in files; nil for nobody. ScanNow tells whoever
	// calls ScanFiles that some wait.
	Scanner Scanner
	ScanNow func()
	// Pictures makes what pages show of files; nil for nothing.
	Pictures Pictures
	// Registrar says what must be entered in the protocol register; nil for nothing.
	Registrar Registrar
}

// New makes the service.
func New(d Deps) *Inbox {
	if d.Registrar == nil {
		d.Registrar = noRegistrar{}
	}
	return &Inbox{
		db: d.DB, blobs: d.Blobs, hub: d.Hub, log: d.Log, clock: d.DB.Clock,
		set: d.Settings, sign: Signer{key: d.SignKey, prefix: d.Settings.CasePrefix, domain: d.Settings.Domain},
		channels: d.Channels, router: d.Router, texts: d.Texts, wake: d.Wake, dialogue: d.Dialogue, scanner: d.Scanner, scanNow: d.ScanNow, pictures: d.Pictures, registrar: d.Registrar,
	}
}

// Settings are the municipality's choices that the inbox obeys.
type Settings struct {
	Municipality string         // "Comune di Pontelieto"
	CasePrefix   string         // two or three letters of the subject token: "PL"
	Domain       string         // right-hand side of our Message-IDs
	PublicURL    string         // without a final slash; for links to the status page
	Zone         *time.Location // the business day's
	Lang         string         // "it"

	Phone        string            // where citizens telephone; may be empty
	OfficePhones map[string]string // by office key, of those with one of their own
	PrivacyLink  string            // the full notice elsewhere; empty leads to our own page
	DPOContact   string            // how to write to the data protection officer; may be empty

	ReopenWithin  time.Duration // a reply to a case closed for longer opens a new one (mail rule 79)
	QuietAfter    time.Duration // a chat silent for longer begins a new case
	Undo          time.Duration // how long an answer can be taken back
	MailMaxAge    time.Duration // how long a delivery is tried
	WarnAfter     time.Duration // when the author of a delayed answer is told
	AcceptWithin  time.Duration // when the acceptance of a certified mail is missing (mail rule 86)
	ArriveWithin  time.Duration // when the receipt of its delivery is missing, after acceptance
	ReceiptMaxAge time.Duration // no automatic receipt for what is older
	PingPong      Budget        // incoming of one sender over this go to quarantine (mail rule 58)
	AutoPerHour   int           // automatic messages to one address in an hour (mail rule 57)
	AutoPerDay    int
	AutoPerCase   int // a day
	AutoAccount   int // an hour, from one account
	AutoGlobal    int // an hour, over all accounts
	ScanPolicy    ScanPolicy
}

// Budget is a number of things within a time.
type Budget struct {
	Count  int
	Within time.Duration
}

// DefaultSettings are used for what the configuration does not say.
func DefaultSettings() Settings {
	return Settings{
		CasePrefix: "FD", Domain: "filodiretto.invalid", Zone: time.UTC, Lang: "it",
		ReopenWithin: 30 * 24 * time.Hour, QuietAfter: 14 * 24 * time.Hour,
		Undo: 10 * time.Second, MailMaxAge: 4 * 24 * time.Hour, WarnAfter: 30 * time.Minute, AcceptWithin: 20 * time.Minute, ArriveWithin: 30 * time.Hour,
		ReceiptMaxAge: 24 * time.Hour, PingPong: Budget{Count: 30, Within: 10 * time.Minute},
		AutoPerHour: 3, AutoPerDay: 10, AutoPerCase: 10, AutoAccount: 1000, AutoGlobal: 2000,
	}
}

// Channels finds the opened channel of an account.
type Channels interface {
	// Channel returns the opened channel and its account row; ok is false when
	// the account is unknown or could not be opened.
	Channel(accountID int64) (ch channels.Channel, acc Account, ok bool)
}

// Waker wakes the workers of this process after a commit. What it misses is
// found by the jobs that the same transaction inserted, and by the sweep.
type Waker interface {
	// Ingest says that raw items of the account wait. Called in a transaction.
	Ingest(ctx context.Context, tx *db.Tx, accountID int64) error
	// Deliver says that deliveries of the account are due at the instant.
	Deliver(ctx context.Context, tx *db.Tx, accountID int64, at clock.Instant) error
	// Fetch says that files of the account wait to be downloaded.
	Fetch(ctx context.Context, tx *db.Tx, accountID int64) error
	// Reconcile says that a comparison of the account with its platform was asked for.
	Reconcile(ctx context.Context, tx *db.Tx, accountID int64) error
}

// Router decides where a new case goes. It is called within the transaction
// that files it, with all the new cases of a batch, and answers in their order.
type Router interface {
	Decide(ctx context.Context, tx *db.Tx, facts []Facts) ([]Decision, error)
}

// Facts is what the router may look at.
type Facts struct {
	AccountID  int64
	AccountKey string
	Office     int64 // the account's own, where it goes when no rule says otherwise
	Channel    string
	Sender     string // address, normalised
	Subject    string
	Text       string   // of the first message
	Words      []string // of subject and text, folded and stemmed
	Kind       CaseKind
	Procedure  string
	At         clock.Instant
	Lang       string
	Auto       channels.Auto
	OnlyCopied bool
	Archive    bool
	Files      int
}

// Decision is the router's answer. Zero fields leave things as they are.
type Decision struct {
	Office    int64
	Assignee  int64
	Kind      CaseKind
	Procedure string
	Priority  int
	DueAt     clock.Instant
	Receipt   bool    // send the automatic receipt, within the loop budgets
	Register  int64   // the first rule that wants its messages in the protocol register; 0 for none
	Rules     []int64 // the rules that applied, in order
}
