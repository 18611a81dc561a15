package page

import (
	"html/template"
	"slices"

	"filodiretto/internal/clock"
)

// Site is what surrounds every page for citizens.
type Site struct {
	// Title is the page's own, in the reader's words; empty for the pages of a case.
	Title        string
	Municipality string
	Union        string // a wider body, in the slim bar; may be empty
	Lang         Lang
	Phone        string
	Email        string
	PEC          string
	Address      string
	Hours        []string // lines, in words
	HomeURL      string   // the municipality's own site; may be empty
	PrivacyURL   string
	AccessURL    string // declaration of accessibility
	// Path is the address of this page, for the other language.
	Path string
}

// titled is the frame of a page under a title of its own.
func titled(s Site, title string) Site {
	s.Title = title
	return s
}

// PublicPrivacy is the notice on personal data, as the municipality wrote it.
type PublicPrivacy struct {
	Site
	Title string
	Body  template.HTML // paragraphs, lists and second headings, made by package templates
	Text  Lang          // the language of the text
}

// PublicEntry asks for a case's number and secret.
type PublicEntry struct {
	Site
	Number string
	Fault  string // under "public.fault_": "wrong", "slow", "ended"
	Wait   int    // seconds, for "slow"
	// Text is what was written when the page had been open for too long: it comes
	// back once the case is opened again.
	Text string
}

// PublicCase is where a citizen sees how a case stands.
type PublicCase struct {
	Site
	Number  string
	Subject string
	Status  Status
	Kind    Kind
	Phases  []Phase
	Due     Due
	Office  string
	Desk    Desk // where the office is found
	// Messages are what citizen and municipality wrote to each other, oldest
	// first: never a note.
	Messages []PublicMessage
	// MayReply shows the reply box; AnswerTo is the channel where the answer
	// will come, empty when the citizen left no address.
	MayReply bool
	AnswerTo Channel
	Opened   string // the number with which the page was opened, for the form
	Key      string // of the form: sent twice, it is one message
	Text     string // what was typed, when it came back
	Sent     bool   // the reply was taken in
	Fault    *FieldFault
}

// Standing is how the case stands, a key under "public.status_": that of its status, but
// that nobody works yet on what was only received, as its phases say.
func (c PublicCase) Standing() string {
	at := slices.IndexFunc(c.Phases, func(p Phase) bool { return p.Current })
	if at >= 0 && c.Phases[at].ID == PhaseReceived && (c.Status == StatusOpen || c.Status == StatusSnoozed) {
		return "received"
	}
	return string(c.Status)
}

// Desk is where an office is found. What is empty is not shown.
type Desk struct {
	Phone, Email, Address string
	Hours                 []string // lines, in words
}

// PhaseID is a step of a case as citizens see it.
type PhaseID string

// The steps of a case.
const (
	PhaseReceived PhaseID = "received"
	PhaseCharge   PhaseID = "charge"
	PhaseWaiting  PhaseID = "waiting" // for the citizen; only when it is so
	PhaseAnswered PhaseID = "answered"
	PhaseClosed   PhaseID = "closed"
)

// Phase is one step of a case as citizens see it.
type Phase struct {
	ID      PhaseID
	At      clock.Instant // when it was reached; zero for not yet
	Channel Channel       // by which way, for "received"
	Office  string        // for "charge"
	Current bool
}

// PublicMessage is one message on the public page.
type PublicMessage struct {
	Mine    bool // the citizen's own
	By      string
	Text    string
	At      clock.Instant
	Channel Channel
	Files   []File
	State   DeliveryState // of ours
}
