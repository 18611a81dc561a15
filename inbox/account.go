package inbox

import (
	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// Account is a mailbox, bot or counter as the database knows it.
type Account struct {
	bun.BaseModel `bun:"table:accounts,alias:a"`

	ID          int64 `bun:",pk"`
	Key         string
	Kind        string
	Name        string
	OfficeID    int64
	Origin      string // "file" or "page"
	Settings    string // JSON object without the secrets
	Secrets     []byte // sealed JSON object
	Enabled     bool
	LastOkAt    clock.Instant
	LastSentAt  clock.Instant
	ErrorClass  string
	ErrorText   string
	ErrorAt     clock.Instant
	PausedUntil clock.Instant
	StoppedAt   clock.Instant // since when a person keeps it paused; 0 while it runs
	Version     int64         // grows with every change of what the account is, not of how it fares
	Handle      string        // the public name that the platform gave, without "@"; empty while not known
	CreatedAt   clock.Instant

	// WaitsFrom is since when what came first of all that is not read yet waits
	// (mail rule 16); 0 where all is read. Only AccountFaring and AccountsFaring tell
	// it, and what follows.
	WaitsFrom clock.Instant `bun:",scanonly"`
	// RefusedFrom is since when the server for sending refuses us, StuckFrom since when
	// it is not reached while something is to leave; 0 for not.
	RefusedFrom clock.Instant `bun:",scanonly"`
	StuckFrom   clock.Instant `bun:",scanonly"`
	// Unaccepted is how many certified mails have no acceptance for too long, and
	// UnacceptedFrom when the first of them was given to the provider.
	Unaccepted     int           `bun:",scanonly"`
	UnacceptedFrom clock.Instant `bun:",scanonly"`
}

// Raw is one item as it came, before and after it was read.
type Raw struct {
	bun.BaseModel `bun:"table:raws,alias:r"`

	ID          int64 `bun:",pk"`
	AccountID   int64
	DedupKey    string
	Stream      string
	ContentType string
	Meta        string // JSON object
	Body        []byte
	Blob        string
	Size        int64
	SHA256      string `bun:"sha256"`
	Archive     bool
	ReceivedAt  clock.Instant
	AcceptedAt  clock.Instant
	State       string // "pending", "filed", "duplicate", "quarantined", "ignored", "rejected"
	Parser      int
	Attempts    int
}

// Quarantined is an item that a person must look at (mail rule 22).
type Quarantined struct {
	bun.BaseModel `bun:"table:quarantine,alias:q"`

	ID        int64 `bun:",pk"`
	RawID     int64
	Item      int // which item of the raw one
	AccountID int64
	OfficeID  int64
	Reason    string
	Detail    string
	Sender    string
	Subject   string
	At        clock.Instant
	State     string
	DecidedBy int64
	DecidedAt clock.Instant
	Note      string
	MessageID int64
}
