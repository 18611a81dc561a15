package page

import "filodiretto/internal/clock"

// PersonPane is the right pane of the inbox, the element #person-pane.
type PersonPane struct {
	// Number is the case beside it, for "back to the case".
	Number     string
	View       ViewID
	Person     PersonHead
	Identities []Identity
	Preferred  Channel // zero for none
	Barred     []Barred
	Possible   []Possible
	Open       []CaseLine
	Past       int // closed cases
	PastSince  clock.Instant
	Visits     []VisitLine // the last few
	Notes      []PersonNote
}

// PersonHead is who a person is.
type PersonHead struct {
	ID   int64
	Name string // the best name known; an address when there is none
	// Nameless is true when Name is an address.
	Nameless bool
	Age      int // years; 0 when not known
	Address  string
	Since    clock.Instant // when the record began
	Lang     string        // BCP 47; empty when not known
	Deceased bool
}

// Proof is how well an identity is proven.
type Proof string

// The levels of proof.
const (
	ProofDeclared  Proof = "declared"  // somebody said so
	ProofConfirmed Proof = "confirmed" // a code came back
	ProofCertain   Proof = "certain"   // a document, SPID, CIE, PEC
)

// AllProofs is every level, weakest first.
var AllProofs = []Proof{ProofDeclared, ProofConfirmed, ProofCertain}

// IdentityKind is what an identity is.
type IdentityKind string

// The kinds of identity that the pages know by name and sign.
const (
	IdentityCF       IdentityKind = "cf"
	IdentityEmail    IdentityKind = "email"
	IdentityPEC      IdentityKind = "pec"
	IdentityPhone    IdentityKind = "phone"
	IdentityTelegram IdentityKind = "telegram"
	IdentityAddress  IdentityKind = "address" // where the person lives
)

// AllIdentityKinds is every kind, in the order of the forms. A Telegram
// identity cannot be typed in: it comes with the first message.
var AllIdentityKinds = []IdentityKind{IdentityCF, IdentityEmail, IdentityPEC, IdentityPhone, IdentityAddress}

// Identity is one way a person is known.
type Identity struct {
	ID    int64
	Kind  IdentityKind
	Value string // as shown
	Proof Proof
	// Source is where it comes from, a key under "source." in the catalogue:
	// "mail", "telegram", "message_text", "counter", "operator", "link",
	// "document"; SourceBy is the operator, in words.
	Source   string
	SourceBy string
	At       clock.Instant
	// Status is a key under "identity_status.": "blocked", "gone", "bad",
	// "opted_out", "withdrawn"; "active" and empty say nothing.
	Status string
	// Doubt is a warning that somebody overrode, under "warn.": "cf_wrong_check".
	Doubt string
	// Also are the other records of a merged person that have the same: the row is
	// the best proven one, and says where all of them come from.
	Also []Identity
}

// Barred is a channel that the citizen does not want or that cannot be used.
type Barred struct {
	Channel Channel
	// Why is a key under "barred.": "opted_out", "blocked", "gone".
	Why string
}

// Possible is another record that may be the same person.
type Possible struct {
	PersonID int64 // whose page or pane this is
	Other    int64 // the other record
	Name     string
	Handle   string // an address of the other, in words
	// Reasons are keys under "clue.": "cf", "phone", "email", "address",
	// "name_address", "name_born", "telegram_contact".
	Reasons []string
	At      clock.Instant
}

// CaseLine is a case in a short list.
type CaseLine struct {
	Number  string
	Subject string
	Kind    Kind
	Status  Status
	Due     Due
	Office  string
	Suspect bool          // a sender looks like somebody else, and nobody has looked
	At      clock.Instant // opened
	Closed  clock.Instant
}

// VisitLine is a visit in a short list.
type VisitLine struct {
	At      clock.Instant
	Where   string // the counter or office, in words
	Purpose string
	Number  string // its case; empty when it was closed at once
}

// PersonNote is a note about the person, not about a case.
type PersonNote struct {
	ID   int64
	Text string
	By   string
	At   clock.Instant
}

// Person is a citizen's whole file.
type Person struct {
	Shell
	Head       PersonHead
	Identities []Identity
	Compare    []Comparison
	Merges     []Merge
	Apart      []ApartLine
	History    PersonHistory
	Cases      []CaseLine
	OpenCases  int
	Tickets    []TicketLine // the last visits to a counter
	Wishes     Wishes
	Notes      []PersonNote
	// Link is how the newest link stands; MayLink offers to make one.
	Link    LinkState
	MayLink bool
	// Add is the form "add an identity"; its Fault and Warn are set when it
	// came back.
	Add IdentityForm
	// MergedInto is set when this record was merged into another: the page
	// then says so and links there.
	MergedInto *PersonLine
	May        PersonMay
	Fault      *FieldFault
}

// PersonMay says which actions on the file are offered.
type PersonMay struct{ Write, Edit, Merge, Undo bool }

// IdentityForm is "add an identity".
type IdentityForm struct {
	Open   bool
	Kind   IdentityKind
	Value  string
	Proof  Proof
	Source string
	// Warn is what is odd about the value, a key under "warn." ("cf_check",
	// "cf_name", "phone_invalid"): the form then offers "add all the same".
	Warn  string
	Args  map[string]any
	Fault *FieldFault
}

// Comparison sets two records side by side before they become one.
type Comparison struct {
	PersonID int64
	Other    int64
	Name     string // of the other
	Cases    int    // of the other
	At       clock.Instant
	Clues    []Clue
	// Open is true when the page was asked for with this comparison.
	Open bool
}

// Agree counts the clues that speak for one person, Against those that speak
// against it.
func (c Comparison) Agree() int { return c.count(ClueEqual) + c.count(ClueClose) }

// Against counts the clues that exclude each other.
func (c Comparison) Against() int { return c.count(ClueContrary) }

func (c Comparison) count(r ClueResult) int {
	n := 0
	for _, k := range c.Clues {
		if k.Result == r {
			n++
		}
	}
	return n
}

// Clue is one row of a comparison.
type Clue struct {
	// Kind is a key under "clue.": "name", "phone", "address", "email", "cf", "born".
	Kind        string
	Here, There string
	Result      ClueResult
}

// ClueResult is what a clue says.
type ClueResult string

// What a clue can say.
const (
	ClueEqual    ClueResult = "equal"
	ClueClose    ClueResult = "close"    // compatible
	ClueOther    ClueResult = "other"    // different, excludes nothing
	ClueContrary ClueResult = "contrary" // speaks against
	ClueUnknown  ClueResult = "unknown"
)

// Merge is a merge that was done and can be undone.
type Merge struct {
	ID      int64
	Name    string // of the record that came in
	By      string
	At      clock.Instant
	Undone  clock.Instant // zero while it holds
	MayUndo bool
}

// ApartLine is a record that a person said is somebody else.
type ApartLine struct {
	Other int64
	Name  string
	By    string
	At    clock.Instant
}

// HistoryFilter is a filter of a person's story.
type HistoryFilter string

// The filters of a person's story.
const (
	HistoryAll      HistoryFilter = "all"
	HistoryMessages HistoryFilter = "messages"
	HistoryVisits   HistoryFilter = "visits"
	HistoryEvents   HistoryFilter = "events"
	HistoryNotes    HistoryFilter = "notes"
)

// AllHistoryFilters is every filter, in the order shown.
var AllHistoryFilters = []HistoryFilter{HistoryAll, HistoryMessages, HistoryVisits, HistoryEvents, HistoryNotes}

// PersonHistory is the story over all channels, the element #history.
type PersonHistory struct {
	PersonID int64
	Show     HistoryFilter
	Counts   map[HistoryFilter]int
	Channels int // over how many channels
	Timeline Timeline
}

// Wishes are how a person wants to be written to.
type Wishes struct {
	PersonID  int64
	Preferred []Choice // channels that the person has, "" for no preference
	Barred    []Choice // each identity by its id, with a mark where the person wants nothing
	Reasons   []Barred
}

// PersonLine is a person in a list.
type PersonLine struct {
	ID       int64
	Name     string
	Address  string
	Age      int
	Channels []Channel
	Handle   string // the identity that was found, in words
	Open     int    // open cases
	Due      Due    // the nearest term of them
	Last     clock.Instant
	Current  bool
}

// People is the list of persons.
type People struct {
	Shell
	Query  string
	People []PersonLine
	Before string // cursor of the next page
	Total  int    // -1 when not counted
	// Form is "new person"; open when it came back with a fault.
	Form  PersonForm
	Fault *FieldFault
}

// PersonForm is the fields of a new person.
type PersonForm struct {
	Name, Phone, Email, CF string
	// Warn and Args are those of IdentityForm, for the codice fiscale.
	Warn  string
	Args  map[string]any
	Known *PersonLine // somebody who has one of these identities already
}

// TicketLine is a visit with a number, as the person's file shows it.
type TicketLine struct {
	Label  string
	At     clock.Instant
	Steps  []VisitStep
	Waited int // minutes until the first call; -1 when there was none
	Note   string
}
