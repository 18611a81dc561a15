package page

import "filodiretto/internal/clock"

// Erase is the form that erases the contents of a message for good. Inputs: reason,
// words, sure=1.
type Erase struct {
	Shell
	Action  string
	BackURL string // the message on its case's page
	Case    string
	Channel Channel
	By      string // who wrote it
	At      clock.Instant
	Subject string
	Snippet string

	Files, Versions, Originals, Automatic int      // what goes with it
	Offices                               []string // others that got the same mail
	Refused                               string   // under "erase.refused_"; empty when it may go
	Reasons                               []Choice
	Words                                 string
	Faults                                []FieldFault
}

func (Erase) template() string { return "erase" }

// Erased says who erased the contents of an entry, and why. By is empty where that
// stands further up than what is shown.
type Erased struct {
	By     string
	Reason string // under "erase.reason_"
}
