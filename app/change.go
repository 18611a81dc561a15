package app

import (
	"context"
	"time"

	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// accountsEvery is how often a process asks whether an account was changed by
// another one. The live bus tells sooner, where there is one; it may lose what
// it was told, so that asking is what counts.
const accountsEvery = 3 * time.Second

// watchAccounts takes up what other processes change about the accounts until
// ctx ends: new ones, new settings and secrets, paused and resumed.
func (a *App) watchAccounts(ctx context.Context) {
	events, cancel := a.hub.Subscribe(func(e live.Event) bool { return e.Topic == "account" && e.Kind != takenUp })
	defer cancel()
	ask := make(<-chan time.Time)
	if a.DB.Postgres { // an SQLite database has no other process
		t := time.NewTicker(accountsEvery)
		defer t.Stop()
		ask = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-events:
			if !open {
				return
			}
		case <-a.looks:
		case <-ask:
		}
		if err := a.takeUp(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("the accounts cannot be looked at; tried again soon", "error", db.SafeError(err))
		}
	}
}

// takenUp is the kind of event by which this process tells its pages that it
// works an account as it is now.
const takenUp = "taken_up"

// takeUp opens what has changed and leaves the rest at work. Two at once take
// turns.
func (a *App) takeUp(ctx context.Context) error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	changed, err := a.Accounts.Refresh(ctx)
	if len(changed) == 0 {
		return err
	}
	a.log.Info("accounts changed", "accounts", len(changed))
	tell := func(id int64) { a.hub.Publish(live.Event{Topic: "account", ID: id, Kind: takenUp}) }
	if a.worker() {
		a.pumps.renew(tell, changed...)
		return err
	}
	for _, id := range changed {
		tell(id)
	}
	return err
}

// Reload takes up at once what was changed on the pages, and tries again what
// could not be opened before.
func (a *App) Reload(ctx context.Context) error {
	a.Accounts.Forgive()
	return a.takeUp(ctx)
}
