package db

import (
	"context"
	"fmt"
)

type wholeKey struct{}

// Whole is what begins and ends a transaction that is made of others.
type Whole struct {
	// Begin runs first in it. When it fails, so does the part that began it.
	Begin func(context.Context, *Tx) error
	// End runs last, before the commit, with what f returned.
	End func(ctx context.Context, tx *Tx, result error) error
}

// Whole runs f so that all transactions begun with its context are parts of one:
// what they write is committed together when f has returned, or not at all. That
// one begins with the first part and not before, so that what f reads and computes
// until then keeps no writer waiting. What DB.Read reads meanwhile is as before.
//
// A part that fails undoes itself alone. When f fails after a part succeeded, the
// part stays, as it would without Whole; when none did, nothing is committed and
// End is not called. Like DB.Tx, Whole runs f again when PostgreSQL asks for it.
func (d *DB) Whole(ctx context.Context, w Whole, f func(context.Context) error) error {
	var err error
	for try := 0; try < 5; try++ {
		if err = d.wholeOnce(ctx, w, f); err == nil || !IsContended(err) {
			return err
		}
	}
	return err
}

// whole is the state of one run: tx is nil until a part began it.
type whole struct {
	d     *DB
	begin func(context.Context, *Tx) error
	tx    *Tx
}

func (d *DB) wholeOnce(ctx context.Context, spec Whole, f func(context.Context) error) error {
	w := &whole{d: d, begin: spec.Begin}
	defer w.undo() // after a panic, or a failure; does nothing after a commit
	result := f(context.WithValue(ctx, wholeKey{}, w))
	if result != nil && (w.tx == nil || IsContended(result)) {
		return result
	}
	if w.tx == nil { // f had nothing to write; what begins and ends it has
		if err := w.open(ctx); err != nil {
			return err
		}
	}
	if err := spec.End(ctx, w.tx, result); err != nil {
		return err
	}
	tx := w.tx
	w.tx = nil
	if err := tx.end(); err != nil {
		return err
	}
	return result
}

func (w *whole) open(ctx context.Context) (err error) {
	if w.tx, err = w.d.begin(ctx); err != nil {
		w.tx = nil
		return err
	}
	if err = w.begin(ctx, w.tx); err != nil {
		w.undo()
	}
	return err
}

func (w *whole) undo() {
	if w.tx != nil {
		_ = w.tx.Rollback()
		w.tx = nil
	}
}

// part runs f as a part. The first one needs no savepoint: there is nothing
// before it that could stay.
func (w *whole) part(ctx context.Context, f func(context.Context, *Tx) error) error {
	if w.tx != nil {
		return w.tx.part(ctx, f)
	}
	if err := w.open(ctx); err != nil {
		return err
	}
	if err := f(ctx, w.tx); err != nil {
		w.undo()
		return err
	}
	return nil
}

// part runs f between a savepoint and its end.
func (tx *Tx) part(ctx context.Context, f func(context.Context, *Tx) error) error {
	btx, err := tx.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a part: %w", err)
	}
	part := &Tx{Tx: btx, Now: tx.Now, Postgres: tx.Postgres, d: tx.d, conn: tx.conn}
	if err := f(ctx, part); err != nil {
		_ = btx.Rollback() // a panic undoes the whole
		return err
	}
	if err := btx.Commit(); err != nil {
		return fmt.Errorf("end a part: %w", err)
	}
	tx.after = append(tx.after, part.after...)
	return nil
}

// Outside is ctx without the transaction that it may be a part of, and without its end:
// for what is done once all is committed.
func Outside(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), wholeKey{}, nil)
}

// InWhole reports whether a transaction begun with ctx would be a part of another.
// Who waits for others' transactions must ask first, or it would wait for itself.
func InWhole(ctx context.Context) bool { return ctx.Value(wholeKey{}) != nil }
