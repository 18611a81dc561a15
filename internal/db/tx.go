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
	after    []func()
}

// After runs f once the transaction is committed, in the order given. Use it
// to tell live pages and to wake workers, never for what must not be lost.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

type joinedKey struct{}

// Join gives a context in which DB.Tx runs as a part of tx instead of beginning
// a transaction of its own: what such parts write is committed with tx, or not
// at all. A part that fails undoes only itself. What DB.Read reads meanwhile is
// as before tx.
func (tx *Tx) Join(ctx context.Context) context.Context {
	return context.WithValue(ctx, joinedKey{}, tx)
}

// part runs f between a savepoint and its end.
func (tx *Tx) part(ctx context.Context, f func(context.Context, *Tx) error) (err error) {
	btx, err := tx.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a part: %w", err)
	}
	part := &Tx{Tx: btx, Now: tx.Now, Postgres: tx.Postgres}
	done := false
	defer func() {
		if !done {
			_ = btx.Rollback()
		}
	}()
	if err := f(ctx, part); err != nil {
		return err
	}
	done = true
	if err := btx.Commit(); err != nil {
		return fmt.Errorf("end a part: %w", err)
	}
	tx.after = append(tx.after, part.after...)
	return nil
}

// Tx runs f in a transaction and commits when f returns nil. Deadlocks and
// serialization failures of PostgreSQL are tried again, so f must not change
// anything outside the transaction. See also Tx.Join.
func (d *DB) Tx(ctx context.Context, f func(context.Context, *Tx) error) error {
	if outer, ok := ctx.Value(joinedKey{}).(*Tx); ok {
		return outer.part(ctx, f)
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
	btx, err := d.Write.BeginTx(ctx, &sql.TxOptions{})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	tx := &Tx{Tx: btx, Now: d.Clock.Now(), Postgres: d.Postgres}
	done := false
	defer func() {
		if !done { // f panicked or failed
			_ = btx.Rollback()
		}
	}()
	if err := f(ctx, tx); err != nil {
		return err
	}
	done = true
	if err := btx.Commit(); err != nil {
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

// IsRetryable reports whether err says that a transaction lost against another
// one and would succeed when run again.
func IsRetryable(err error) bool { return isRetryable(err) }

func isRetryable(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "40001" || e.Code == "40P01"
	}
	return false
}
