package reports

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// Event is one event of the queue, with those of its facts that figures are made of.
type Event struct {
	ID   int64
	At   clock.Instant
	Kind string
	Facts
}

// Facts are the facts of an event as the queue writes them (queue/event.go).
type Facts struct {
	Site    int64         `json:"site"`
	Ticket  int64         `json:"ticket"`
	Step    int64         `json:"step"`
	Service int64         `json:"service"`
	Class   int64         `json:"class"`
	Counter int64         `json:"counter"`
	Verb    int64         `json:"verb"`
	From    queue.State   `json:"from"`
	State   queue.State   `json:"state"`
	First   bool          `json:"first"`
	WaitMS  int64         `json:"wait_ms"`
	Next    int64         `json:"next"`
	To      int64         `json:"to"`
	Until   clock.Instant `json:"until"`
	Reason  string        `json:"reason"`
	Undoes  int64         `json:"undoes"`
	Slot    bool          `json:"slot"`
	SlotAt  clock.Instant `json:"slot_at"`
	Arrived clock.Instant `json:"arrived"`
}

// onlyRooms are the events of rooms, of whatever site.
const onlyRooms = "(kind >= 'ticket.' AND kind < 'ticket/' OR kind >= 'counter.' AND kind < 'counter/')"

// idSlack is how far apart the instants of an event and of the making of its id may
// be: a turn lasts no longer, and the clocks of machines differ by less.
const idSlack = 10 * time.Minute

// readDay reads the events of the rooms of one local day, all sites, in the order in
// which they were made.
func readDay(ctx context.Context, d dbReader, day queue.Day, zone *time.Location) ([]Event, error) {
	from, to := day.Start(zone), day.End(zone)
	rows, err := d.QueryContext(ctx, "SELECT id, at, kind, data FROM events WHERE id >= ? AND id < ? AND at >= ? AND at < ? AND "+onlyRooms+" ORDER BY id",
		db.FirstID(from.Add(-idSlack)), db.FirstID(to.Add(idSlack)), from, to)
	if err != nil {
		return nil, fmt.Errorf("read the events of %s: %w", day, err)
	}
	defer rows.Close()
	var out []Event
	var data []byte
	for rows.Next() {
		var e Event
		if err := rows.Scan(&e.ID, &e.At, &e.Kind, &data); err != nil {
			return nil, fmt.Errorf("read the events of %s: %w", day, err)
		}
		if err := json.Unmarshal(data, &e.Facts); err != nil {
			return nil, fmt.Errorf("read event %d: %w", e.ID, err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// dbReader is a database or a transaction.
type dbReader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// ofSite are the events of one site.
func ofSite(events []Event, site int64) []Event {
	var out []Event
	for _, e := range events {
		if e.Site == site {
			out = append(out, e)
		}
	}
	return out
}

// standing are the events but those that were undone, and the undoing.
func standing(events []Event) []Event {
	undone := map[int64]bool{}
	for i := range events {
		if events[i].Undoes != 0 {
			undone[events[i].Undoes] = true
		}
	}
	if len(undone) == 0 {
		return events
	}
	out := make([]Event, 0, len(events))
	for _, e := range events {
		if e.Kind != "ticket.undone" && (e.Verb == 0 || !undone[e.Verb]) {
			out = append(out, e)
		}
	}
	return out
}
