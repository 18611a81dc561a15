package page

import (
	"fmt"

	"filodiretto/internal/clock"
)

// Timeline is the story of a case over all channels, oldest first. The same
// entries, newest first, make the story of a person.
type Timeline struct {
	Number  string // the case; empty in a person's story
	Entries []Entry
	// NewestFirst is true in a person's story.
	NewestFirst bool
	// OlderURL is the address of a page with the entries before these, OlderGet
	// that of the entries alone, to be put above; empty for none.
	OlderURL, OlderGet string
	// NewestURL leads back to the newest where these are earlier ones.
	NewestURL string
	// Last is the id of the newest entry shown: the composer sends it back as
	// "seen".
	Last int64
}

// Earlier is what stands on a case before what is shown: the items alone, the
// fragment of GET /cases/{case}/earlier.
type Earlier struct{ Timeline Timeline }

// EntryKind says what an entry is and which of its parts are filled.
type EntryKind string

// The kinds of entry.
const (
	EntryIn    EntryKind = "in"    // written by the citizen
	EntryOut   EntryKind = "out"   // written by us
	EntryNote  EntryKind = "note"  // internal, never leaves the house
	EntryVisit EntryKind = "visit" // at the counter
	EntryPhone EntryKind = "phone" // a call that staff wrote down
	EntryEvent EntryKind = "event" // one line of what happened
	EntryFail  EntryKind = "fail"  // a delivery that failed, with the next step
)

// Entry is one thing on the timeline. Live pages replace it when Version
// changes, so that Version must grow with every change of what is shown.
type Entry struct {
	ID      int64
	Version int64
	Kind    EntryKind
	Channel Channel
	At      clock.Instant
	By      string // who wrote or did it, in words
	// Address is where a mail came from, or whom it went to, where By and Via are
	// names: a name is free, and only this says who it is.
	Address string
	// Via is what stands beside the writer, in words: the address that was
	// written to, the counter, the ticket.
	Via string
	// Case is shown as a link in a person's story.
	Case string

	Body       Body
	Files      []File
	Deliveries []Delivery
	Receipts   []Receipt // of a provider about the message, of none of its recipients
	Event      *EventLine
	Failure    *Failure
	// Automatic marks a text that no person wrote (a receipt, a vacation note).
	Automatic bool
	// Unread is true for what arrived since the operator last looked.
	Unread bool
	// Deleted is set when the sender took the message back: only By, At and
	// DeletedWhy are shown.
	Deleted    bool
	DeletedAt  clock.Instant
	Erased     *Erased   // set beside Deleted where one of us erased the contents
	Versions   []Version // former texts, newest first; empty when never edited
	EditedAt   clock.Instant
	Replaced   bool          // a former version had another file
	Warnings   []Warning     // what is odd about it
	Also       []Also        // further mailboxes of ours that a mail came by
	Certified  *Certified    // of certified mail that came
	Signatures []Signature   // over the message itself
	Sender     *SenderCheck  // what is known of where a mail comes from; nil for nothing
	Alikes     []Alike       // whom the sender looks like
	Register   *RegisterMark // where it stands with the protocol register; nil for nothing
	Origin     *Origin       // the registration at the body that sent it
	// EvidenceURL is the package of what proves a certified mail; empty for others.
	EvidenceURL string
	EraseURL    string // the form that erases its contents; empty for who may not
	RawURL      string // the bytes as they came; empty hides the link
	UndoneFrom  string // merged from another person's record: whose, in words
}

// Also is a further mailbox that a mail came by.
type Also struct {
	Mailbox, Office string
	At              clock.Instant
	Blind           bool // the mail does not name it: only its own office is told
}

// Warning is a remark on how a message was read.
type Warning struct {
	// Key is under "read_warning.": "reply_to_differs", "unsupported", "text_cut",
	// "several_from", "twice", "name_is_address", "charset"; another one is shown as
	// it is.
	Key string
	// Value and Other are what it is about: an address, the fields; and the
	// sender's address.
	Value, Other string
	URL          string // what can be done about it, under "read_warning_do."; empty for nothing
}

// Body is the text of a message.
type Body struct {
	Subject string // shown when it differs from the case's
	// Text is what was written; Quoted what it repeats of earlier messages,
	// folded.
	Text   string
	Quoted string
	// HTML is the address of the sanitised HTML ("/messages/55/html"), which is
	// shown in a frame without scripts; empty means plain text. The handler
	// must answer with
	// "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox",
	// where img-src grows by https: only for ?images=1. The frame may be
	// measured by the page because nothing in it can run.
	HTML string
	// RemoteImages is how many pictures from outside are held back.
	RemoteImages int
}

// File is an attachment: always a download from its own path.
type File struct {
	Name string
	URL  string // "/files/17/planimetria.pdf"
	Size int64  // bytes
	Type string // detected media type
	// Claimed is what the sender says that it is, where that is something else.
	Claimed string
	// Problem is a stable code when there is no file: "too_large",
	// "unreadable", "fetching", "held".
	Problem string
	// Preview is readable text of a nested message or contact.
	Preview    string
	Signatures []Signature // of a signed file
	Inside     string      // the name of the file that this one was taken out of
	// Scan is what the malware scan says: "pending", "clean", "infected",
	// "unscannable", or empty where nobody scans. ScanWord is the malware's name, or
	// why it cannot be scanned. A file without URL is held back.
	Scan, ScanWord string
	ScanURL        string // where a new scan is asked for; empty for nowhere
	PictureURL     string // what it shows, made by us; empty for nothing
	// Place is set for a place on the map, and Contact for somebody's card: neither
	// is a file, and URL is empty.
	Place   *Spot
	Contact bool
}

// Spot is a place on the map, in degrees (WGS 84).
type Spot struct{ Lat, Lon float64 }

// String is the place as people write it: "45.01728, 10.46455", to about a metre.
func (p Spot) String() string { return fmt.Sprintf("%.5f, %.5f", p.Lat, p.Lon) }

// Map is the address of the place on a public map. It is asked only when somebody
// follows it, and learns nothing of the case.
func (p Spot) Map() string {
	return fmt.Sprintf("https://www.openstreetmap.org/?mlat=%.5[1]f&mlon=%.5[2]f#map=18/%.5[1]f/%.5[2]f", p.Lat, p.Lon)
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery: those of the inbox, and "held" for one that waits
// in the seconds of undo.
const (
	DeliveryHeld       DeliveryState = "held"
	DeliveryQueued     DeliveryState = "queued"
	DeliverySending    DeliveryState = "sending"
	DeliveryAccepted   DeliveryState = "accepted"
	DeliverySent       DeliveryState = "sent"
	DeliveryArrived    DeliveryState = "delivered"
	DeliveryRead       DeliveryState = "read"
	DeliveryFailed     DeliveryState = "failed"
	DeliveryBlocked    DeliveryState = "blocked"
	DeliveryExpired    DeliveryState = "expired"
	DeliveryCancelled  DeliveryState = "cancelled"
	DeliverySuppressed DeliveryState = "suppressed"
	DeliveryUnknown    DeliveryState = "unknown"
)

// AllDeliveryStates is every state of a delivery.
var AllDeliveryStates = []DeliveryState{
	DeliveryHeld, DeliveryQueued, DeliverySending, DeliveryAccepted, DeliverySent, DeliveryArrived, DeliveryRead,
	DeliveryFailed, DeliveryBlocked, DeliveryExpired, DeliveryCancelled, DeliverySuppressed, DeliveryUnknown,
}

// Delivery is one recipient of a message.
type Delivery struct {
	ID        int64
	Recipient string // shown when there is more than one
	Copy      bool   // a Cc
	State     DeliveryState
	Delayed   bool          // the other server said "later"
	At        clock.Instant // when it came to this state
	// Reason is why, in words, where the state is a failure or a delay.
	Reason string
	// Next is when it will be tried again; zero for never.
	Next     clock.Instant
	Steps    []DeliveryStep // of a certified mail that was given to the provider, instead of State
	Said     string         // the provider's words, where it failed
	Receipts []Receipt
}

// EventLine is one line: who did what. Its words are "event.<Key>".
type EventLine struct {
	Key  string // "assigned", "handed_over", "closed", ...
	Args map[string]any
	// Text, in words, is shown when Key is empty or has no text of its own.
	Text string
	// Detail is a person's own words (a reason), shown in quotes.
	Detail string
}

// Failure is a delivery that failed, with the next step in it.
type Failure struct {
	Number     string // the case
	DeliveryID int64
	Recipient  string
	// Class is the channel's class of failure ("recipient_gone"), or "expired";
	// the headline and the advice are "failure.<class>" and
	// "failure.<class>_next". Another one is told as "failure.other".
	Class string
	// Reason is the other side's words, cleaned; may be empty.
	Reason string
	// After is for how long a receipt is missing at least, in words; of
	// "domain_gone" it is the domain that is not found; else empty.
	After    string
	MayRetry bool
	// CorrectURL is where an address that does not exist is corrected; else empty.
	CorrectURL string
	// MayDeal offers "it arrived after all" and "I took care of it".
	MayDeal bool
	// OtherChannels offers another way that the citizen has.
	OtherChannels []Choice
	// Last is how to go on where there is no other channel; nil where there is one.
	Last *LastMeans
	Done bool // somebody dealt with it: the steps go away
}

// LastMeans is how a person is reached in whom no written channel is left.
type LastMeans struct {
	PersonURL string   // where a telephone or an address is added; empty for who may not
	Phones    []Choice // Value is what is dialled, Label what is read
	Address   string   // for a registered letter; may be empty
	NoteURL   string   // where to write what was done
	Elsewhere *Elsewhere
}

// Elsewhere is a channel of the person that only another office can write on: the case
// can be offered to it.
type Elsewhere struct {
	Channel  Channel
	Address  string
	OfficeID int64 // 0 while the case is offered already
	Office   string
}

// Version is a former text of a message, with the files that a later one has not.
type Version struct {
	At    clock.Instant
	Text  string
	Files []File
}
