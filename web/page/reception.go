package page

import "filodiretto/internal/clock"

// How says by which way a contact that staff write down came about.
type How string

// The ways of a contact that staff write down.
const (
	HowVisit How = "visit"
	HowPhone How = "phone"
)

// Reception is the form for a visit or a phone note.
type Reception struct {
	Shell
	How   How
	Query string // of the search for a person
	Picks PersonPicks
	// Chosen is the person the visit is of; nil: new or nameless.
	Chosen *PersonLine
	// Cases are open cases of the chosen person, to which the contact may belong.
	Cases []CaseLine
	Form  VisitForm
	Kinds []Choice
	// Offices are the choices of "who takes care".
	Offices []Choice
	// Faults are what must be put right; the page moves the focus to the list.
	Faults []FieldFault
	// Today are the last contacts that this desk wrote down.
	Today []VisitLine
	Done  *ReceptionDone
	// Number gives numbers of the queue; nil for those who may not.
	Number *NumberDesk
	// Arrivals receives those who have an appointment; nil where there is no agenda.
	Arrivals *ArrivalDesk
	Now      clock.Instant
}

// VisitForm is what was typed.
type VisitForm struct {
	// Key makes a double click one visit.
	Key                string
	Name, Phone, Email string
	CF, Address        string
	// Seen says that an identity document was looked at, which makes the
	// codice fiscale certain.
	Seen bool
	// CFWarn is what is odd about the codice fiscale, under "warn."; the form
	// then asks for CFWhy to take it all the same.
	CFWarn string
	CFArgs map[string]any
	CFWhy  string
	CFSure bool
	// Known is somebody who has one of these identities already: the form
	// offers to take that record.
	Known   *PersonLine
	Subject string
	Text    string
	Outcome Outcome
	Case    string // number of an open case of the person's, chosen from the list
	Number  string // number of any other case, typed
	// OtherOf is whose case it is, when it is not the visitor's: the form then
	// asks whether that is meant, as when a daughter comes for her mother. The
	// answer holds for OtherCase only.
	OtherOf   string
	OtherCase string // number
	OtherSure bool
	// Doubt is any other doubt about what was typed, under "warn.".
	Doubt string
}

// Outcome is what became of a contact.
type Outcome string

// The outcomes of a contact.
const (
	OutcomeClosed Outcome = "closed" // answered at once
	OutcomeOpen   Outcome = "open"   // opens a case
	OutcomeJoin   Outcome = "join"   // goes to an open case
)

// ReceptionDone says what was just written down.
type ReceptionDone struct {
	Number string // of the case
	Name   string // of the person
	Open   bool   // the case is open, not answered at once
	Office string
}

// PersonPicks is the list under the search for a person, the element #picks.
type PersonPicks struct {
	How    How
	Query  string
	People []PersonLine
}
