package queue

import (
	"database/sql/driver"
	"encoding/json"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/queue/order"
)

// Group is a group of services with one series of numbers: A1, A2, ...
type Group struct {
	bun.BaseModel `bun:"table:service_groups,alias:sg"`

	ID     int64 `bun:",pk"`
	SiteID int64
	Key    string
	Names  Names
	Series string // one or two capital letters, see BandLabel
	Ord    int
}

// Service is what people wait for.
type Service struct {
	bun.BaseModel `bun:"table:services,alias:sv"`

	ID       int64 `bun:",pk"`
	SiteID   int64
	GroupID  int64
	Key      string
	Names    Names
	OfficeID int64
	Minutes  float64 // expected, before anything is learnt
	Kiosk    bool    // gives numbers at the kiosk
	Remote   bool    // gives numbers on the web and in chats
	PerDay   int     // most tickets a day; 0 for any
	Ord      int
	EndedAt  clock.Instant

	// Errands are why people come for it, in their order; those that ended are in it.
	Errands []*Errand `bun:"-"`
}

// Keys is a list of keys, kept as JSON.
type Keys []string

// Value writes the list into its column.
func (k Keys) Value() (driver.Value, error) {
	if k == nil {
		k = Keys{}
	}
	b, err := json.Marshal([]string(k))
	return string(b), err
}

// Scan reads it from its column.
func (k *Keys) Scan(v any) error { return scanJSON(v, k) }

// Class is a class of precedence: V = HeadMin + Slope × minutes since the
// reference (queue 4.5). It is never shown in public.
type Class struct {
	bun.BaseModel `bun:"table:classes,alias:cl"`

	ID       int64 `bun:",pk"`
	SiteID   int64
	Key      order.Class // "walkin", "appointment" and "protected" are at every site
	Names    Names
	HeadMin  float64
	Slope    float64
	Absolute bool
	Level    int  // for the rule "strict"
	Kiosk    bool // people may choose it themselves
	Ord      int
}
