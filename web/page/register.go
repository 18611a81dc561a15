package page

import (
	"time"

	"filodiretto/internal/clock"
)

// RegisterMark is where a message stands with the protocol register, beside it on
// its case's page.
type RegisterMark struct {
	// Key is "due", "not_needed", "registered" or "annulled"; "" for a message of
	// which nobody asked, which shows EnterURL alone.
	Key    string
	Number string // "0000123/2026", of the entry
	URL    string // of the entry
	Why    string // an operator's words
	// EnterURL is the form that registers it; empty where it may not be.
	EnterURL string
}

// Origin is the registration at the body that sent a message, out of its segnatura.
type Origin struct {
	Number, Date, Body, Area, Sender, Subject, Class string
	Documents                                        []string
	Reserved, Confirm                                bool
}

// RegisterTabs is what stands above every page of the register.
type RegisterTabs struct {
	Tab  string // "list", "due", "days"
	Due  int
	Days bool // there are daily registers: the program's own
}

// Register is the list of what was registered. Inputs: q, year, direction, office,
// class.
type Register struct {
	Shell
	RegisterTabs
	Query      string
	Years      []Choice
	Directions []Choice
	Offices    []Choice
	Classes    []ChoiceGroup
	Narrowed   bool // something was looked for
	Lines      []RegisterLine
	OlderURL   string
}

// RegisterLine is one entry of the list. Of a veiled one only number, day and
// direction are told.
type RegisterLine struct {
	ID                           int64
	Number                       string
	Out                          bool
	At                           clock.Instant
	Day                          string // of the registration, where it is another program's
	Who, Subject                 string
	Office, Class, ClassName     string
	Case                         string
	Veiled, Annulled, Superseded bool
}

// RegisterDue is what waits to be registered.
type RegisterDue struct {
	Shell
	RegisterTabs
	Lines    []RegisterDueLine
	OlderURL string
}

// RegisterDueLine is a message that waits.
type RegisterDueLine struct {
	MessageID    int64
	Channel      Channel
	Out          bool
	At           clock.Instant
	Who, Subject string
	Case, Office string
	Why          string // in words
	URL          string // the form
	Annulled     bool   // it had a number
}

// RegisterForm registers a message, or writes a typed number anew. Inputs: sender,
// recipients, subject, office, class, origin_number, origin_date, origin_administration,
// origin_area; of another program's register number, date, code, area; version,
// sure=1. The second form says that it is not needed: reason, version.
type RegisterForm struct {
	Shell
	RegisterTabs
	Action   string // where the form goes
	Refuse   string // where "not needed" goes; empty for none
	BackURL  string // the message on its case's page
	Version  int64
	External bool
	Correct  string // number of the entry that is corrected; empty for a new one
	Out      bool
	Channel  Channel
	At       clock.Instant
	Case     string
	Snippet  string

	Sender, Recipients, Subject                                string
	Offices                                                    []Choice
	Classes                                                    []ChoiceGroup
	OriginNumber, OriginDate, OriginAdministration, OriginArea string
	Origin                                                     *Origin // as the segnatura tells it
	Number, Date, Code, Area                                   string
	Today                                                      string // the latest day that may be written
	Taken                                                      bool   // the number seems to be another message's
	Reason                                                     string
	Files                                                      []RegisterFile
	Faults                                                     []FieldFault
}

// OriginDateType is the kind of field for the day of the sender's registration: what
// was written there otherwise than as a day is shown as it is.
func (f RegisterForm) OriginDateType() string {
	if _, err := time.Parse(time.DateOnly, f.OriginDate); f.OriginDate == "" || err == nil {
		return "date"
	}
	return "text"
}

// RegisterFile is one thing that is registered.
type RegisterFile struct {
	What   string // "received", "sent", "composed", "attachment"
	Name   string
	Size   int64
	SHA256 string
	URL    string // empty for one that cannot be fetched
}

// RegisterEntry is one entry with all that there is of it.
type RegisterEntry struct {
	Shell
	RegisterTabs
	Line                                      RegisterLine
	Administration, Area, Code                string
	Sender, Recipients                        string
	Channel                                   Channel
	DocumentAt                                clock.Instant
	By                                        string
	Origin                                    *Origin
	Files                                     []RegisterFile
	Assignments                               []RegisterAssignment
	Annulment                                 *RegisterAnnulment
	Earlier                                   []RegisterLine
	Later                                     *RegisterLine
	Hash                                      string
	MayAssign, MayAnnul, MayCorrect, External bool
	Offices                                   []Choice
	Classes                                   []ChoiceGroup
	Seen                                      int64 // the assignment that is shown
	Faults                                    []FieldFault
	Reason, Act                               string
}

// RegisterAssignment is an office and a class from an instant on.
type RegisterAssignment struct {
	At                      clock.Instant
	Office, Class, Name, By string
}

// RegisterAnnulment is why an entry is out of force.
type RegisterAnnulment struct {
	At              clock.Instant
	Reason, Act, By string
}

// RegisterDays are the daily registers.
type RegisterDays struct {
	Shell
	RegisterTabs
	Days     []RegisterDay
	OlderURL string
}

// RegisterDay is the register of one day as it was closed.
type RegisterDay struct {
	Day, URL, First, Last, SHA256 string
	Entries, Annulments           int
	Size                          int64
}

func (Register) template() string      { return "register" }
func (RegisterDue) template() string   { return "register-due" }
func (RegisterForm) template() string  { return "register-form" }
func (RegisterEntry) template() string { return "register-entry" }
func (RegisterDays) template() string  { return "register-days" }
