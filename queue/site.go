package queue

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// Site is a place where people wait. Its version grows with every change of its
// set-up: hours, services, classes, counters, devices.
type Site struct {
	bun.BaseModel `bun:"table:sites,alias:si"`

	ID        int64 `bun:",pk"`
	Key       string
	Name      string
	Address   string
	Settings  SiteSettings
	Version   int64
	CreatedAt clock.Instant
	ClosedAt  clock.Instant // given up for good
}

// SiteSettings are the choices of one site; minutes are whole. A zero is taken
// from DefaultSettings.
type SiteSettings struct {
	Rule      order.Rule `json:"rule,omitempty"`
	EarlyMin  int        `json:"early_min,omitempty"`    // how long before the slot an appointment may be called
	LateMin   int        `json:"late_min,omitempty"`     // how long after it one still counts from the slot
	PutBack   int        `json:"put_back_min,omitempty"` // not called again so soon (queue 3, row 19)
	VoidMin   int        `json:"void_min,omitempty"`     // a number that was not printed ends after
	StuckMin  int        `json:"stuck_min,omitempty"`    // called for so long is told
	MaxCalls  int        `json:"max_calls,omitempty"`    // after so many calls no-show is offered
	LastMin   int        `json:"last_min,omitempty"`     // no numbers so near to closing; 0 for none
	EndMin    int        `json:"end_min,omitempty"`      // the day ends so long after closing
	MostWait  int        `json:"most_waiting,omitempty"` // the room holds; 0 for any
	MostPass  int        `json:"most_pass,omitempty"`    // how many one may let go first at once
	CodeMin   int        `json:"code_min,omitempty"`     // how long a code of presence is shown
	TellAhead int        `json:"tell_ahead,omitempty"`   // "you are next" with so many before one; -1 for never
	Announced int        `json:"announced,omitempty"`    // how many calls a display shows
	Patron    string     `json:"patron,omitempty"`       // "10-04": the town's own holiday
	Langs     []string   `json:"langs,omitempty"`        // of kiosk and display, the first is the default
	// Who asks for a number and would be called before closing with a lower probability,
	// in percent, is warned, or gets no number but an appointment; -1 for never.
	WarnBelow int `json:"warn_below,omitempty"`
	StopBelow int `json:"stop_below,omitempty"`

	KeepDays int `json:"keep_days,omitempty"` // names and contacts of appointments are erased so long after the day
}

// DefaultSettings are used for what a site does not say.
func DefaultSettings() SiteSettings {
	return SiteSettings{
		Rule: order.Affine, EarlyMin: 15, LateMin: 15, PutBack: 5, VoidMin: 5, StuckMin: 4, MaxCalls: 3,
		EndMin: 120, MostPass: 10, CodeMin: 15, TellAhead: 3, Announced: 6, Langs: []string{"it", "en"}, KeepDays: 90, WarnBelow: 80, StopBelow: 15,
	}
}

// Value writes the settings into their column.
func (s SiteSettings) Value() (driver.Value, error) { b, err := json.Marshal(s); return string(b), err }

// Scan reads them from their column.
func (s *SiteSettings) Scan(v any) error { return scanJSON(v, s) }

func scanJSON(v, to any) error {
	switch x := v.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(x), to)
	case []byte:
		return json.Unmarshal(x, to)
	}
	return fmt.Errorf("queue: a column of JSON holds %T", v)
}

// Names is a text by language: {"it": "Anagrafe", "en": "Registry"}.
type Names map[string]string

// In is the text in a language, else in Italian, else any.
func (n Names) In(lang string) string {
	for _, l := range []string{lang, "it", "en"} {
		if s := n[l]; s != "" {
			return s
		}
	}
	for _, s := range n {
		return s
	}
	return ""
}

// Value writes the names into their column.
func (n Names) Value() (driver.Value, error) { b, err := json.Marshal(n); return string(b), err }

// Scan reads them from their column.
func (n *Names) Scan(v any) error { return scanJSON(v, n) }

// Range is a part of a day in minutes from local midnight, [From, To).
type Range struct{ From, To int }

// Hours are the ranges of one weekday.
type Hours struct {
	bun.BaseModel `bun:"table:site_hours,alias:sh"`

	SiteID  int64
	Weekday int // 1 Monday .. 7 Sunday
	FromMin int
	ToMin   int
}

// SpecialDay is a day unlike the others. Without ranges the site is shut.
type SpecialDay struct {
	bun.BaseModel `bun:"table:site_days,alias:sd"`

	SiteID    int64
	Day       Day
	Intervals Ranges
	Reason    string
}

// Ranges are the parts of a day, kept as [[480,780]].
type Ranges []Range

// MarshalJSON writes [from, to].
func (r Range) MarshalJSON() ([]byte, error) { return json.Marshal([2]int{r.From, r.To}) }

// UnmarshalJSON reads [from, to].
func (r *Range) UnmarshalJSON(b []byte) error {
	var two [2]int
	err := json.Unmarshal(b, &two)
	r.From, r.To = two[0], two[1]
	return err
}

// Value writes the ranges into their column.
func (r Ranges) Value() (driver.Value, error) {
	if r == nil {
		r = Ranges{}
	}
	b, err := json.Marshal([]Range(r))
	return string(b), err
}

// Scan reads them from their column.
func (r *Ranges) Scan(v any) error { return scanJSON(v, r) }

// Session is a day of a site: opened by its first ticket or sitting, ended by an
// event of its own (queue 3, row 25).
type Session struct {
	bun.BaseModel `bun:"table:site_sessions,alias:ss"`

	SiteID   int64
	Day      Day
	OpenedAt clock.Instant
	EndedAt  clock.Instant
	Seed     string // of the codes of presence; never shown
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
