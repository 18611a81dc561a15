package db

import (
	"context"
	"testing"

	"github.com/uptrace/bun"
)

// TestSnapshot: what is written meanwhile is not seen, and nothing can be written.
func TestSnapshot(t *testing.T) {
	eachDB(t, func(t *testing.T, d *DB) {
		for _, q := range []string{"CREATE TABLE line (n BIGINT)", "INSERT INTO line VALUES (1)"} {
			if _, err := d.Write.ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		count := func(from bun.IDB) (n int) {
			t.Helper()
			if err := from.NewRaw("SELECT count(*) FROM line").Scan(t.Context(), &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		err := d.Snapshot(t.Context(), func(ctx context.Context, tx bun.IDB) error {
			before := count(tx)
			if _, err := d.Write.ExecContext(ctx, "INSERT INTO line VALUES (2)"); err != nil {
				t.Fatal(err)
			}
			if after := count(tx); before != 1 || after != 1 || count(d.Read) != 2 {
				t.Error(before, after, count(d.Read))
			}
			if _, err := tx.ExecContext(ctx, "INSERT INTO line VALUES (3)"); err == nil {
				t.Error("written while reading")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
