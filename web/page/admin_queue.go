package page

import "filodiretto/internal/clock"

// QueueSites is the list of the places where people wait.
type QueueSites struct {
	Shell
	Sites []QueueSiteLine
}

// QueueSiteLine is a site in the list.
type QueueSiteLine struct {
	ID                 int64
	Name, Address      string
	Rule               string // in words
	Services, Counters int
}

// QueueSite is the set-up of one site, part by part.
type QueueSite struct {
	Shell
	ID      int64
	Name    string
	Address string
	Facts   []string // in words
	Parts   []QueuePart
}

// QueuePart is a list of the set-up: hours, days, groups and so on.
type QueuePart struct {
	Name string // under "queue_part.", "queue_part_why." and "queue_part_none."
	Rows []QueueRow
	Edit string // address of the form for all of it; empty for none
	New  string // address of the form for one more; empty for none
}

// QueueRow is one line of a part.
type QueueRow struct {
	Title string
	Tag   string // in words; empty for none
	Facts string // in words
	URL   string // of its form; empty for none
	End   string // address that takes it away; empty for none
	How   string // under "queue_end." and "queue_end_why."
}

// QueueForm changes one part of a site's set-up. Inputs are named as its fields.
type QueueForm struct {
	Shell
	Part    string // under "queue_form."
	Site    string // empty for a new site
	Back    string
	Action  string
	Version int64 // of the site as seen; 0 when it does not matter
	Fields  []QueueField
	Faults  []FieldFault
	// MayPreview offers to see what would be published, Preview shows it.
	MayPreview bool
	Preview    []QueuePublished
	Notes      []string // what follows, or is advised, in words
	// Button is the last part of the id of its text, under "queue_button."; empty is
	// the usual one where there are fields, and none where there are not. Sure is
	// what was shown, and is sent along.
	Button, Sure string
	Try          string // address that prints a trial with what is stored; empty for none
}

// QueuePublished is what an agenda offers on a day.
type QueuePublished struct {
	At     clock.Instant
	Hours  string
	Slots  int
	Places int
	Public int
	Inside int
	Why    string // under "queue_published.", empty when there are slots
	Reason string
}

// QueueField is an input of a QueueForm. Its label is the text "queue_field."+Text,
// and "queue_help."+Text explains it where there is one.
type QueueField struct {
	Name     string
	Text     string // the name when empty
	Kind     QueueFieldKind
	Value    string
	Chosen   bool     // of a check
	Choices  []Choice // of a select, or of checks
	Optional bool
	ReadOnly bool
	Columns  []string // of a grid, each under "queue_column."
	Rows     []QueueFieldRow
}

// QueueFieldKind says how a field is filled in.
type QueueFieldKind string

// The kinds of fields.
const (
	FieldText   QueueFieldKind = "text"
	FieldLines  QueueFieldKind = "lines" // several, one a line
	FieldNumber QueueFieldKind = "number"
	FieldTime   QueueFieldKind = "time"
	FieldDate   QueueFieldKind = "date"
	FieldCheck  QueueFieldKind = "check"
	FieldSelect QueueFieldKind = "select"
	FieldChecks QueueFieldKind = "checks"
	FieldGrid   QueueFieldKind = "grid"
)

// QueueFieldRow is a row of a grid: its name in words, then a cell for each column.
type QueueFieldRow struct {
	Label string
	Cells []QueueField
}

// Of is the last part of the ids of its texts.
func (f QueueField) Of() string {
	if f.Text != "" {
		return f.Text
	}
	return f.Name
}

// QueueDeviceMade shows the address of a new device, this once.
type QueueDeviceMade struct {
	Shell
	Site string
	Name string
	Kind string // under "queue_device."
	URL  string // with its token
	Back string
}

func (QueueSites) template() string      { return "queue-sites" }
func (QueueSite) template() string       { return "queue-site" }
func (QueueForm) template() string       { return "queue-form" }
func (QueueDeviceMade) template() string { return "queue-device-made" }
