package inbox

import (
	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// Citizen is one contact record. After a merge several rows are one person:
// all have the same RootID, which is the ID of the row that was kept. Cases,
// messages and identities keep the row they came from, so that an undone merge
// leaves nothing to be put back.
type Citizen struct {
	bun.BaseModel `bun:"table:citizens,alias:z"`

	ID         int64 `bun:",pk"`
	RootID     int64
	Name       string
	NameSource string // "mail", "telegram", "operator", "document"
	NameKey    string // folded, for search and comparison
	Lang       string
	Preferred  string // channel, empty when not said
	Note       string
	Version    int64
	CreatedAt  clock.Instant
}

// Proof says how sure we are that an identity is this person's.
type Proof int

// The levels of proof, as shown by one, two or three bars.
const (
	Declared  Proof = 0 // somebody said so
	Confirmed Proof = 1 // the person answered from there, or gave back a code
	Certain   Proof = 2 // a document seen at the counter, SPID, CIE, a verified link
)

// Identity is one way by which a citizen is known or reached.
type Identity struct {
	bun.BaseModel `bun:"table:identities,alias:i"`

	ID             int64 `bun:",pk"`
	CitizenID      int64
	Kind           string // "email", "pec", "telegram", "phone", "cf", "address"
	Scope          string
	Value          string // normalised
	Display        string
	Handle         string
	MatchKey       string // what two identities of one person share; empty never matches
	Proof          Proof
	ProofSource    string // "document_seen", "spid", "code_returned", "link", ...; see ProofSources
	Source         string // "mail", "telegram", "message_text", "counter", "operator"
	VerifiedAt     clock.Instant
	VerifiedBy     int64
	Warning        string // code of a doubt that an operator overrode: "cf_wrong_check"
	OverrideReason string
	Status         string // "active", "blocked", "gone", "bad", "opted_out", "withdrawn"
	StatusAt       clock.Instant
	StatusUntil    clock.Instant // when "bad" is forgotten (mail rule 60)
	StatusText     string
	OptedOutAt     clock.Instant // wants nothing they did not ask for; stays whatever becomes of Status
	FirstSeen      clock.Instant
	LastSeen       clock.Instant
	RecentSince    clock.Instant // start of the ping-pong window (mail rule 58)
	RecentCount    int
	RemovedAt      clock.Instant
}

// Merge joins the person of GoneID to the person of KeptID, until undone. The
// two are the rows that somebody compared, which need not be roots.
type Merge struct {
	bun.BaseModel `bun:"table:merges,alias:mg"`

	ID         int64 `bun:",pk"`
	KeptID     int64
	GoneID     int64
	Reason     string
	ByOperator int64
	At         clock.Instant
	UndoneAt   clock.Instant
	UndoneBy   int64

	IdentityID  int64  // the identity that a link made certain, 0 for other merges
	ProofBefore string // JSON: what that identity was worth before
}

// Proposal asks whether two records are one person. A refused one is never made again.
type Proposal struct {
	bun.BaseModel `bun:"table:proposals,alias:pr"`

	ID        int64  `bun:",pk"`
	AID       int64  `bun:"a_id"`
	BID       int64  `bun:"b_id"`
	Reasons   string // codes separated by spaces: "cf", "phone", "address", "name"
	Score     int
	State     string
	CreatedAt clock.Instant
	DecidedBy int64
	DecidedAt clock.Instant
}
