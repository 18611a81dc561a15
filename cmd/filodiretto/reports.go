package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/queue"
	"filodiretto/reports"
)

type reportsCommands struct {
	Rebuild reportsRebuild `cmd:"" help:"Make the figures of a span of days again from the events."`
}

type reportsRebuild struct {
	configured
	From string `required:"" help:"First day, as in 2026-01-01."`
	To   string `help:"Last day, part of it. Without it, today."`
}

// Help is shown by `filodiretto reports rebuild --help`.
func (reportsRebuild) Help() string {
	return `The figures on the page Reports follow the events of the rooms by themselves. This makes
those of a span of days again, one day after the other, from the events alone; they are
the same as before. It may run beside the server.

Example:
  filodiretto reports rebuild --from 2026-01-01 --to 2026-12-31`
}

// Run makes the days again.
func (c *reportsRebuild) Run(ctx context.Context, s *shell) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	d, err := openDatabase(ctx, cfg)
	if err != nil {
		return err
	}
	defer d.Close()
	_, r := openReports(d, cfg)
	to := r.Today()
	from, err := queue.ParseDay(c.From)
	if err == nil && c.To != "" {
		to, err = queue.ParseDay(c.To)
	}
	if err != nil {
		return errors.New("write days like 2026-01-01")
	}
	if to < from {
		return fmt.Errorf("%s lies before %s", to, from)
	}
	n, err := r.Rebuild(ctx, from, to)
	if err != nil {
		return err
	}
	s.say("%d days made again, %s to %s.", n, from, to)
	return nil
}

// openReports are the rooms and their figures over an open database, for commands
// that only read and count.
func openReports(d *db.DB, cfg *config.Config) (*queue.Queue, *reports.Reports) {
	log := slog.New(slog.DiscardHandler)
	q := queue.New(queue.Deps{DB: d, Hub: &live.Hub{}, Log: log, Zone: cfg.Municipality.Location})
	return q, reports.New(reports.Deps{DB: d, Queue: q, Votes: queue.NewVotes(q, nil, "", queue.VoteSettings{}), Log: log, Zone: cfg.Municipality.Location})
}
