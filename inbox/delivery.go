package inbox

import (
	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// State is where a delivery stands (channels 0.2, mail rules 64-67).
type State string

// The states of a delivery.
const (
	Queued     State = "queued"    // waits for NextAt
	Sending    State = "sending"   // a worker has it until LeaseUntil
	Accepted   State = "accepted"  // the first server took it
	Sent       State = "sent"      // it left for the recipient's server
	Delivered  State = "delivered" // it is where the citizen reads
	Read       State = "read"
	Failed     State = "failed"     // for good
	Blocked    State = "blocked"    // the recipient does not want it
	Expired    State = "expired"    // tried for too long
	Cancelled  State = "cancelled"  // taken back before it left
	Suppressed State = "suppressed" // automatic, over the budget
	Unknown    State = "unknown"    // it left and no answer came; never repeated blindly
)

// Delivery is the way of one message to one recipient.
type Delivery struct {
	bun.BaseModel `bun:"table:deliveries,alias:d"`

	ID          int64 `bun:",pk"`
	MessageID   int64
	CaseID      int64 `bun:",nullzero"`
	AccountID   int64
	IdentityID  int64
	Role        string // "to", "cc"
	Kind        string // address: channels.Address
	Scope       string
	Address     string
	Display     string
	State       State
	Delayed     bool // the recipient's server said "later" (mail rule 60)
	Attempts    int
	NextAt      clock.Instant
	LeaseUntil  clock.Instant
	BegunAt     clock.Instant // committed just before the channel is called; 0 while it has certainly not left
	Holder      string
	Class       string
	Code        string
	Text        string
	ProviderIDs string `bun:"provider_ids"` // separated by spaces
	WarnedAt    clock.Instant
	DealtAt     clock.Instant // when a person took note of the failure
	ExpiresAt   clock.Instant
	CreatedAt   clock.Instant
	UpdatedAt   clock.Instant
	// Of certified mail: the provider's times of acceptance and of delivery, which
	// count in law; whether no receipt of delivery will come, since the mailbox is
	// an ordinary one; and which receipt is missing for too long: "no_acceptance",
	// "no_delivery" (mail rule 86).
	LegalSentAt    clock.Instant
	LegalArrivedAt clock.Instant
	Outside        bool
	Alarm          string
	// Sending is which leaving of a certified mail the receipts are awaited of: one
	// more than 0 each time that a person lets it leave again.
	Sending int
}

// DeliveryEvent is one thing that happened to a delivery.
type DeliveryEvent struct {
	bun.BaseModel `bun:"table:delivery_events,alias:de"`

	ID         int64 `bun:",pk"`
	DeliveryID int64
	At         clock.Instant
	State      State
	Source     string // "queue", "answer", "report", "operator", "lease"
	Class      string
	Code       string
	Text       string
	RawID      int64
}
