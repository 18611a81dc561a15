package page

import (
	"strconv"
	"strings"

	"filodiretto/internal/clock"
)

// Inbox is the page that people live in: views, list, case, person. Each pane
// has an address, so that back, reload and sharing work.
type Inbox struct {
	Shell
	Views Views
	List  Rows
	// Work is the chosen case with its person; the zero value says "choose a
	// case".
	Work Work
	// Pane says which single pane a narrow window shows.
	Pane Pane
}

// Pane is what a narrow window shows.
type Pane string

// The panes. The zero value shows the case when one is chosen, else the list.
const (
	PaneAuto   Pane = ""
	PaneViews  Pane = "views"
	PanePerson Pane = "person"
)

// ViewID names a view of the inbox.
type ViewID string

// The views of the inbox.
const (
	ViewMine       ViewID = "mine"
	ViewUnassigned ViewID = "unassigned"
	ViewOffice     ViewID = "office"
	ViewSoon       ViewID = "soon"
	ViewOverdue    ViewID = "overdue"
	ViewCopied     ViewID = "copied" // of other offices, whose mail came to ours too
	ViewPEC        ViewID = "pec"
	ViewComplaints ViewID = "complaints"
	ViewWaiting    ViewID = "waiting"
	ViewSnoozed    ViewID = "snoozed"
	ViewFailed     ViewID = "failed"
	ViewAll        ViewID = "all" // of every office that the front desk may see
	ViewClosed     ViewID = "closed"
)

// AllViews is every view with its group, in the order shown.
var AllViews = []struct {
	ID    ViewID
	Group string // "todo" or "kind": the heading's text is "inbox.group_<group>"
}{
	{ViewMine, "todo"},
	{ViewUnassigned, "todo"},
	{ViewOffice, "todo"},
	{ViewSoon, "todo"},
	{ViewOverdue, "todo"},
	{ViewCopied, "todo"},
	{ViewPEC, "kind"},
	{ViewComplaints, "kind"},
	{ViewWaiting, "kind"},
	{ViewSnoozed, "kind"},
	{ViewFailed, "kind"},
	{ViewAll, "kind"},
	{ViewClosed, "kind"},
}

// Views is the left pane.
type Views struct {
	Current ViewID
	// Counts are shown exactly up to 99, then as "99+". A view that is not in
	// the map has no figure. Query no further than 100 rows for one.
	Counts map[ViewID]int
	// Unread is how many of a view's cases hold something that is not read, for
	// the views that show it: one's own and the office's.
	Unread map[ViewID]int
	// Quarantine is shown as a link of its own when May.Quarantine.
	Quarantine     int
	ShowQuarantine bool
	ShowReception  bool // "new visit" and "phone note"
	ShowAll        bool // ViewAll, for whoever works at the front desk
	// Saved are the searches that the operator keeps, by name.
	Saved []SavedView
}

// SavedView is a search that an operator keeps beside the views.
type SavedView struct {
	ID    int64
	Name  string
	Query string
}

// savedPrefix begins the names of saved views, so that no view of the house can
// ever have one.
const savedPrefix = "saved-"

// View is the saved view as addresses name it.
func (v SavedView) View() ViewID { return ViewID(savedPrefix + strconv.FormatInt(v.ID, 10)) }

// SavedID is the id of a saved view, if the view is one.
func (v ViewID) SavedID() (id int64, ok bool) {
	digits, ok := strings.CutPrefix(string(v), savedPrefix)
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil && id > 0
}

// Counts is what an open inbox asks for when figures changed: the left pane and
// the mark on the rail.
type Counts struct {
	Views Views
	Tally Tally
}

// Rows is the list pane; alone it is the fragment of /cases/rows, which is
// appended to the list.
type Rows struct {
	View ViewID
	Rows []Row
	// Total is shown beside the title like a count; -1 for none.
	Total int
	// Before is the cursor of the next older page; empty at the end.
	Before string
	// Newer is true when this page does not start at the top: the list then
	// offers the way back to the newest.
	Newer bool
	// Offices are the choices of the bulk action "give to an office".
	Offices []Choice
	// Order says what the rows are sorted by.
	Order Order
	// Saved is the search whose results these are; nil for a view of the house.
	Saved *SavedView
}

// Order is how a list is sorted.
type Order string

// The orders of a list.
const (
	OrderRecent Order = "recent" // last activity first
	OrderDue    Order = "due"    // what falls due first
	OrderFit    Order = "fit"    // what fits the words of a search best
)

// Row is one case in a list, and a fragment.
type Row struct {
	Number string // "2026/000123"
	// View is kept in the row's link, so that opening it stays in the view.
	View    ViewID
	Channel Channel // of the last message from the citizen
	// From is the citizen's name, or the address when there is none.
	From    string
	Subject string // the matter
	// Last is the first words of the last message, at most about 120 runes.
	Last string
	// LastOut is true when the last message is ours: it is prefixed "you:" or
	// with the name of the writer in LastBy.
	LastOut bool
	LastBy  string
	At      clock.Instant // of the last message
	Unread  bool
	Kind    Kind
	Status  Status
	Due     Due
	// SnoozedUntil is set while the case sleeps.
	SnoozedUntil clock.Instant
	// Failed is true when a delivery failed and nobody has dealt with it.
	Failed   bool
	Office   string // in words
	Assignee *Who   // nil: nobody
	Presence []Presence
	Current  bool // the case that is open beside the list
	Priority bool // urgent
	Suspect  bool // a sender looks like somebody else, and nobody has looked
	// CalledFalse says that somebody found a sender to be false.
	CalledFalse bool
}

// Who is an operator as shown in lists.
type Who struct {
	ID   int64
	Name string
}

// Presence is a colleague on a case at this moment.
type Presence struct {
	Name  string
	Doing Doing
	Since clock.Instant
}

// Doing is what a colleague does on a case.
type Doing string

// What a colleague may be doing.
const (
	Looking Doing = "looking"
	Writing Doing = "writing"
)

// Kind is the kind of a case.
type Kind string

// The kinds of case.
const (
	KindInformation   Kind = "information"
	KindRequest       Kind = "request"
	KindReport        Kind = "report"
	KindComplaint     Kind = "complaint"
	KindSuggestion    Kind = "suggestion"
	KindThanks        Kind = "thanks"
	KindRecordsAccess Kind = "records_access"
)

// AllKinds is every kind, in the order of the forms.
var AllKinds = []Kind{KindInformation, KindRequest, KindReport, KindComplaint, KindSuggestion, KindThanks, KindRecordsAccess}

// Status is where a case stands.
type Status string

// The states of a case.
const (
	StatusOpen    Status = "open"
	StatusWaiting Status = "waiting" // for the citizen
	StatusSnoozed Status = "snoozed"
	StatusClosed  Status = "closed"
	StatusMerged  Status = "merged"
)

// Due is a term: the zero value means none.
type Due struct {
	At    clock.Instant
	Level Level // LevelOK, LevelSoon or LevelLate
	// Paused is true while the clock of the term stands still.
	Paused bool
}

// Work is the right part of the inbox: the open case and its person. It is
// the element #work, which choosing a row replaces.
type Work struct {
	Case   *Case       // nil: nothing chosen
	Person *PersonPane // nil: the sender is not known yet
	// Missing is a number that was asked for and cannot be shown (not there,
	// or not this operator's): the pane says so without telling which.
	Missing string
	View    ViewID
	// Pane is PanePerson when a narrow window shows the person.
	Pane Pane
}
