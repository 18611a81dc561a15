package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// How often an account is compared, and for how long what was found is kept.
const (
	reconcileEvery = 24 * time.Hour
	reconcileAgain = time.Hour // after one that failed
	reconcileKept  = 90 * 24 * time.Hour
)

// ReconcileRun is one comparison of an account with what its platform holds
// (mail rule 15).
type ReconcileRun struct {
	bun.BaseModel `bun:"table:reconcile_runs,alias:rr"`

	ID         int64 `bun:",pk"`
	AccountID  int64
	AskedBy    int64 // operator; 0 for the daily chore
	AskedAt    clock.Instant
	BeganAt    clock.Instant
	EndedAt    clock.Instant
	State      string // "asked", "running", "done", "failed"
	Phase      string // of a running one: "listing", "comparing", "fetching"
	Done, Todo int    // messages fetched, of how many
	ErrorClass string
	ErrorText  string

	Streams []ReconcileStream `bun:"-"`
}

// Open reports whether the run is still to end.
func (r ReconcileRun) Open() bool { return r.State == "asked" || r.State == "running" }

// Absent is how many items the platform holds that are still not here.
func (r ReconcileRun) Absent() int {
	n := 0
	for _, s := range r.Streams {
		n += s.Absent
	}
	return n
}

// ReconcileStream is what a run found of one stream (a folder). Absent is
// Missing without Fetched.
type ReconcileStream struct {
	bun.BaseModel `bun:"table:reconcile_streams,alias:rs"`

	RunID      int64  `bun:",pk"`
	Stream     string `bun:",pk"`
	Held       int    // at the platform, and due to be here
	Here       int    // raw items of the platform's present numbering
	Waiting    int    // on the way
	Gone       int    // here, and no longer at the platform
	Older      int    // raw items of earlier numberings
	Missing    int    // held and not here when it was compared
	Fetched    int    // of them taken in by the run itself
	Absent     int    // of them still not here
	Renumbered bool   // nothing could be compared yet
}

// ReconcileItem is an item that was missing, as its platform describes it. The
// subject is kept only as long as the item is not here.
type ReconcileItem struct {
	bun.BaseModel `bun:"table:reconcile_items,alias:ri"`

	RunID    int64  `bun:",pk"`
	Stream   string `bun:",pk"`
	DedupKey string `bun:",pk"`
	Subject  string
	At       clock.Instant
	Size     int64  // bytes; -1 when the platform did not say
	State    string // "absent", "fetched"
}

// AskReconcile has an account compared as soon as possible, and gives the run;
// one that is under way is enough. Only an administrator may, and the channel
// must be a channels.Reconciler. Errors: ErrForbidden, ErrNotFound,
// InvalidError on "account" for one that is paused, switched off or of a kind
// that cannot be compared.
func (in *Inbox) AskReconcile(ctx context.Context, v Viewer, accountID int64) (*ReconcileRun, error) {
	if !v.Admin && !v.System {
		return nil, ErrForbidden
	}
	run := new(ReconcileRun)
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var a Account
		if err := tx.NewSelect().Model(&a).ExcludeColumn("secrets").Where("a.id = ?", accountID).Scan(ctx); err != nil {
			return notFound(err)
		}
		if !a.Enabled || a.StoppedAt > 0 {
			return &InvalidError{"account", "paused"}
		}
		if !in.reconciles(accountID) {
			return &InvalidError{"account", "not_comparable"}
		}
		fresh := ReconcileRun{ID: db.NewID(in.clock), AccountID: accountID, AskedBy: v.OperatorID, AskedAt: tx.Now, State: "asked"}
		_, err := tx.NewInsert().Model(&fresh).On("CONFLICT (account_id) WHERE state IN ('asked','running') DO NOTHING").Exec(ctx)
		if err != nil {
			return fmt.Errorf("ask for a comparison: %w", err)
		}
		if err := tx.NewSelect().Model(run).Where("rr.account_id = ? AND rr.state IN ('asked','running')", accountID).Scan(ctx); err != nil {
			return fmt.Errorf("ask for a comparison: %w", err)
		}
		return in.wake.Reconcile(ctx, tx, accountID)
	})
	if err != nil {
		return nil, err
	}
	return run, nil
}

// ReconcileDue asks for the daily comparison of every account whose turn it is,
// and forgets runs that are three months old. An account that is new has been
// read from the start and is compared a day later.
func (in *Inbox) ReconcileDue(ctx context.Context) error {
	now := in.clock.Now()
	var due []int64
	err := in.db.Read.NewRaw(`SELECT a.id FROM accounts AS a WHERE a.enabled AND a.stopped_at = 0 AND a.created_at <= ?
		AND NOT EXISTS (SELECT 1 FROM reconcile_runs AS r WHERE r.account_id = a.id
			AND (r.state IN ('asked','running') OR r.state = 'done' AND r.asked_at > ? OR r.asked_at > ?)) ORDER BY a.id`,
		now.Add(-reconcileEvery), now.Add(-reconcileEvery), now.Add(-reconcileAgain)).Scan(ctx, &due)
	if err != nil {
		return fmt.Errorf("which accounts are to be compared: %w", err)
	}
	var errs []error
	for _, id := range due {
		if in.reconciles(id) {
			_, err := in.AskReconcile(ctx, Viewer{System: true}, id)
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, in.forgetReconciled(ctx, now.Add(-reconcileKept)))...)
}

func (in *Inbox) forgetReconciled(ctx context.Context, before clock.Instant) error {
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, table := range []string{"reconcile_items", "reconcile_streams"} {
			q := "DELETE FROM " + table + " WHERE run_id IN (SELECT id FROM reconcile_runs WHERE asked_at < ? AND state IN ('done','failed'))"
			if _, err := tx.NewRaw(q, before).Exec(ctx); err != nil {
				return fmt.Errorf("forget old comparisons: %w", err)
			}
		}
		_, err := tx.NewRaw("DELETE FROM reconcile_runs WHERE asked_at < ? AND state IN ('done','failed')", before).Exec(ctx)
		return err
	})
}
