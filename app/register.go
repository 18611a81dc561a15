package app

import (
	"context"
	"log/slog"

	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/register"
)

// registerSettings are what the configuration says of the protocol register.
func registerSettings(c *config.Config) register.Settings {
	r := c.Register
	return register.Settings{
		Mode: register.Mode(r.Mode), Administration: r.Administration, Area: r.Area, Code: r.Code,
		Channels: r.Channels, Offices: r.Offices, Kinds: r.Kinds, Zone: c.Municipality.Location,
	}
}

// NewRegister wires the protocol register over an inbox, for the server and for
// commands.
func NewRegister(cfg *config.Config, d *db.DB, store blob.Store, in *inbox.Inbox, hub *live.Hub, log *slog.Logger) (*register.Register, error) {
	scheme, err := register.OpenScheme(cfg.Register.Titolario)
	if err != nil {
		return nil, err
	}
	return register.New(register.Deps{DB: d, Blobs: store, Inbox: in, Hub: hub, Log: log, Settings: registerSettings(cfg), Scheme: scheme}), nil
}

// closeDays makes the daily registers of the days that are over.
func (a *App) closeDays(ctx context.Context) error {
	_, err := a.Register.CloseDays(ctx)
	return err
}
