package inbox

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Event is one line of the memory: it is never changed and never deleted.
type Event struct {
	bun.BaseModel `bun:"table:events,alias:e"`

	ID         int64 `bun:",pk"`
	At         clock.Instant
	Kind       string // "case.opened", "message.received", "citizen.read", ...
	Actor      string // "operator", "citizen", "automation", "administrator"
	OperatorID int64
	CitizenID  int64
	CaseID     int64
	MessageID  int64
	OfficeID   int64
	Data       string // JSON object; ids and codes, no contents
}

// NewEvent makes an event of now. data is marshalled; nil is an empty object.
func NewEvent(tx *db.Tx, c clock.Clock, kind string, data any) Event {
	e := Event{ID: db.NewID(c), At: tx.Now, Kind: kind, Actor: "automation", Data: "{}"}
	if data != nil {
		if b, err := json.Marshal(data); err == nil {
			e.Data = string(b)
		}
	}
	return e
}

// AppendEvents writes events within a transaction. Packages above use it too.
func AppendEvents(ctx context.Context, tx *db.Tx, events ...Event) error {
	if len(events) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&events).Exec(ctx)
	return err
}
