package page

import "filodiretto/internal/clock"

// Alike is the remark that the sender of a message looks like somebody else, with
// what can be said of it (mail rule 51).
type Alike struct {
	ID     int64
	Number string // the case
	// Kind is a key under "alike.": "domain", "municipality", "office",
	// "operator", "citizen", "address", "forged".
	Kind string
	// Sealed is true of what is forged as certified mail.
	Sealed  bool
	Likes   string // the name or the domain that it looks like
	Address string // the sender's
	// Alarm asks for a decision; else it is a remark.
	Alarm bool
	// PersonURL is the file of the known person, for who may open it.
	PersonURL string
	MayJudge  bool
	// FalseBy is who found it false, in words, and when.
	FalseBy string
	FalseAt clock.Instant
}

// Words are the key of what is said of it, under "alike.".
func (a Alike) Words() string {
	if a.Sealed {
		return "seal"
	}
	return a.Kind
}

// AlikeNote is the remark beside the reply box: who is answered may be somebody else.
type AlikeNote struct {
	Alike
	MessageID int64
}

// SenderState says in one word what is known of where a mail comes from.
type SenderState string

// What is known of a sender. The zero value is nothing, and is not shown.
const (
	SenderUnknown   SenderState = ""
	SenderConfirmed SenderState = "confirmed" // it comes from the domain in its address
	SenderVia       SenderState = "via"       // another domain vouches for it
	SenderChanged   SenderState = "changed"   // it was changed after it was signed
	SenderDoubted   SenderState = "doubted"   // our mail server says it is not from there
	SenderUnlikely  SenderState = "unlikely"  // its domain says that it hardly is from there
	SenderUnclear   SenderState = "unclear"   // what our mail server found may be about another sender
	SenderWaiting   SenderState = "waiting"   // the DNS has not answered yet
	SenderSilent    SenderState = "silent"    // the DNS did not answer
)

// SenderCheck is what is known of where a mail comes from, with what that is
// made of.
type SenderCheck struct {
	State  SenderState
	Domain string
	// Doubtful is true where the sender looks like somebody else: that they are
	// from their own domain is then no good news.
	Doubtful bool
	// Server are the findings of our own mail server, Signatures those of this
	// program, At when it looked.
	Server     []Finding
	Signatures []Finding
	At         clock.Instant
}

// Finding is one result of a check: "DKIM", "pass", of a domain.
type Finding struct {
	Method string // as people of the trade write it
	// Result is a key under "finding."; another one is shown as it is.
	Result string
	Domain string
	Reason string // a key under "finding_reason."; may be empty
}

// Icon is the sign of the state.
func (c *SenderCheck) Icon() string {
	switch {
	case c.State == SenderConfirmed && !c.Doubtful:
		return "check-circle"
	case c.State == SenderDoubted, c.State == SenderUnclear, c.State == SenderUnlikely:
		return "warning-circle"
	case c.State == SenderWaiting:
		return "clock"
	}
	return "info-circle"
}

// Class is the colour of the state.
func (c *SenderCheck) Class() string {
	switch {
	case c.State == SenderConfirmed && !c.Doubtful:
		return "ok"
	case c.State == SenderDoubted, c.State == SenderUnclear:
		return "bad"
	}
	return ""
}

// Forwarded is the offer to take the writer of a forwarded mail for the person of
// the case (mail rule 81).
type Forwarded struct {
	Number    string // the case
	MessageID int64
	Colleague string // who forwarded it
	Name      string // the writer, may be empty
	Address   string
	Attached  bool
}

// Storm is one sender of whom too much came at once, with what waits (mail rule 58).
type Storm struct {
	AccountID     int64
	Account       string // in words
	Who, Address  string
	Count         int
	Last          clock.Instant
	Most, Minutes int // the limit: so many messages in so many minutes
}

// HeldSender is somebody whose mail an office looks at before it becomes a case.
type HeldSender struct {
	ID      int64
	Address string
	Office  string
	By      string
	At      clock.Instant
	Reason  string
}
