package app

import (
	"context"
	"log/slog"

	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/config"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/internal/secret"
	"filodiretto/register"
	"filodiretto/router"
	"filodiretto/templates"
)

// MasterKey opens or makes the master key that the configuration names.
func MasterKey(s config.Security) (*secret.Box, error) { return masterKey(s) }

// Offline is the domain of an installation without workers and pages: for
// commands, and for history that is told on a clock of its own. Nothing is
// received, sent or ingested but by calling.
type Offline struct {
	DB       *db.DB
	Blobs    blob.Store
	Accounts *Accounts
	Router   *router.Router
	Inbox    *inbox.Inbox
	Desk     *router.Desk
	Register *register.Register
}

// NewOffline wires the domain over an open database of this program's version.
// The accounts of the configuration are opened; one that cannot be is an error.
// wake is told of the work that arises; nil leaves it to the next process.
func NewOffline(ctx context.Context, d *db.DB, cfg *config.Config, log *slog.Logger, wake inbox.Waker) (*Offline, error) {
	if wake == nil {
		wake = asleep{}
	}
	store, err := blob.Open(cfg.Files.URL.Reveal())
	if err != nil {
		return nil, err
	}
	box, err := masterKey(cfg.Security)
	if err != nil {
		return nil, err
	}
	o := &Offline{DB: d, Blobs: store, Accounts: NewAccounts(d, box, log, cfg.Channels, ownHosts(cfg))}
	o.Accounts.Believe(cfg.Signatures)
	if err := o.Accounts.Sync(ctx); err != nil {
		return nil, err
	}
	if err := o.Accounts.Load(ctx); err != nil {
		return nil, err
	}
	o.Router = router.New(d, log, cfg.Municipality.Location)
	o.Inbox = inbox.New(inbox.Deps{
		DB: d, Blobs: store, Hub: &live.Hub{}, Log: log, Settings: inboxSettings(cfg), SignKey: box.Key("tokens"),
		Channels: o.Accounts, Router: o.Router, Wake: wake, Texts: func(context.Context) *templates.Set { return templates.NewSet(nil) },
		Registrar: register.NewRule(registerSettings(cfg)),
	})
	o.Desk = router.NewDesk(o.Router, o.Inbox, cfg.Automation.RaiseAfterHours)
	if o.Register, err = NewRegister(cfg, d, store, o.Inbox, &live.Hub{}, log); err != nil {
		return nil, err
	}
	return o, nil
}

// asleep wakes nobody: the sweep of the next serving process finds what waits.
type asleep struct{}

func (asleep) Ingest(context.Context, *db.Tx, int64) error                 { return nil }
func (asleep) Deliver(context.Context, *db.Tx, int64, clock.Instant) error { return nil }
func (asleep) Reconcile(context.Context, *db.Tx, int64) error              { return nil }
func (asleep) Fetch(context.Context, *db.Tx, int64) error                  { return nil }
