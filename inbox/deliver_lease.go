package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// Recovered says what became of deliveries whose process died.
type Recovered struct {
	Requeued int // never begun: they go out as if nothing had happened
	Unknown  int // may have left: a person decides
}

// RecoverLeases takes back the deliveries whose lease ran out. It is called at
// start and from time to time, by any number of processes.
func (in *Inbox) RecoverLeases(ctx context.Context) (Recovered, error) {
	return in.recoverLeases(ctx, false)
}

// RecoverAtStart is for a process that begins and is alone, as on SQLite: what
// is leased then is a dead process's, however long the lease still runs. On
// PostgreSQL it is RecoverLeases.
func (in *Inbox) RecoverAtStart(ctx context.Context) (Recovered, error) {
	return in.recoverLeases(ctx, !in.db.Postgres)
}

// recoverBatch is how many deliveries one transaction takes back.
const recoverBatch = 200

func (in *Inbox) recoverLeases(ctx context.Context, all bool) (Recovered, error) {
	var sum Recovered
	for {
		var r Recovered
		n := 0
		err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			r = Recovered{}
			var ds []*Delivery
			q := tx.NewSelect().Model(&ds).Where("d.state = 'sending'").OrderExpr("d.lease_until, d.id").Limit(recoverBatch)
			if !all {
				q = q.Where("d.lease_until < ?", tx.Now)
			}
			if tx.Postgres {
				q = q.For("UPDATE SKIP LOCKED")
			}
			if err := q.Scan(ctx); err != nil {
				return err
			}
			n = len(ds)
			return in.takeBack(ctx, tx, ds, &r)
		})
		if err != nil {
			return sum, fmt.Errorf("recover leases: %w", err)
		}
		sum.Requeued += r.Requeued
		sum.Unknown += r.Unknown
		if n < recoverBatch {
			return sum, nil
		}
	}
}

func (in *Inbox) takeBack(ctx context.Context, tx *db.Tx, ds []*Delivery, r *Recovered) error {
	var clean, doubt []int64
	var rows []*DeliveryEvent
	accounts := map[int64]bool{}
	for _, d := range ds {
		state := Queued
		if d.BegunAt == 0 {
			clean = append(clean, d.ID)
			accounts[d.AccountID] = true
		} else {
			state = Unknown
			doubt = append(doubt, d.ID)
		}
		rows = append(rows, &DeliveryEvent{ID: db.NewID(in.clock), DeliveryID: d.ID, At: tx.Now, State: state, Source: "lease"})
	}
	r.Requeued, r.Unknown = len(clean), len(doubt)
	if len(clean) > 0 {
		_, err := tx.NewRaw("UPDATE deliveries SET state = 'queued', holder = '', lease_until = 0, updated_at = ? WHERE id IN (?)", tx.Now, bun.List(clean)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	if len(doubt) > 0 { // the holder stays: should it live after all, its answer settles the doubt
		_, err := tx.NewRaw("UPDATE deliveries SET state = 'unknown', class = 'unknown_outcome', code = 'interrupted', lease_until = 0, updated_at = ? WHERE id IN (?)",
			tx.Now, bun.List(doubt)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	if err := insertAll(ctx, tx, rows); err != nil {
		return err
	}
	for _, d := range ds {
		if d.BegunAt > 0 {
			if err := in.tellFailure(ctx, tx, failure{delivery: d, state: Unknown, class: "unknown_outcome", code: "interrupted"}); err != nil {
				return err
			}
		}
	}
	for id := range accounts {
		if err := in.wake.Deliver(ctx, tx, id, tx.Now); err != nil {
			return err
		}
	}
	return nil
}
