package templates

import "slices"

// Event is something that citizens or staff are told of, with the variables
// that its texts may use.
type Event struct {
	Name string
	It   string // what it is for, one sentence
	En   string
	Vars []Var
	// Topic is what the event is about: events of one topic follow each other.
	Topic string
	// SubjectOnly events have no body: their text is the subject.
	SubjectOnly bool
	// Partial texts are put under or into another message: they are not a
	// message alone.
	Partial bool
	// Standing texts are a page of ours and are never sent. A line of them that
	// begins with "# " is a heading.
	Standing bool
}

// The topics.
const (
	CaseTopic        = "case"
	ContactTopic     = "contact"
	TicketTopic      = "ticket"
	AppointmentTopic = "appointment"
)

// Kind says how a value is inserted.
type Kind string

// The kinds of values.
const (
	Line  Kind = ""      // one line: line breaks become blanks
	Block Kind = "block" // may have several lines
	Link  Kind = "link"  // an absolute http or https address, made clickable
)

// Var is a variable of an event.
type Var struct {
	Name string
	Kind Kind
	// Optional variables may be empty: the line of the text that holds one is
	// then left out. Any other variable must have a value.
	Optional  bool
	It, En    string // what it is, for the editor's list
	ExampleIt string
	ExampleEn string // empty: as in Italian
}

// Example gives the example value in the language.
func (v Var) Example(lang string) string {
	if lang == "en" && v.ExampleEn != "" {
		return v.ExampleEn
	}
	return v.ExampleIt
}

// Find gives the variable of that name.
func (e Event) Find(name string) (Var, bool) {
	i := slices.IndexFunc(e.Vars, func(v Var) bool { return v.Name == name })
	if i < 0 {
		return Var{}, false
	}
	return e.Vars[i], true
}

// Label says what the event is for, in the language.
func (e Event) Label(lang string) string {
	if lang == "en" {
		return e.En
	}
	return e.It
}

// Events lists all events in the order in which pages show them. The slice is
// the caller's; the Vars are shared and not to be changed.
func Events() []Event { return slices.Clone(events) }

// Lookup finds an event by its name.
func Lookup(name string) (Event, bool) {
	i := slices.IndexFunc(events, func(e Event) bool { return e.Name == name })
	if i < 0 {
		return Event{}, false
	}
	return events[i], true
}

// The names of the events.
const (
	Receipt                = "receipt"
	ReplySubject           = "reply_subject"
	ReplyFooter            = "reply_footer"
	CaseClosed             = "case_closed"
	HandoverDone           = "handover_done"
	TooLarge               = "too_large"
	Start                  = "start"
	Privacy                = "privacy"
	OptedOut               = "opted_out"
	OptedIn                = "opted_in"
	LinkConfirmed          = "link_confirmed"
	LinkExpired            = "link_expired"
	PrivacyPage            = "privacy_page"
	DeliveryFailedOperator = "delivery_failed_operator"
)
