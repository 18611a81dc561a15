package inbox

import (
	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// Direction says who sees a message and where it goes.
type Direction string

// The directions.
const (
	In   Direction = "in"
	Out  Direction = "out"
	Note Direction = "note" // internal, never leaves the house
)

// Origin says who wrote.
type Origin string

// The origins.
const (
	FromCitizen    Origin = "citizen"
	FromOperator   Origin = "operator"
	FromExternal   Origin = "external" // our staff, outside the hub
	FromAutomation Origin = "automation"
)

// Message is one thing said on a case.
type Message struct {
	bun.BaseModel `bun:"table:messages,alias:m"`

	ID         int64 `bun:",pk"`
	CaseID     int64 `bun:",nullzero"` // 0: a bot's own dialogue, on no case
	CitizenID  int64 // the citizen row of the sender (in) or of the case (out, note)
	IdentityID int64
	OperatorID int64
	AccountID  int64
	Channel    string // "mail", "pec", "telegram", "counter", "phone"
	Direction  Direction
	Origin     Origin
	Kind       string // "message", "unsupported", "visit", "call", "button"
	ExternalID string
	BodyHash   string
	ThreadKey  string
	GroupKey   string
	AnswersID  int64
	Sender     string // as shown: name and address
	Recipients string // as shown
	Subject    string
	Text       string
	HTML       string
	Markup     string
	Lang       string
	Auto       string
	Notes      string // codes of the parser, separated by spaces
	Parts      int
	Version    int
	RawID      int64
	SentAt     clock.Instant // as claimed
	At         clock.Instant // by which the timeline is ordered
	Sequence   int64
	ErasedAt   clock.Instant
	Certified  string // what a PEC provider states, as JSON: read it with CertifiedBy
	Signatures string // of the message itself, as JSON: read them with SignedBy

	Also   []Arrival `bun:"-"` // further mailboxes that it came by, as far as the viewer is told
	SameID *SameID   `bun:"-"` // the mail that had its Message-ID before; nil for none that the viewer may see
}

// MessageVersion is what a message said before it was edited, or how it was
// read before it was parsed again.
type MessageVersion struct {
	bun.BaseModel `bun:"table:message_versions,alias:mv"`

	MessageID int64 `bun:",pk"`
	Version   int   `bun:",pk"`
	Subject   string
	Text      string
	HTML      string
	RawID     int64
	At        clock.Instant
}

// asVersion is what a message says now, to be kept before it changes.
func (m *Message) asVersion(at clock.Instant) *MessageVersion {
	return &MessageVersion{MessageID: m.ID, Version: m.Version, Subject: m.Subject, Text: m.Text, HTML: m.HTML, RawID: m.RawID, At: at}
}

// Part is a file, a place or a contact that came or goes with a message. Small
// files are in Data, others in the blob store under SHA256.
type Part struct {
	bun.BaseModel `bun:"table:parts,alias:p"`

	ID        int64 `bun:",pk"`
	MessageID int64
	Ord       int
	Kind      string
	Name      string
	Claimed   string
	Detected  string
	ContentID string
	Size      int64
	SHA256    string `bun:"sha256"`
	Data      []byte
	Remote    string
	State     string // "stored", "pending" (to be fetched), "failed", "none" (a place, a contact)
	Problem   string
	Preview   string
	Lat, Lon  float64
	Attempts  int
	NextAt    clock.Instant
	// Signatures are those over the file, as JSON: read them with SignedBy.
	Signatures string
	Inside     string // the name of the part that this one was taken out of
	Former     int    // the last version of the message that had it; 0 for what it has today
	Scan       *Scan  `bun:"-"` // what is known of its file; nil for nothing, or where nobody scans
}

type messageKey struct {
	bun.BaseModel `bun:"table:message_keys,alias:mk"`

	Key       string `bun:",pk"`
	MessageID int64
}
