package page

import "filodiretto/internal/clock"

// Case is the middle pane: head, banners, timeline, composer.
type Case struct {
	Head        CaseHead
	Handover    *Handover
	Suggestions []Suggestion
	Forwarded   []Forwarded
	Timeline    Timeline
	// Alike is the newest sender on the case who looks like somebody else, for who is
	// about to answer; nil when nobody does, or all were found to be fine.
	Alike    *AlikeNote
	Composer *Composer // nil for those who may only read
}

// CaseHead is the head of the case pane, the element #case-head.
type CaseHead struct {
	Number   string // "2026/000123"
	View     ViewID // the view it was opened from, for "back to the list"
	Subject  string
	Kind     Kind
	Status   Status
	Due      Due
	Priority bool
	Suspect  bool // a sender looks like somebody else, and nobody has decided
	// CalledFalse says that somebody found a sender to be false.
	CalledFalse bool
	Office      string
	OfficeID    int64
	Assignee    *Who
	// Mine is true when the assignee is the one who looks.
	Mine         bool
	SnoozedUntil clock.Instant
	// MergedInto is the number of the case that this one was merged into.
	MergedInto string
	Presence   []Presence // without oneself
	// Operators and Offices are the choices of "assign" and "hand over".
	Operators []Choice
	Offices   []Choice
	// PublicURL is the citizen's status page; empty hides "copy the link".
	PublicURL string
	// Seen is the newest message shown: closing over a newer one is refused.
	Seen int64
	May  CaseMay
}

// CaseMay says which actions on the case are offered.
type CaseMay struct{ Assign, Office, Kind, Snooze, Close, Reopen, Merge bool }

// Handover is a case that another office gave and that waits for acceptance.
type Handover struct {
	Number     string
	FromOffice string
	ToOffice   string
	By         string
	At         clock.Instant
	Reason     string // as the giver wrote it
	MayAccept  bool
	// MayWithdraw is true for the office that gave it.
	MayWithdraw bool
}

// Suggestion is the house's proposal that a message, or the whole case,
// belongs to another case ("may belong to 2026/000118").
type Suggestion struct {
	ID     int64
	Number string // of the case that is open
	Other  string // the number of the other case
	Title  string // its matter
	// Why is a stable code whose words are "suggestion.why_<code>":
	// "token", "reference", "same_subject", "same_sender".
	Why string
	// Doubtful says that nobody has decided yet who wrote the message.
	Doubtful bool
}

// CaseLive is what an open case asks for when something changed: the head, the
// banners, the timeline and the stop, each with its id.
type CaseLive struct {
	Head        CaseHead
	Handover    *Handover
	Suggestions []Suggestion
	Forwarded   []Forwarded
	Timeline    Timeline
	Alike       *AlikeNote
	// Stop and Mode are the composer's; HasComposer is false for readers.
	HasComposer bool
	Stop        *Stop
}
