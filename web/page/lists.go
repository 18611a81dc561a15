package page

import (
	"strings"
	"time"
)

// CloseOutcomes are how a case can end; the words are "outcome.<code>".
var CloseOutcomes = []string{"answered", "solved", "forwarded", "duplicate", "refused", "withdrawn", "no_answer"}

// keyGroup is a group of shortcuts on the help page.
type keyGroup struct {
	Name string
	Keys []keyLine
}

// keyLine is one shortcut; its words are "key_help.<Name>".
type keyLine struct {
	Name string
	Keys []string
}

// keyGroups are all shortcuts: js/keys.js does what this list says.
var keyGroups = []keyGroup{
	{"list", []keyLine{{"down", []string{"J"}}, {"up", []string{"K"}}, {"open", []string{"⏎"}}, {"mark", []string{"X"}}}},
	{"case", []keyLine{
		{"reply", []string{"R"}},
		{"note", []string{"N"}},
		{"assign", []string{"A"}},
		{"office", []string{"O"}},
		{"close", []string{"E"}},
		{"snooze", []string{"S"}},
		{"merge", []string{"M"}},
		{"register", []string{"T"}},
		{"send", []string{"Ctrl", "⏎"}},
		{"texts", []string{"/"}},
		{"undo", []string{"Z"}},
	}},
	{"counter", []keyLine{
		{"next", []string{"N"}},
		{"here", []string{"S"}},
		{"recall", []string{"R"}},
		{"finish", []string{"F"}},
		{"take_back", []string{"Z"}},
	}},
	{"agenda", []keyLine{
		{"day_before", []string{"←"}},
		{"day_after", []string{"→"}},
		{"slot_before", []string{"↑"}},
		{"slot_after", []string{"↓"}},
		{"book", []string{"N"}},
		{"arrived", []string{"S"}},
		{"move_it", []string{"M"}},
	}},
	{"new", []keyLine{{"visit", []string{"V"}}, {"phone", []string{"P"}}}},
	{"go", []keyLine{
		{"search", []string{"/"}},
		{"palette", []string{"Ctrl", "K"}},
		{"go_inbox", []string{"G", "I"}},
		{"go_reception", []string{"G", "Q"}},
		{"go_counter", []string{"G", "C"}},
		{"go_room", []string{"G", "W"}},
		{"go_people", []string{"G", "P"}},
		{"go_quarantine", []string{"G", "X"}},
		{"go_register", []string{"G", "T"}},
		{"go_channels", []string{"G", "H"}},
		{"go_reports", []string{"G", "R"}},
		{"go_agenda", []string{"G", "A"}},
		{"go_admin", []string{"G", "G"}},
		{"all", []string{"?"}},
		{"escape", []string{"Esc"}},
	}},
}

// slug makes an id out of a number or a day.
func slug(s string) string {
	return strings.ToLower(inSlugs.Replace(s))
}

var inSlugs = strings.NewReplacer("/", "-", " ", "-", "ì", "i")

// first is the first word of a name.
func first(name string) string {
	if i := strings.IndexByte(name, ' '); i > 0 {
		return name[:i]
	}
	return name
}

func hasFault(faults []FieldFault, field string) bool {
	for _, f := range faults {
		if f.Field == field {
			return true
		}
	}
	return false
}

// draftFiles is the composer's list of files as a fragment.
func draftFiles(c Composer) DraftFiles {
	return DraftFiles{Number: c.Number, Mode: c.Mode, Files: c.Files, Most: c.Most, MostHere: c.MostHere}
}

// Preview is what a row says after the title: nothing where the title is the same
// words, as with a chat, which has no subject.
func (r Row) Preview() string {
	title, last := strings.TrimRight(r.Subject, " ….!?"), strings.TrimRight(r.Last, " ….!?")
	if !r.LastOut && title != "" && strings.HasPrefix(title, last) {
		return ""
	}
	return r.Last
}

func year(t time.Time) int { return t.Year() }

// Class is the meter's weight: what a school-leaver, or nearly everybody, reads
// with ease (Gulpease: 80 primary school, 60 lower secondary, 40 upper secondary).
func (m Meter) Class() string {
	switch {
	case m.Index >= 60:
		return "ok"
	case m.Index >= 40:
		return "wait"
	}
	return "bad"
}

// Word is the meter in words, under "meter.".
func (m Meter) Word() string {
	switch {
	case m.Index >= 80:
		return "primary"
	case m.Index >= 60:
		return "middle"
	case m.Index >= 40:
		return "high"
	}
	return "hard"
}

// Width is the length of the bar, of 96 units.
func (m Meter) Width() int { return max(0, min(96, m.Index*96/100)) }

// Class is the colour class of a delivery's state.
func (d Delivery) Class() string {
	if d.Delayed && d.State == DeliverySent {
		return "wait"
	}
	switch d.State {
	case DeliverySent, DeliveryArrived, DeliveryRead:
		return "ok"
	case DeliveryFailed, DeliveryBlocked, DeliveryExpired:
		return "bad"
	case DeliveryUnknown:
		return "wait"
	}
	if d.Delayed {
		return "wait"
	}
	return ""
}

// Icon is the sign of a delivery's state.
func (d Delivery) Icon() string {
	switch d.Class() {
	case "ok":
		return "check"
	case "bad":
		return "error"
	case "wait":
		return "warning-circle"
	}
	if d.State == DeliveryCancelled || d.State == DeliverySuppressed {
		return "ban"
	}
	return "clock"
}
