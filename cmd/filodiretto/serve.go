package main

import (
	"context"
	"errors"
	"fmt"

	"filodiretto/app"
)

type serveCommand struct {
	configured
}

// Help is shown by `filodiretto serve --help`.
func (serveCommand) Help() string {
	return `Stays in the foreground and logs to stderr, as systemd and containers want it. SIGTERM or Ctrl-C stops it: what is under way gets the time of shutdown_grace to finish. It may also be killed at any moment: nothing is lost or sent twice.

Examples:
  filodiretto serve --config /etc/filodiretto.toml
  FILODIRETTO_SERVER_LISTEN=:8080 filodiretto serve

Several machines on PostgreSQL and Redis may run it at once; roles under [server] says what each does (web, worker).`
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, s *shell) error {
	cfg, err := c.load(s)
	if err != nil {
		return err
	}
	log, err := logger(s, cfg)
	if err != nil {
		return err
	}
	a, err := app.New(ctx, cfg, log)
	if err != nil {
		return fmt.Errorf("cannot start: %w", err)
	}
	if err := a.Start(ctx); err != nil {
		return fmt.Errorf("cannot start: %w", errors.Join(err, a.Stop()))
	}
	log.Info("filodiretto is running", "version", version(), "listening", a.Addr(), "address", cfg.Municipality.PublicURL, "roles", cfg.Server.Roles, "accounts", len(a.Accounts.Open()))
	<-ctx.Done()
	log.Info("filodiretto is stopping", "grace", cfg.Server.ShutdownGrace)
	if err := a.Stop(); err != nil {
		return fmt.Errorf("the stop was not clean: %w", err)
	}
	log.Info("filodiretto has stopped")
	return nil
}
