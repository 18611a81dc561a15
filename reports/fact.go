package reports

import "filodiretto/queue"

// Outcome is how it ended for somebody who waited for a service.
type Outcome uint8

// The outcomes.
const (
	Open    Outcome = iota // still there; on a day that is over, not served
	Served                 // served to the end, or handed to an office
	Moved                  // went on to another service without being served
	NoShow                 // called, did not come
	Left                   // gave up
	Expired                // the day ended
)

// Fact is one time that somebody waited for a service, without who it was. Durations
// are whole seconds, -1 where there is none.
type Fact struct {
	Band    int  // half-hour of the day, by the clock on the wall, in which the waiting began
	First   bool // the first service of a visit: it counts as the visit
	Booked  bool // with an appointment
	Outcome Outcome
	Wait    int // first instant of being callable to the first call
	Work    int // the service itself, without the time in which the person was set aside
	Desk    int // the counter's time: from each call to the end, without the same
	Held    int // set aside; 0 for never
	Stay    int // of a visit: from the number to the end of its last service in the house
}

// Bands are the half-hours of a day.
const Bands = 48

// DayFacts is what happened at a site on a local day.
type DayFacts struct {
	Site     int64
	Day      queue.Day
	Services map[int64][]Fact // in an order that tells nothing of persons
	Answers  map[int64][]int  // by service: from the number to the answer of an office, for those answered on this day
	Open     [Bands]int       // seconds that counters were open, all together
	Busy     [Bands]int       // seconds that counters had somebody
}
