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
	conn  *bun.Conn // on which it runs, on PostgreSQL
	after []func()
}

// After runs f once the transaction is committed, in the order given. Use it
// to tell live pages and to wake workers, never for what must not be lost.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

// ErrStale is what f gives Tx when a row that it read has changed before it could be
// locked: PostgreSQL has several writers, and f decided by what is no more.
var ErrStale = errors.New("what was read has changed meanwhile")

// Tx runs f in a transaction and commits when f returns nil. Deadlocks and
// serialization failures of PostgreSQL are tried again, and ErrStale, so f must not
// change anything outside the transaction. See also Whole.
func (d *DB) Tx(ctx context.Context, f func(context.Context, *Tx) error) error {
	if w, ok := ctx.Value(wholeKey{}).(*whole); ok {
		return w.part(ctx, f)
	}
	var err error
	for try := 0; try < 5; try++ {
		if err = d.once(ctx, f); err == nil || !IsContended(err) {
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
	tx := &Tx{Now: d.Clock.Now(), Postgres: d.Postgres, d: d}
	var err error
	if d.Postgres {
		err = tx.beginOn(ctx)
	} else {
		tx.Tx, err = d.Write.BeginTx(ctx, &sql.TxOptions{})
	}
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return tx, nil
}

// beginOn begins on a connection that is known, for Send.
func (tx *Tx) beginOn(ctx context.Context) error {
	c, err := tx.d.Write.Conn(ctx)
	if err != nil {
		return err
	}
	if tx.Tx, err = c.BeginTx(ctx, nil); err != nil {
		return errors.Join(err, c.Close())
	}
	tx.conn = &c
	return nil
}

// Commit ends the transaction; what was put off until then is not done (see end).
func (tx *Tx) Commit() error {
	defer tx.free()
	return tx.Tx.Commit()
}

// Rollback undoes the transaction.
func (tx *Tx) Rollback() error {
	defer tx.free()
	return tx.Tx.Rollback()
}

// free gives the connection back. One that broke was thrown away already.
func (tx *Tx) free() {
	if tx.conn != nil {
		_ = tx.conn.Close()
	}
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

// IsContended reports whether err says that others held or changed the same rows. Tx has
// tried again then, and lost each time.
func IsContended(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "40001" || e.Code == "40P01"
	}
	return errors.Is(err, ErrStale)
}
