package main

import (
	"context"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

type migrateCommand struct {
	configured
	Status bool `help:"Only say which version the tables have."`
}

// Help is shown by `filodiretto migrate --help`.
func (migrateCommand) Help() string {
	return `Serving does this by itself at start; the command is for those who want to do it beforehand, or to look. Tables only ever go forward: make a backup first.

Examples:
  filodiretto migrate --status
  filodiretto backup before-update.tar && filodiretto migrate`
}

// Run brings the tables up to date.
func (c *migrateCommand) Run(ctx context.Context, s *shell) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, cfg.Database.URL.Reveal(), clock.System{}, db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	before, want, err := d.Current(ctx)
	if err != nil {
		return err
	}
	if c.Status {
		s.say("tables: version %d, this program: version %d", before, want)
		if before != want {
			return &foundError{1}
		}
		return nil
	}
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	if before == want {
		s.say("tables: version %d, nothing to do", want)
	} else {
		s.say("tables: version %d, were %d", want, before)
	}
	return nil
}
