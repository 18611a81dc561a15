package page

import "filodiretto/internal/clock"

// Mode is what the composer writes.
type Mode string

// The modes of the composer.
const (
	ModeReply Mode = "reply"
	ModeNote  Mode = "note"
)

// Composer is the form under the timeline, the element #composer. It belongs
// to one case alone (inbox 4, rule 5).
type Composer struct {
	Number string
	View   ViewID
	Mode   Mode
	// NoteOnly is true for who may leave notes and not answer: the tabs go away.
	NoteOnly bool
	// Answers is the office that answers instead, where NoteOnly.
	Answers string
	// Channels are the ways that the matter and the citizen allow, and those
	// that are barred with the reason; one is Chosen.
	Channels []ChannelChoice
	// Recipients are always shown. For a note they are empty.
	Recipients []Recipient
	// Cc is the text of the Cc field; ShowCc opens it.
	Cc     string
	ShowCc bool
	// MayCc is true on channels that know copies.
	MayCc bool
	Text  string
	Files []DraftFile
	// Most is how many bytes one file may have, and all of them together.
	Most int64
	// MostHere is the same by the chosen channel; 0 where it sets no bound.
	MostHere int64
	State    ComposerState
	// Seen is the id of the newest entry when the form was made.
	Seen int64
	// Undo is set in the seconds after sending.
	Undo *Undo
	// Fault says what must be put right before sending: a key under "fault."
	// in the catalogue ("empty", "no_channel", "too_large"), with its field.
	Fault *FieldFault
	// Unsure lists addresses never seen in this case: sending asks to confirm
	// each of them.
	Unsure []Unsure
	// Limit is the channel's length limit in characters; 0 for none.
	Limit int
	// Closed is true when the case is closed: sending will reopen it.
	Closed bool
}

// Unsure is an address that the case has never seen.
type Unsure struct {
	Address string
	Sure    bool // it was confirmed before something else stopped the answer
}

// ChannelChoice is one way to answer.
type ChannelChoice struct {
	Value   string // what the form sends back: "mail:3:mario@example.it" or any key of the handler's
	Channel Channel
	To      string // the address on that channel, as shown
	Chosen  bool
	// Barred is why it cannot be used, a key under "barred." in the catalogue:
	// "opted_out", "blocked", "unproven", "not_for_matter", "paused", "gone",
	// "window"; empty when it can.
	Barred string
}

// Recipient is who will get the message.
type Recipient struct {
	Name    string
	Address string
	Copy    bool
}

// DraftFile is a file that waits in the draft.
type DraftFile struct {
	ID   int64
	Name string
	Size int64 // bytes
}

// DraftFiles is the list of the draft's files, the element #draft-files.
type DraftFiles struct {
	Number string
	Mode   Mode
	Files  []DraftFile
	// Fault is a key under "fault." when the last file was refused.
	Fault string
	Name  string // of the file that was refused
	Most  int64  // bytes, of one file and of all together
	// MostHere is the same by the chosen channel; 0 where it sets no bound.
	MostHere int64
}

// Total is the size of all files, in bytes.
func (d DraftFiles) Total() (n int64) {
	for _, f := range d.Files {
		n += f.Size
	}
	return n
}

// TooHeavy reports whether the chosen channel does not take the files.
func (d DraftFiles) TooHeavy() bool { return d.MostHere > 0 && d.Total() > d.MostHere }

// ComposerState is what an automatic save answers: the elements #draft-state,
// #read and #stop.
type ComposerState struct {
	Number string
	Mode   Mode
	// SavedAt is when the draft was last kept; zero for "not yet".
	SavedAt clock.Instant
	// Base names the draft's text that the form knows; the form sends it back.
	Base  string
	Meter *Meter
	Stop  *Stop
}

// Meter is how easily a text is read (Gulpease, 0 to 100, higher is easier).
// nil while there are too few words to tell.
type Meter struct{ Index int }

// Stop is what stands between the text and the button.
type Stop struct {
	Number string
	Kind   StopKind
	Name   string        // of the colleague
	Since  clock.Instant // since when they write
	Count  int           // newer messages
	From   string        // who wrote the newest, in words
	Text   string        // of the other window
	Base   string        // names that text
}

// StopKind is why sending is stopped.
type StopKind string

// The stops.
const (
	StopNewer     StopKind = "newer"     // a message arrived after the writer last looked
	StopColleague StopKind = "colleague" // somebody else is answering
	StopDraft     StopKind = "draft"     // the draft was changed in another window
)

// Undo is the bar in the place of the button after sending.
type Undo struct {
	Number string
	ID     int64 // of the sending
	// Seconds are left before it goes.
	Seconds int
	// Until is the same as an instant, said to those without JavaScript.
	Until   clock.Instant
	Channel Channel
	To      string
}

// Picker is the list of texts that "/" opens, the element #picker.
type Picker struct {
	Query string
	Items []PickerItem
}

// PickerItem is one ready text.
type PickerItem struct {
	ID     int64
	Short  string // what is typed after "/": "integrazione-ok"
	Office string // in words; "all offices" when empty
	First  string // its first words
	// Text is what is inserted: variables known on this case are filled in,
	// the others are left in braces for the writer.
	Text string
}

// FieldFault is one thing to put right, shown at the field and in the summary.
type FieldFault struct {
	Field string // the input's name
	Key   string // under "fault." in the catalogue
	Args  map[string]any
	Text  string // in words, when Key is empty
}
