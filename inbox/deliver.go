package inbox

import (
	"context"
	"fmt"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// How the deliveries of an account are worked.
const (
	// leaseFor is how long a claimed delivery is this process's. The lease is
	// renewed every third of it, so that it may be short: after a kill the
	// deliveries of the dead process wait no longer than this.
	leaseFor = 30 * time.Second
	// gatherFor is how long results wait for each other to share a commit.
	gatherFor = 3 * time.Millisecond
	// mostBegun is how many deliveries may be marked as begun at once, however
	// fast the channel is (see engine).
	mostBegun = 32
	// runLimit is how many deliveries one DeliverDue works before it lets the
	// caller turn to other accounts.
	runLimit = 2000
	// sendLimit bounds one call of a channel, which has finer limits of its own.
	sendLimit = 10 * time.Minute
	// stopGrace is how long a stop waits for calls in flight before it cuts them.
	stopGrace = 10 * time.Second
	// recordTries is how often outcomes are written again when the database is
	// away: an outcome that is not written would become Unknown.
	recordTries = 6
)

// DeliverDue sends what is due of an account, until nothing is, and returns.
// more says that something is due already; otherwise next is when to call again,
// 0 when nothing is queued. When ctx ends, calls in flight get stopGrace to
// finish, what was not begun goes back to the queue, and all outcomes are written.
//
// Several processes may call it for one account: deliveries are claimed by
// lease. An account that is off, stopped, paused, or changed since this process
// opened it sends nothing.
func (in *Inbox) DeliverDue(ctx context.Context, accountID int64) (more bool, next clock.Instant, err error) {
	ch, acc, ok := in.channels.Channel(accountID)
	if !ok {
		return false, 0, fmt.Errorf("deliver: account %d is not open", accountID)
	}
	sender, ok := ch.(channels.Sender)
	if !ok {
		return false, 0, fmt.Errorf("deliver: account %d cannot send", accountID)
	}
	g := newEngine(in, acc, sender)
	if err := g.run(ctx); err != nil {
		return false, 0, fmt.Errorf("deliver: account %d: %w", accountID, err)
	}
	return in.nextDue(ctx, acc)
}

// changedFor is how long deliveries wait for a process to open an account as it
// was changed meanwhile.
const changedFor = time.Second

// nextDue says when the account has something to send.
func (in *Inbox) nextDue(ctx context.Context, acc Account) (more bool, next clock.Instant, err error) {
	var row struct {
		Enabled     bool
		StoppedAt   clock.Instant
		PausedUntil clock.Instant
		NextAt      clock.Instant
		Version     int64
	}
	err = in.db.Read.NewRaw(`SELECT a.enabled, a.version, a.stopped_at, a.paused_until,
		COALESCE((SELECT MIN(d.next_at) FROM deliveries AS d WHERE d.account_id = a.id AND d.state = 'queued'), 0) AS next_at
		FROM accounts AS a WHERE a.id = ?`, acc.ID).Scan(ctx, &row)
	if err != nil {
		return false, 0, fmt.Errorf("deliver: when next: %w", notFound(err))
	}
	now := in.clock.Now()
	switch {
	case !row.Enabled || row.StoppedAt > 0 || row.NextAt == 0:
		return false, 0, nil
	case row.Version != acc.Version:
		return false, max(row.NextAt, now.Add(changedFor)), nil
	case row.PausedUntil > now:
		return false, max(row.NextAt, row.PausedUntil), nil
	}
	return row.NextAt <= now, row.NextAt, nil
}
