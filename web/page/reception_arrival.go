package page

import "filodiretto/internal/clock"

// ArrivalDesk is the card of reception for those who have an appointment: two
// touches, the name and "has arrived".
type ArrivalDesk struct {
	Query string
	Key   string
	Sites []ArrivalSite
	// Given is the number of who was received just now; nil for nobody.
	Given       *NumberGiven
	Person      string
	At          clock.Instant // of their appointment
	Early, Late bool
}

// ArrivalSite is who is expected at a site.
type ArrivalSite struct {
	ID    int64
	Name  string
	Lines []ArrivalLine
	More  int // who come later today
}

// ArrivalLine is somebody who is expected, or who was.
type ArrivalLine struct {
	AgendaLine
	MayArrive bool
	Late      bool
}

// ArrivalList is the part of the card that changes while one types, #arrival-list.
type ArrivalList struct{ ArrivalDesk }

func (ArrivalList) template() string { return "arrival-list" }
