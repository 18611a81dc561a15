// Package lease gives one process at a time the right to do a thing, through a
// row that runs out. A killed process loses its leases by doing nothing.
package lease

import (
	"context"
	"errors"
	"fmt"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Keeper takes leases for this process.
type Keeper struct {
	db     *db.DB
	holder string
	ttl    time.Duration
}

// New makes a keeper. holder names the process and must differ between any two;
// ttl is how long a lease lives without renewal.
func New(d *db.DB, holder string, ttl time.Duration) *Keeper {
	return &Keeper{db: d, holder: holder, ttl: ttl}
}

// ErrLost ends the context of Hold when another process took the lease.
var ErrLost = errors.New("lease lost")

// Take takes or renews a lease and reports whether this process has it.
func (k *Keeper) Take(ctx context.Context, name string) (bool, error) {
	now := k.db.Clock.Now()
	res, err := k.db.Write.NewRaw(`INSERT INTO leases (name, holder, until_at) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
		WHERE leases.holder = excluded.holder OR leases.until_at < ?`, name, k.holder, now.Add(k.ttl), now).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("lease %s: %w", name, err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Drop gives a lease back.
func (k *Keeper) Drop(ctx context.Context, name string) error {
	_, err := k.db.Write.NewRaw("DELETE FROM leases WHERE name = ? AND holder = ?", name, k.holder).Exec(ctx)
	return err
}

// DropAll forgets every lease. A program that is alone on its database (SQLite)
// calls it at start, so that it need not wait for those of its killed self.
func (k *Keeper) DropAll(ctx context.Context) error {
	_, err := k.db.Write.NewRaw("DELETE FROM leases").Exec(ctx)
	return err
}

// Hold runs f while this process has the lease, renewing it all the while. The
// context given to f ends, with cause ErrLost, when it could not be renewed in
// time. ran is false when another process has the lease.
func (k *Keeper) Hold(ctx context.Context, name string, f func(context.Context) error) (ran bool, err error) {
	ok, err := k.Take(ctx, name)
	if err != nil || !ok {
		return false, err
	}
	held, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.renew(held, name, cancel)
	}()
	err = f(held)
	cancel(nil)
	<-done
	// the caller's context may be over; giving back must not wait for the ttl
	end, stop := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer stop()
	return true, errors.Join(err, k.Drop(end, name))
}

func (k *Keeper) renew(ctx context.Context, name string, cancel context.CancelCauseFunc) {
	t := time.NewTicker(k.ttl / 3)
	defer t.Stop()
	last := k.db.Clock.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		ok, err := k.Take(ctx, name)
		now := k.db.Clock.Now()
		switch {
		case err == nil && ok:
			last = now
		case err == nil, lateBy(now, last) > k.ttl*2/3:
			cancel(ErrLost)
			return
		}
	}
}

func lateBy(now, last clock.Instant) time.Duration { return now.Sub(last) }
