package db

import (
	"context"
	"errors"
	"slices"
	"testing"
)

func TestSend(t *testing.T) {
	eachDB(t, func(t *testing.T, d *DB) {
		ctx := t.Context()
		var changed []int64
		err := d.Tx(ctx, func(ctx context.Context, tx *Tx) (err error) {
			changed, err = tx.Send(ctx, []string{
				tx.NewRaw("INSERT INTO settings (key, value) VALUES (?, 'x'), ('b', 'x')", "it's; a").String(),
				"UPDATE settings SET value = 'y' WHERE key = 'nobody'",
				"UPDATE settings SET value = 'y' WHERE key IN ('it''s; a', 'b')",
			})
			return err
		})
		if want := []int64{2, 0, 2}; err != nil || !slices.Equal(changed, want) {
			t.Fatal(changed, err)
		}
		err = d.Tx(ctx, func(ctx context.Context, tx *Tx) error {
			_, err := tx.Send(ctx, []string{
				"INSERT INTO settings (key, value) VALUES ('c', 'x')",
				"INSERT INTO settings (key, value) VALUES ('b', 'x')",
				"INSERT INTO settings (key, value) VALUES ('d', 'x')",
			})
			return err
		})
		if !IsUnique(err) {
			t.Error("a key that is there:", err)
		}
		var values []string
		if err := d.Read.NewRaw("SELECT value FROM settings WHERE key IN ('it''s; a', 'b', 'c', 'd')").Scan(ctx, &values); err != nil || !slices.Equal(values, []string{"y", "y"}) {
			t.Error("there are", values, err)
		}
	})
}

// A part that fails takes back what it sent, and the whole goes on with the
// connection that it has.
func TestSendInAPart(t *testing.T) {
	eachDB(t, func(t *testing.T, d *DB) {
		boom := errors.New("boom")
		send := func(key string, result error) func(context.Context, *Tx) error {
			return func(ctx context.Context, tx *Tx) error {
				_, err := tx.Send(ctx, []string{tx.NewRaw("INSERT INTO settings (key, value) VALUES (?, 'x')", key).String()})
				return errors.Join(err, result)
			}
		}
		nothing := Whole{Begin: func(context.Context, *Tx) error { return nil }, End: func(context.Context, *Tx, error) error { return nil }}
		err := d.Whole(t.Context(), nothing, func(ctx context.Context) error {
			if err := d.Tx(ctx, send("first", nil)); err != nil {
				return err
			}
			if err := d.Tx(ctx, send("second", boom)); !errors.Is(err, boom) {
				t.Error("the part that fails:", err)
			}
			return d.Tx(ctx, send("third", nil))
		})
		var keys []string
		if e := d.Read.NewRaw("SELECT key FROM settings WHERE value = 'x' ORDER BY key").Scan(t.Context(), &keys); err != nil || e != nil || !slices.Equal(keys, []string{"first", "third"}) {
			t.Error(keys, err, e)
		}
	})
}

// Every transaction gives its connection back, however it ends.
func TestTxGivesItsConnectionBack(t *testing.T) {
	eachDB(t, func(t *testing.T, d *DB) {
		ends := []error{nil, errors.New("boom"), context.Canceled}
		for i := range 60 { // there are twenty connections, or one
			ctx, stop := context.WithCancel(t.Context())
			err := d.Tx(ctx, func(context.Context, *Tx) error {
				if ends[i%3] == context.Canceled {
					stop()
				}
				return ends[i%3]
			})
			stop()
			if !errors.Is(err, ends[i%3]) {
				t.Fatal(i, err)
			}
		}
		if n := d.Write.Stats().InUse; n != 0 {
			t.Error(n, "connections are not given back")
		}
	})
}
