package db

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/uptrace/bun"
)

// Snapshot runs f, which only reads, on the database as it is at f's first question,
// whatever others write meanwhile. It is for what must fit together over several
// questions; keep it short, since a long one keeps old rows from being cleared.
func (d *DB) Snapshot(ctx context.Context, f func(context.Context, bun.IDB) error) error {
	o := &sql.TxOptions{ReadOnly: true}
	if d.Postgres { // on SQLite every transaction sees but one state
		o.Isolation = sql.LevelRepeatableRead
	}
	tx, err := d.Read.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	return f(ctx, tx)
}
