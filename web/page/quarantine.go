package page

import "filodiretto/internal/clock"

// QuarantineWhy is why an item is held (mail rule 22).
type QuarantineWhy string

// The reasons for quarantine that have words of their own. Another one is
// shown as "other".
const (
	WhyUnparseable QuarantineWhy = "unparseable"
	WhyTooLarge    QuarantineWhy = "too_large"
	WhyOverLimit   QuarantineWhy = "over_limit"
	WhyLoop        QuarantineWhy = "loop"
	WhyAuto        QuarantineWhy = "auto"
	WhySpam        QuarantineWhy = "spam_suspected"
	WhySpoof       QuarantineWhy = "spoof_suspected"
	WhyReceipt     QuarantineWhy = "unknown_receipt"
	WhyNoSender    QuarantineWhy = "no_sender"
	WhyBlocked     QuarantineWhy = "blocked_sender"
	WhyBudget      QuarantineWhy = "over_budget"
	WhyPlaceholder QuarantineWhy = "server_placeholder"
	WhyTimeout     QuarantineWhy = "parser_timeout"
	WhyOwn         QuarantineWhy = "own_address"
	WhyNotFiled    QuarantineWhy = "not_filed"
	// Of certified mail: nobody vouches for a sender; none is named under the
	// signature; headers and data disagree; there is no message inside.
	WhyNotProven   QuarantineWhy = "pec_not_proven"
	WhyPECNoSender QuarantineWhy = "pec_no_sender"
	WhyMismatch    QuarantineWhy = "pec_mismatch"
	WhyDamaged     QuarantineWhy = "pec_damaged"
	WhyOther       QuarantineWhy = "other"
)

// AllQuarantineWhys is every reason with words of its own.
var AllQuarantineWhys = []QuarantineWhy{
	WhyUnparseable, WhyTooLarge, WhyOverLimit, WhyLoop, WhyAuto, WhySpam, WhySpoof, WhyReceipt, WhyNoSender, WhyBlocked, WhyBudget,
	WhyPlaceholder, WhyTimeout, WhyOwn, WhyNotFiled, WhyNotProven, WhyPECNoSender, WhyMismatch, WhyDamaged, WhyOther,
}

// Doubted reports whether it is held because whoever wrote it may be false, or unwanted:
// letting it in is then not what is proposed first.
func (w QuarantineWhy) Doubted() bool {
	switch w {
	case WhySpam, WhySpoof, WhyBlocked, WhyNotProven, WhyMismatch:
		return true
	}
	return false
}

// Unproven reports whether it stays unknown who wrote it when it is let in.
func (w QuarantineWhy) Unproven() bool {
	return w == WhySpoof || w == WhyNotProven || w == WhyMismatch
}

// HeldKinds are the kinds of automatic mail that have words of their own.
var HeldKinds = []string{"auto_reply", "vacation", "bulk", "notice", "calendar_reply", "challenge", "abuse_report", "dsn", "mdn"}

// HeldLimits are the limits of a message over which it is held (mail rule 12).
var HeldLimits = []string{"total", "part", "parts", "depth", "header", "recipients", "links"}

// Quarantine is the list of what is held.
type Quarantine struct {
	Shell
	Why    QuarantineWhy // the filter; empty for all
	Counts map[QuarantineWhy]int
	// Kind is the filter among automatic mail, Kinds how many wait of each.
	Kind  string
	Kinds map[string]int
	// Decided is the list of what somebody decided.
	Decided bool
	Items   []HeldLine
	Before  string
	// Storms stand above, Senders below the list.
	Storms  []Storm
	Senders []HeldSender
}

// HeldLine is one item in the list.
type HeldLine struct {
	ID      int64
	Channel Channel
	Account string // in words
	From    string // as far as it can be read
	Subject string
	At      clock.Instant
	Why     QuarantineWhy
	Kind    string // of automatic mail, one of HeldKinds; else empty
	Size    int64
	Done    *Decision // in the list of what was decided
}

// QuarantineItem is one item with what can be done about it.
type QuarantineItem struct {
	Shell
	ID     int64
	Line   HeldLine
	Detail string // what the parser said, stable code or English, no content
	// Claims is whom a certified envelope names as its sender outside of every
	// signature: a claim for a person's eyes.
	Claims string
	// Limits are the limits that a message is over: "parts", "depth", "header",
	// "recipients", "links", "total", "part".
	Limits []string
	// Found is what our own mail server found of the sender, in words, where that is why
	// it waits.
	Found   []string
	Headers []Header
	// Text is a safe preview of the text, HTML the address of a safe preview
	// in a frame ("/quarantine/7/html"); both may be empty.
	Text  string
	HTML  string
	Files []File
	// RawURL is the download of the bytes.
	RawURL string
	// ParserVersion was used; ParserNow is today's. Re-parse is offered always
	// and recommended when they differ.
	ParserVersion, ParserNow int
	// Guess is a case that it may belong to.
	Guess   *CaseLine
	Fault   *FieldFault
	May     QuarantineMay
	LetIn   *LetIn    // set where it bears one of our own addresses
	Decided *Decision // set when somebody decided already
}

// Header is one header line.
type Header struct{ Name, Value string }

// QuarantineMay says which actions are offered; Hold with Reject.
type QuarantineMay struct{ Release, Attach, Reject, Hold, Parse bool }

// LetIn is what a mail that bears one of our own addresses becomes when it is let in.
type LetIn struct {
	For  string // the address for answers, whose words it counts as; empty for none
	Ours bool   // on a case it counts as written by us
}

// Decision is what was done about an item.
type Decision struct {
	// Key is "released", "attached", "rejected", "parsed" or "rescued".
	Key    string
	By     string
	At     clock.Instant
	Number string
	Reason string
	// Back offers to let it wait again; Together is how many were rejected by the same
	// act, with it, 0 for it alone.
	Back     bool
	Together int
}
