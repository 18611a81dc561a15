package app

import (
	"context"
	"fmt"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/jobs"
)

// waker wakes the pumps of this process after the commit, and inserts a job for
// the other processes in the transaction itself.
type waker struct{ app *App }

func (w waker) Ingest(ctx context.Context, tx *db.Tx, account int64) error {
	return w.wake(ctx, tx, jobs.Ingest, account)
}

func (w waker) Reconcile(ctx context.Context, tx *db.Tx, account int64) error {
	return w.wake(ctx, tx, jobs.Reconcile, account)
}

func (w waker) Fetch(ctx context.Context, tx *db.Tx, account int64) error {
	return w.wake(ctx, tx, jobs.Fetch, account)
}

// Deliver wakes at once what is due, and leaves what is due later (the seconds
// in which an answer can be taken back) to a timer, or to the sweep if this
// process dies before.
func (w waker) Deliver(ctx context.Context, tx *db.Tx, account int64, at clock.Instant) error {
	if at <= tx.Now {
		return w.wake(ctx, tx, jobs.Deliver, account)
	}
	tx.After(func() {
		if p := w.app.pumps.of(account); p != nil {
			p.dueAt(at)
		}
	})
	return nil
}

// wake goes straight to the account's pump where this process has one, and
// through a job where another process must do the work.
func (w waker) wake(ctx context.Context, tx *db.Tx, t jobs.Task, account int64) error {
	if p := w.app.pumps.of(account); p != nil {
		tx.After(func() { p.kick(t) })
		return nil
	}
	return w.app.jobs.Wake(ctx, tx, t, account)
}

// do is what a job does: all that waits at an account. The job may be of an
// account that this process has not heard of yet.
func (a *App) do(ctx context.Context, t jobs.Task, account int64) error {
	p := a.pumps.of(account)
	if p == nil {
		a.look() // a pump that starts looks at everything that waits
		return nil
	}
	return p.run(ctx, t)
}

// chores are done from time to time by one of the processes.
func (a *App) chores() []jobs.Chore {
	return append(append(a.roomChores(), a.alarmChores()...), []jobs.Chore{
		{Name: "sweep", Every: 15 * time.Second, Run: a.sweep},
		{Name: "snoozed", Every: 30 * time.Second, Run: func(ctx context.Context) error { _, err := a.Inbox.WakeSnoozed(ctx); return err }},
		{Name: "leases", Every: 15 * time.Second, Run: func(ctx context.Context) error { _, err := a.Inbox.RecoverLeases(ctx); return err }},
		{Name: "late", Every: time.Minute, Run: func(ctx context.Context) error { _, _, err := a.Inbox.SweepLate(ctx); return err }},
		{Name: "receipts", Every: time.Minute, Run: func(ctx context.Context) error { _, err := a.Inbox.SweepReceipts(ctx); return err }},
		{Name: "reread", Every: 30 * time.Second, Run: func(ctx context.Context) error { _, err := a.Inbox.ReadOlder(ctx); return err }},
		{Name: "raise", Every: 5 * time.Minute, Run: func(ctx context.Context) error { _, err := a.Desk.RaiseNobodys(ctx); return err }},
		{Name: "reconcile", Every: 15 * time.Minute, Run: func(ctx context.Context) error { return a.Inbox.ReconcileDue(ctx) }},
		{Name: "seal", Every: time.Minute, Run: func(ctx context.Context) error { _, err := a.Inbox.Seal(ctx); return err }},
		{Name: "register", Every: 10 * time.Minute, Run: a.closeDays},
		{Name: "malware", Every: 15 * time.Second, Run: func(ctx context.Context) error { return a.Inbox.ScanFiles(ctx) }},
		{Name: "forget", Every: time.Hour, Run: a.forget},
		{Name: "erasing", Every: 5 * time.Minute, Run: func(ctx context.Context) error { _, err := a.Inbox.FinishErasing(ctx); return err }},
		{Name: "files", Every: 24 * time.Hour, Run: func(ctx context.Context) error { _, err := a.Inbox.ClearFiles(ctx); return err }},
	}...)
}

// sweep finds the accounts where something waits that nobody was woken for.
func (a *App) sweep(ctx context.Context) error {
	now := a.DB.Clock.Now()
	var rows []struct {
		AccountID int64
		Task      jobs.Task
	}
	err := a.DB.Read.NewRaw(`SELECT DISTINCT account_id, 'ingest' AS task FROM raws WHERE state = 'pending'
		UNION SELECT DISTINCT account_id, 'deliver' FROM deliveries WHERE state = 'queued' AND next_at <= ?
		UNION SELECT account_id, 'reconcile' FROM reconcile_runs WHERE state IN ('asked','running')
		UNION SELECT DISTINCT m.account_id, 'fetch' FROM parts AS p JOIN messages AS m ON m.id = p.message_id WHERE p.state = 'pending' AND p.next_at <= ?
		UNION SELECT DISTINCT account_id, 'fetch' FROM sender_checks WHERE next_at > 0 AND next_at <= ?`+cardsWaiting, now, now, now, now).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	for _, r := range rows {
		if p := a.pumps.of(r.AccountID); p != nil {
			p.kick(r.Task)
		}
	}
	return nil
}

// forget removes what has served its time: sessions, keys of repeated requests,
// counters of the loop budgets.
func (a *App) forget(ctx context.Context) error {
	now := a.DB.Clock.Now()
	return a.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for q, before := range map[string]clock.Instant{
			"DELETE FROM sessions WHERE expires_at < ?":         now,
			"DELETE FROM idempotency_keys WHERE created_at < ?": now.Add(-48 * time.Hour),
			"DELETE FROM auto_sends WHERE at < ?":               now.Add(-48 * time.Hour),
			"DELETE FROM login_attempts WHERE last_at < ?":      now.Add(-48 * time.Hour),
			"DELETE FROM link_tokens WHERE expires_at < ?":      now.Add(-48 * time.Hour),
		} {
			if _, err := tx.ExecContext(ctx, q, before); err != nil {
				return fmt.Errorf("forget: %w", err)
			}
		}
		if err := inbox.ForgetAwaited(ctx, tx); err != nil {
			return fmt.Errorf("forget: %w", err)
		}
		return forgetTurns(ctx, tx, now)
	})
}
