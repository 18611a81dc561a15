package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"filodiretto/app"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/logging"
)

// configured are the flags of the commands that need a configuration.
type configured struct {
	Config string `short:"c" type:"path" placeholder:"FILE" help:"The configuration file. Without it: FILODIRETTO_CONFIG, else filodiretto.toml in this folder."`
}

// load reads the configuration, or tells all that is wrong with it.
func (c configured) load(s *shell) (*config.Config, error) {
	path := c.Config
	if path == "" {
		path = s.getenv("FILODIRETTO_CONFIG")
	}
	if path == "" {
		path = "filodiretto.toml"
		if _, err := os.Stat(path); err != nil {
			return nil, wrongUse("there is no filodiretto.toml in this folder: name the configuration with --config, or write one with `filodiretto config example > filodiretto.toml`")
		}
	}
	return config.Load(path, s.env, app.Drivers())
}

// logger is the technical log, on stderr.
func logger(s *shell, cfg *config.Config) (*slog.Logger, error) {
	return logging.New(s.err, cfg.Log.Level, cfg.Log.Format)
}

// errEmpty is a database in which nobody has made tables yet.
var errEmpty = errors.New("the database has no tables yet: run `filodiretto migrate`, or start `filodiretto serve` once")

// openDatabase opens the database of a configuration, with the tables of this
// program's version: errEmpty when it has none at all. It may be open in a
// serving process at the same time.
func openDatabase(ctx context.Context, cfg *config.Config) (*db.DB, error) {
	d, err := db.Open(ctx, cfg.Database.URL.Reveal(), clock.System{}, db.Options{ReadConnections: cfg.Database.ReadConnections})
	if err != nil {
		return nil, err
	}
	if err := fits(ctx, d); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// fits reports whether a database has the tables of this program's version, or what to
// do: errEmpty when it has none at all.
func fits(ctx context.Context, d *db.DB) error {
	have, want, err := d.Current(ctx)
	switch {
	case err != nil:
		return err
	case have == 0:
		return errEmpty
	case have < want:
		return fmt.Errorf("the database has tables of version %d and this program wants %d: run `filodiretto migrate`", have, want)
	case have > want:
		return fmt.Errorf("the database has tables of version %d and this program knows only %d: install the newer program", have, want)
	}
	return nil
}

// makeDatabase is openDatabase for what may come before the first start: it
// makes the tables where there are none. Older ones stay for `migrate`, which
// people run after a backup.
func makeDatabase(ctx context.Context, cfg *config.Config) (*db.DB, error) {
	d, err := openDatabase(ctx, cfg)
	if !errors.Is(err, errEmpty) {
		return d, err
	}
	d, err = db.Open(ctx, cfg.Database.URL.Reveal(), clock.System{}, db.Options{ReadConnections: cfg.Database.ReadConnections})
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}
