package queue

import (
	"database/sql/driver"
	"encoding/json"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// Agenda publishes the slots of one or more services, as appointments at fixed
// times that any counter with the skill serves (queue 4.6). Bound to a counter it
// is a specialist's.
type Agenda struct {
	bun.BaseModel `bun:"table:agendas,alias:ag"`

	ID          int64 `bun:",pk"`
	SiteID      int64
	Key         string
	Names       Names
	CounterID   int64 // a specialist's; 0 for any counter
	SlotMin     int   // length of a slot in minutes
	Capacity    int   // places of a slot
	Public      int   // of these, how many citizens may take themselves; the others are for staff
	LeadMin     int   // citizens book no later than so many minutes before
	HorizonDays int   // and no further ahead than so many days
	Hours       AgendaHours
	Settings    AgendaSettings
	Version     int64
	EndedAt     clock.Instant
	Services    []int64 `bun:"-"`
}

// AgendaHours are when an agenda has slots; none means the hours of the site.
type AgendaHours []AgendaRange

// AgendaRange is a part of a weekday in minutes from local midnight, [From, To).
type AgendaRange struct{ Weekday, From, To int }

// MarshalJSON writes [weekday, from, to].
func (r AgendaRange) MarshalJSON() ([]byte, error) {
	return json.Marshal([3]int{r.Weekday, r.From, r.To})
}

// UnmarshalJSON reads [weekday, from, to].
func (r *AgendaRange) UnmarshalJSON(b []byte) error {
	var x [3]int
	err := json.Unmarshal(b, &x)
	r.Weekday, r.From, r.To = x[0], x[1], x[2]
	return err
}

// Value writes the hours into their column.
func (h AgendaHours) Value() (driver.Value, error) {
	if h == nil {
		h = AgendaHours{}
	}
	b, err := json.Marshal([]AgendaRange(h))
	return string(b), err
}

// Scan reads them from their column.
func (h *AgendaHours) Scan(v any) error { return scanJSON(v, h) }

// on gives the ranges of a weekday, sorted.
func (h AgendaHours) on(weekday int) Ranges {
	var out Ranges
	for _, r := range h {
		if r.Weekday == weekday {
			out = append(out, Range{r.From, r.To})
		}
	}
	slices.SortFunc(out, func(a, b Range) int { return a.From - b.From })
	return out
}

// AgendaSettings are the choices of one agenda; minutes are whole. A zero is taken
// from DefaultAgendaSettings, -1 means none.
type AgendaSettings struct {
	HoldMin    int   `json:"hold_min,omitempty"`      // how long a slot is kept while somebody fills in the form
	ConfirmMin int   `json:"confirm_min,omitempty"`   // and until who typed an address proves that it is theirs; -1 asks for no proof
	MostOpen   int   `json:"most_open,omitempty"`     // appointments that one person may have at the same time
	MostDay    int   `json:"most_day,omitempty"`      // bookings of one person in a day, whatever became of them
	ChangeMin  int   `json:"change_min,omitempty"`    // citizens change and cancel no later than so many minutes before; -1 until the start
	RestFrom   int   `json:"rest_from_min,omitempty"` // a place given back is free for others after a random time
	RestTo     int   `json:"rest_to_min,omitempty"`   // between these two
	OfferMin   int   `json:"offer_min,omitempty"`     // how long somebody of the waiting list has to accept
	MostOffers int   `json:"most_offers,omitempty"`   // after so many offers that were not accepted they leave the list
	RemindMin  int   `json:"remind_min,omitempty"`    // second reminder, minutes before; -1 for none
	TellFrom   int   `json:"tell_from,omitempty"`     // messages that nobody waits for go out between these
	TellTo     int   `json:"tell_to,omitempty"`       // minutes of the day
	Documents  Names `json:"documents,omitempty"`     // what to bring, by language
}

// DefaultAgendaSettings are used for what an agenda does not say.
func DefaultAgendaSettings() AgendaSettings {
	return AgendaSettings{
		HoldMin: 10, ConfirmMin: 60, MostOpen: 4, MostDay: 5, ChangeMin: 60, RestFrom: 5, RestTo: 30, OfferMin: 120, MostOffers: 3,
		RemindMin: 180, TellFrom: 8 * 60, TellTo: 20 * 60,
	}
}

// Value writes the settings into their column.
func (s AgendaSettings) Value() (driver.Value, error) {
	b, err := json.Marshal(s)
	return string(b), err
}

// Scan reads them from their column.
func (s *AgendaSettings) Scan(v any) error { return scanJSON(v, s) }

// filled takes what is not said from the defaults.
func (s AgendaSettings) filled() AgendaSettings {
	d := DefaultAgendaSettings()
	for _, x := range []struct{ to, from *int }{
		{&s.HoldMin, &d.HoldMin},
		{&s.ConfirmMin, &d.ConfirmMin},
		{&s.MostOpen, &d.MostOpen},
		{&s.MostDay, &d.MostDay},
		{&s.ChangeMin, &d.ChangeMin},
		{&s.RestFrom, &d.RestFrom},
		{&s.RestTo, &d.RestTo},
		{&s.OfferMin, &d.OfferMin},
		{&s.MostOffers, &d.MostOffers},
		{&s.RemindMin, &d.RemindMin},
		{&s.TellFrom, &d.TellFrom},
		{&s.TellTo, &d.TellTo},
	} {
		if *x.to == 0 {
			*x.to = *x.from
		}
	}
	return s
}

// Offers reports whether a service is to be had by this agenda.
func (a *Agenda) Offers(serviceID int64) bool {
	return a.EndedAt == 0 && slices.Contains(a.Services, serviceID)
}

func (a *Agenda) slotLen() time.Duration { return minutes(a.SlotMin) }

// worksAgenda reports whether v books for others in it: whoever works the site's
// queue, and for a specialist's agenda whoever may sit at that counter.
func worksAgenda(h *House, a *Agenda, v inbox.Viewer) bool {
	if worksSite(h, v) {
		return true
	}
	c := h.Counter(a.CounterID)
	return c != nil && worksCounter(h, v, c)
}
