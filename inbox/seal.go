package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// sealAfter is how old an event must be to be sealed: longer than any
// transaction lasts, so that none with a smaller id is still on its way.
const sealAfter = 5 * time.Minute

// sealBatch is how many events one seal covers at most.
const sealBatch = 5000

// Seal is a hash over a run of events and over the seal before it, so that a
// changed, added or removed event shows.
type Seal struct {
	bun.BaseModel `bun:"table:seals,alias:s"`

	ID         int64 `bun:",pk"`
	FirstEvent int64
	LastEvent  int64
	Count      int
	Hash       string
	Previous   string
	At         clock.Instant
}

// Seal seals the events that are old enough and returns how many.
func (in *Inbox) Seal(ctx context.Context) (int, error) {
	total := 0
	for {
		n := 0
		err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = in.sealOnce(ctx, tx)
			return err
		})
		total += n
		if err != nil || n < sealBatch {
			return total, err
		}
	}
}

func (in *Inbox) sealOnce(ctx context.Context, tx *db.Tx) (int, error) {
	last, err := lastSeal(ctx, tx)
	if err != nil {
		return 0, err
	}
	events, err := eventsAfter(ctx, tx, last.LastEvent, tx.Now.Add(-sealAfter))
	if err != nil || len(events) == 0 {
		return 0, err
	}
	s := Seal{
		ID: db.NewID(in.clock), FirstEvent: events[0].ID, LastEvent: events[len(events)-1].ID, Count: len(events),
		Hash: sealHash(last.Hash, events), Previous: last.Hash, At: tx.Now,
	}
	if _, err := tx.NewInsert().Model(&s).Exec(ctx); err != nil {
		return 0, fmt.Errorf("seal: %w", err)
	}
	return len(events), nil
}

func lastSeal(ctx context.Context, tx *db.Tx) (Seal, error) {
	var rows []Seal
	if err := tx.NewSelect().Model(&rows).OrderExpr("s.id DESC").Limit(1).Scan(ctx); err != nil {
		return Seal{}, fmt.Errorf("seal: %w", err)
	}
	if len(rows) == 0 {
		return Seal{}, nil
	}
	return rows[0], nil
}

func eventsAfter(ctx context.Context, d bun.IDB, after int64, before clock.Instant) ([]*Event, error) {
	var events []*Event
	err := d.NewSelect().Model(&events).Where("e.id > ? AND e.at < ?", after, before).OrderExpr("e.id").Limit(sealBatch).Scan(ctx)
	return events, err
}

// CheckSeals computes every seal again and returns the first that does not hold,
// nil when all do.
func (in *Inbox) CheckSeals(ctx context.Context) (*Seal, error) {
	var seals []*Seal
	if err := in.db.Read.NewSelect().Model(&seals).OrderExpr("s.id").Scan(ctx); err != nil {
		return nil, err
	}
	previous, from := "", int64(0)
	for _, s := range seals {
		var events []*Event
		err := in.db.Read.NewSelect().Model(&events).Where("e.id > ? AND e.id <= ?", from, s.LastEvent).OrderExpr("e.id").Scan(ctx)
		if err != nil {
			return nil, err
		}
		if s.Previous != previous || len(events) != s.Count || sealHash(previous, events) != s.Hash {
			return s, nil
		}
		previous, from = s.Hash, s.LastEvent
	}
	return nil, nil
}

func sealHash(previous string, events []*Event) string {
	h := sha256.New()
	h.Write([]byte(previous))
	for _, e := range events {
		hashEvent(h, e)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashEvent(h hash.Hash, e *Event) {
	fmt.Fprintf(h, "\n%d|%d|%s|%s|%d|%d|%d|%d|%d|%d|", e.ID, e.At, e.Kind, e.Actor, e.OperatorID, e.CitizenID, e.CaseID, e.MessageID, e.OfficeID, len(e.Data))
	h.Write([]byte(e.Data))
}
