package db

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"filodiretto/internal/clock"
	"filodiretto/internal/testserver"
)

func eachDB(t *testing.T, f func(t *testing.T, d *DB)) {
	run := func(t *testing.T, url string) {
		d, err := Open(t.Context(), url, clock.System{}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		f(t, d)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+filepath.Join(t.TempDir(), "t.db")) })
	t.Run("postgres", func(t *testing.T) { run(t, testserver.Postgres(t)) })
}

func put(ctx context.Context, tx *Tx, key string) error {
	_, err := tx.NewRaw("INSERT INTO settings (key, value) VALUES (?, 'x')", key).Exec(ctx)
	return err
}

func keys(t *testing.T, d *DB) (out []string) {
	t.Helper()
	if err := d.Read.NewRaw("SELECT key FROM settings ORDER BY key").Scan(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestJoin: parts are committed with the whole; one that fails undoes itself
// alone, also after an error that ends a transaction of PostgreSQL.
func TestJoin(t *testing.T) {
	eachDB(t, func(t *testing.T, d *DB) {
		boom := errors.New("boom")
		var told []string
		err := d.Tx(t.Context(), func(ctx context.Context, tx *Tx) error {
			if err := put(ctx, tx, "whole"); err != nil {
				return err
			}
			ctx = tx.Join(ctx)
			for _, part := range []struct {
				key string
				err error
			}{{"one", nil}, {"two", boom}, {"three", nil}} {
				err := d.Tx(ctx, func(ctx context.Context, tx *Tx) error {
					tx.After(func() { told = append(told, part.key) })
					if err := put(ctx, tx, part.key); err != nil {
						return err
					}
					return part.err
				})
				if !errors.Is(err, part.err) {
					t.Error(part.key, err)
				}
			}
			err := d.Tx(ctx, func(ctx context.Context, tx *Tx) error { return put(ctx, tx, "one") })
			if !IsUnique(err) {
				t.Error("a part's error is what it was:", err)
			}
			if len(told) != 0 || len(keys(t, d)) != 0 {
				t.Error("nothing is told or to be seen before the end", told)
			}
			return put(ctx, tx, "last")
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := keys(t, d); len(got) != 4 || got[0] != "last" || got[1] != "one" || got[2] != "three" || got[3] != "whole" {
			t.Error(got)
		}
		if len(told) != 2 || told[0] != "one" || told[1] != "three" {
			t.Error("what is told after the end:", told)
		}
	})
}

func TestJoinUndoneTogether(t *testing.T) {
	eachDB(t, func(t *testing.T, d *DB) {
		boom := errors.New("boom")
		told := false
		err := d.Tx(t.Context(), func(ctx context.Context, tx *Tx) error {
			err := d.Tx(tx.Join(ctx), func(ctx context.Context, tx *Tx) error {
				tx.After(func() { told = true })
				return put(ctx, tx, "part")
			})
			return errors.Join(err, boom)
		})
		if !errors.Is(err, boom) || told || len(keys(t, d)) != 0 {
			t.Error(err, told, keys(t, d))
		}
	})
}
