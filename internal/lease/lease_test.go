package lease

import (
	"context"
	"errors"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
)

func eachDB(t *testing.T, f func(t *testing.T, d *db.DB, c *clock.Manual)) {
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return dbtest.SQLite(t) },
		"postgres": func(t *testing.T) string { return dbtest.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			c := clock.NewManual(time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC))
			d, err := db.Open(t.Context(), url(t), c, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.Close() })
			if err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			f(t, d, c)
		})
	}
}

func TestOneHolderUntilItRunsOut(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, c *clock.Manual) {
		a, b := New(d, "a", time.Minute), New(d, "b", time.Minute)
		take := func(k *Keeper) bool {
			ok, err := k.Take(t.Context(), "x")
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if !take(a) || take(b) || !take(a) {
			t.Fatal("the first holder keeps it and may renew it")
		}
		c.Advance(61 * time.Second)
		if !take(b) || take(a) {
			t.Fatal("a lease that ran out may be taken by another")
		}
		if err := b.Drop(t.Context(), "x"); err != nil || !take(a) {
			t.Fatal("a lease that was given back may be taken at once", err)
		}
	})
}

func TestHoldGivesBackAndTellsOthersNo(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, _ *clock.Manual) {
		a, b := New(d, "a", time.Minute), New(d, "b", time.Minute)
		boom := errors.New("boom")
		ran, err := a.Hold(t.Context(), "x", func(ctx context.Context) error {
			ran, err := b.Hold(ctx, "x", func(context.Context) error { t.Error("two holders"); return nil })
			if ran || err != nil {
				t.Error(ran, err)
			}
			return boom
		})
		if !ran || !errors.Is(err, boom) {
			t.Fatal(ran, err)
		}
		if ran, err := b.Hold(t.Context(), "x", func(context.Context) error { return nil }); !ran || err != nil {
			t.Fatal("it was not given back", ran, err)
		}
	})
}

func TestHoldEndsWhenTheLeaseIsTaken(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB, c *clock.Manual) {
		a, b := New(d, "a", 30*time.Millisecond), New(d, "b", time.Hour)
		ran, err := a.Hold(t.Context(), "x", func(ctx context.Context) error {
			c.Advance(time.Second) // a's lease is over, and b is quicker than a's renewal
			for {
				if ok, err := b.Take(ctx, "x"); err != nil || ok {
					break
				}
				c.Advance(time.Second)
			}
			<-ctx.Done()
			return context.Cause(ctx)
		})
		if !ran || !errors.Is(err, ErrLost) {
			t.Fatal(ran, err)
		}
	})
}
