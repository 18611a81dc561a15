package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"filodiretto/internal/clock"
)

// Tx is a transaction. Now is the same instant for all that happens in it.
type Tx struct {
	bun.Tx
	Now      clock.Instant
	Postgres bool

	d     *DB
	after []func()
}

// After runs f once the transaction is committed, in the order given. Use it
// to tell live pages and to wake workers, never for what must not be lost.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

// Tx runs f in a transaction and commits when f returns nil. Deadlocks and
// serialization failures of PostgreSQL are tried again, so f must not change
// anything outside the transaction. See also Whole.
func (d *DB) Tx(ctx context.Context, f func(context.Context, *Tx) error) error {
	if w, ok := ctx.Value(wholeKey{}).(*whole); ok {
		return w.part(ctx, f)
	}
	var err error
	for try := 0; try < 5; try++ {
		if err = d.once(ctx, f); err == nil || !isRetryable(err) {
			return err
		}
	}
	return err
}

func (d *DB) once(ctx context.Context, f func(context.Context, *Tx) error) (err error) {
	tx, err := d.begin(ctx)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // f panicked or failed
			_ = tx.Rollback()
		}
	}()
	if err := f(ctx, tx); err != nil {
		return err
	}
	done = true
	return tx.end()
}

func (d *DB) begin(ctx context.Context) (*Tx, error) {
	btx, err := d.Write.BeginTx(ctx, &sql.TxOptions{})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return &Tx{Tx: btx, Now: d.Clock.Now(), Postgres: d.Postgres, d: d}, nil
}

// end commits, and then does what was put off until then.
func (tx *Tx) end() error {
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, g := range tx.after {
		g()
	}
	return nil
}

// IsUnique reports whether err says that a unique index refused a row.
func IsUnique(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "23505"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

func isRetryable(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "40001" || e.Code == "40P01"
	}
	return false
}
