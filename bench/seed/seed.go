// Package seed makes a large made-up town quickly and truly: eleven days of it
// are lived through the program's own services under a clock of ours, and the
// database then multiplies those days into the past. So every row is one that
// the program made, but for its number, its time, and what must be unique.
package seed

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Size is how much a town holds. Times is by how often the lived days are
// multiplied, so that the whole is Times × each of the others.
type Size struct {
	Cases, Messages, Citizens int
	Times                     int
}

// Full is the town of the issue: 100,000 cases, 500,000 messages, 20,000
// citizens. Quick is for a look whether everything runs.
var (
	Full  = Size{Cases: 2000, Messages: 10_000, Citizens: 400, Times: 50}
	Quick = Size{Cases: 200, Messages: 1000, Citizens: 40, Times: 3}
)

// String names the size, for the folder that keeps a town.
func (s Size) String() string {
	return fmt.Sprintf("%d-%d-%d", s.Cases*s.Times, s.Messages*s.Times, s.Citizens*s.Times)
}

// Fill fills an empty database with offices, operators (password rig.Password)
// and a town's cases up to now. The program that is then started must have the
// configuration of the rig, whose accounts are the same. dir is for files.
func Fill(ctx context.Context, url, dir string, size Size, log *slog.Logger) error {
	d, err := open(ctx, url)
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	defer d.Close()
	l, err := newLife(ctx, d, filepath.Join(dir, "files"), size, log)
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if err := l.live(ctx); err != nil {
		return fmt.Errorf("seed: live through the days: %w", err)
	}
	if err := multiply(ctx, d, size.Times); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

// open opens the database so that nothing waits for the disk: a town that is
// half made is thrown away.
func open(ctx context.Context, url string) (*db.DB, error) {
	c := clock.NewManual(clock.System{}.Now().Time().Add(-window))
	if strings.HasPrefix(url, "postgres") {
		sep := "?"
		if strings.Contains(url, "?") {
			sep = "&"
		}
		url += sep + "synchronous_commit=off"
	}
	d, err := db.Open(ctx, url, c, db.Options{})
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		d.Close()
		return nil, err
	}
	if d.Postgres {
		return d, nil
	}
	for _, pragma := range []string{"synchronous = OFF", "cache_size = -200000"} {
		if _, err := d.Write.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			d.Close()
			return nil, fmt.Errorf("%s: %w", pragma, err)
		}
	}
	return d, nil
}

// manual is the clock of an opened database.
func manual(d *db.DB) *clock.Manual { return d.Clock.(*clock.Manual) }
