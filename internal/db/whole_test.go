package db

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
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

// around puts rows at the beginning and the end of a whole.
var around = Whole{
	Begin: func(ctx context.Context, tx *Tx) error { return put(ctx, tx, "begin") },
	End: func(ctx context.Context, tx *Tx, result error) error {
		if result != nil {
			return put(ctx, tx, "refused")
		}
		return put(ctx, tx, "end")
	},
}

// TestWhole: parts are committed with the whole; one that fails undoes itself
// alone, also after an error that ends a transaction of PostgreSQL.
func TestWhole(t *testing.T) {
	eachDB(t, func(t *testing.T, d *DB) {
		boom := errors.New("boom")
		var told []string
		err := d.Whole(t.Context(), around, func(ctx context.Context) error {
			for _, part := range []struct {
				key string
				err error
			}{{"zero", boom}, {"one", nil}, {"two", boom}, {"three", nil}} {
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
			return d.Tx(ctx, func(ctx context.Context, tx *Tx) error {
				return d.Tx(ctx, func(ctx context.Context, tx *Tx) error { return put(ctx, tx, "within") })
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(keys(t, d), " "); got != "begin end one three within" {
			t.Error(got)
		}
		if len(told) != 2 || told[0] != "one" || told[1] != "three" {
			t.Error("what is told after the end:", told)
		}
	})
}

// TestWholeEnds is how a whole ends, by what its parts and its function did.
func TestWholeEnds(t *testing.T) {
	boom := errors.New("boom")
	part := func(d *DB, ctx context.Context, err error) error {
		return d.Tx(ctx, func(ctx context.Context, tx *Tx) error { return errors.Join(put(ctx, tx, "part"), err) })
	}
	for _, x := range []struct {
		name string
		f    func(*DB, context.Context) error
		err  error
		want string
	}{
		{"nothing written", func(*DB, context.Context) error { return nil }, nil, "begin end"},
		{"nothing written, refused", func(*DB, context.Context) error { return boom }, boom, ""},
		{"a part", func(d *DB, ctx context.Context) error { return part(d, ctx, nil) }, nil, "begin end part"},
		{"a part that fails", func(d *DB, ctx context.Context) error { return part(d, ctx, boom) }, boom, ""},
		{"a part that fails, and then well", func(d *DB, ctx context.Context) error { _ = part(d, ctx, boom); return nil }, nil, "begin end"},
		{"refused after a part", func(d *DB, ctx context.Context) error { return errors.Join(part(d, ctx, nil), boom) }, boom, "begin part refused"},
	} {
		t.Run(x.name, func(t *testing.T) {
			eachDB(t, func(t *testing.T, d *DB) {
				err := d.Whole(t.Context(), around, func(ctx context.Context) error { return x.f(d, ctx) })
				if !errors.Is(err, x.err) || x.err == nil && err != nil {
					t.Error(err)
				}
				if got := strings.Join(keys(t, d), " "); got != x.want {
					t.Errorf("%q, want %q", got, x.want)
				}
			})
		})
	}
}

// TestWholePanics: a panic undoes all, and the writer is free again.
func TestWholePanics(t *testing.T) {
	eachDB(t, func(t *testing.T, d *DB) {
		func() {
			defer func() { _ = recover() }()
			_ = d.Whole(t.Context(), around, func(ctx context.Context) error {
				return d.Tx(ctx, func(ctx context.Context, tx *Tx) error { _ = put(ctx, tx, "part"); panic("boom") })
			})
		}()
		if err := d.Tx(t.Context(), func(ctx context.Context, tx *Tx) error { return put(ctx, tx, "after") }); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(keys(t, d), " "); got != "after" {
			t.Error(got)
		}
	})
}

// TestWholeRefusedAtBegin: when Begin fails, the part that began it gets its error
// and nothing stays.
func TestWholeRefusedAtBegin(t *testing.T) {
	eachDB(t, func(t *testing.T, d *DB) {
		boom := errors.New("boom")
		w := Whole{Begin: func(ctx context.Context, tx *Tx) error { return errors.Join(put(ctx, tx, "begin"), boom) }, End: around.End}
		for _, f := range []func(context.Context) error{
			func(context.Context) error { return nil },
			func(ctx context.Context) error {
				return d.Tx(ctx, func(ctx context.Context, tx *Tx) error { return put(ctx, tx, "part") })
			},
		} {
			if err := d.Whole(t.Context(), w, f); !errors.Is(err, boom) || len(keys(t, d)) != 0 {
				t.Error(err, keys(t, d))
			}
		}
	})
}
