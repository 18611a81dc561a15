package inbox

import (
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
)

// CaseKind is what the citizen wants, as the URP classifies it.
type CaseKind string

// The kinds of case.
const (
	Information   CaseKind = "information"
	Request       CaseKind = "request"
	Report        CaseKind = "report"
	Complaint     CaseKind = "complaint"
	Suggestion    CaseKind = "suggestion"
	Thanks        CaseKind = "thanks"
	RecordsAccess CaseKind = "records_access"
)

// CaseKinds are all kinds, in the order in which forms offer them.
var CaseKinds = []CaseKind{Information, Request, Report, Complaint, Suggestion, Thanks, RecordsAccess}

// Status is where a case stands.
type Status string

// The states of a case. Waiting means that the citizen must do something.
const (
	Open    Status = "open"
	Waiting Status = "waiting"
	Snoozed Status = "snoozed"
	Closed  Status = "closed"
)

// Case is one matter of one citizen, from the first contact to the outcome.
// The last message's facts are kept in it, so that a list reads one table.
type Case struct {
	bun.BaseModel `bun:"table:cases,alias:c"`

	ID            int64 `bun:",pk"`
	Year          int
	Number        int64  // within the year, without gaps
	Secret        string // for the public status page; never shown in lists or logs
	CitizenID     int64  // the citizen row it came from; the person is that row's root
	Person        string // name or address as lists show it
	OfficeID      int64
	AssigneeID    int64
	Kind          CaseKind
	Procedure     string
	RegisterRule  int64 // the rule that says that its messages must be registered; 0 for none
	RegisterKin   int64 // such a rule of a case that was put into this one; 0 for none
	Priority      int   // 0 normal, 1 high, 2 urgent
	Status        Status
	Outcome       string
	Subject       string
	Channel       string // of the last message
	AccountID     int64
	ThreadKey     string
	Snippet       string
	LastMessageID int64
	LastInID      int64 // newest message of the citizen, for the stop on a newer one (mail rule 70)
	LastAt        clock.Instant
	LastInAt      clock.Instant
	Unread        bool
	Failed        bool // a delivery failed and nobody has dealt with it
	Delayed       bool // an answer has not left for a while
	Suspect       bool // a sender looks like somebody else and nobody has looked
	CalledFalse   bool // somebody has looked, and found a sender to be false
	DueAt         clock.Instant
	SnoozedUntil  clock.Instant
	ClosedAt      clock.Instant
	RaisedAt      clock.Instant // when nobody took it and the head was told
	MergedInto    int64
	FollowsID     int64 // the closed case that this one goes on from
	Version       int64
	CreatedAt     clock.Instant
}

// Ref is the number that people say: "2026/000123".
func (c *Case) Ref() string { return CaseRef(c.Year, c.Number) }

// CaseRef writes a case number as people say it.
func CaseRef(year int, number int64) string { return fmt.Sprintf("%d/%06d", year, number) }

// ParseRef reads what CaseRef writes, and forgives missing zeros.
func ParseRef(s string) (year int, number int64, ok bool) {
	if n, err := fmt.Sscanf(s, "%d/%d", &year, &number); err != nil || n != 2 || year < 2000 || year > 2999 || number < 1 {
		return 0, 0, false
	}
	return year, number, true
}

// Failures that callers tell apart. Their text is for the log; pages have words of their own.
var (
	ErrNotFound  = errors.New("not found")               // or not to be seen by who asks
	ErrForbidden = errors.New("not allowed")             // seen, but not to be done by who asks
	ErrChanged   = errors.New("changed in the meantime") // a newer version or message exists
	ErrInvalid   = errors.New("not valid")               // see *InvalidError
)

// InvalidError says which field of a command is wrong and, as a stable code, why.
type InvalidError struct{ Field, Code string }

// Error names the field and the code.
func (e *InvalidError) Error() string { return "not valid: " + e.Field + ": " + e.Code }

// Is makes errors.Is(err, ErrInvalid) true.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }
