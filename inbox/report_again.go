package inbox

import (
	"context"
	"fmt"
	"time"

	"filodiretto/channels"
)

// bounceRetries is how long a message that the recipient's server gave up for a reason
// that may pass waits before each time that it is sent again (mail rule 60). A full
// mailbox is seldom emptied within the hour; and where an address hands on to several,
// each time may bring the message once more to those who have it.
var bounceRetries = [...]time.Duration{6 * time.Hour, 24 * time.Hour}

// doubt notes that something may not have arrived, on the word of who may have
// made it up: a person asks or waits. A report that is proven settles it.
func (a *applying) doubt(ctx context.Context) error {
	if a.d.State != Accepted && a.d.State != Sent {
		return nil // in doubt already, or settled
	}
	_, err := a.tx.NewRaw("UPDATE deliveries SET state = ?, delayed = FALSE, class = ?, code = ?, text = ?, dealt_at = 0, updated_at = ? WHERE id = ?",
		string(Unknown), string(channels.Unconfirmed), a.r.Code, a.r.Text, a.tx.Now, a.d.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("doubt a delivery: %w", err)
	}
	a.d.State, a.d.Class, a.d.Code = Unknown, string(channels.Unconfirmed), a.r.Code
	return a.in.tellFailure(ctx, a.tx, failure{delivery: a.d, state: Unknown, class: channels.Unconfirmed, code: a.r.Code, rawID: a.rawID()})
}

// again sends once more what came back for a reason that may pass: a full mailbox
// (5.2.2), a server that was away for too long. Nobody else would: the server that
// took the message has given it up. When its time is over, it was tried often enough, or
// its contents were erased meanwhile, it failed.
func (a *applying) again(ctx context.Context) error {
	if a.d.State != Accepted && a.d.State != Sent && a.d.State != Unknown {
		return nil // settled, or under way again
	}
	left, err := a.left(ctx)
	if err != nil {
		return err
	}
	again := max(left-1, 0)
	if a.erased || again >= len(bounceRetries) {
		return a.giveUp(ctx)
	}
	next := a.tx.Now.Add(bounceRetries[again])
	if next > a.d.ExpiresAt {
		return a.giveUp(ctx)
	}
	_, err = a.tx.NewRaw("UPDATE deliveries SET state = 'queued', delayed = TRUE, next_at = ?, holder = '', begun_at = 0, class = ?, code = ?, text = ?, updated_at = ? WHERE id = ?",
		next, string(channels.RetryBackoff), a.r.Code, a.r.Text, a.tx.Now, a.d.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("send a delivery again: %w", err)
	}
	a.d.State, a.d.Class, a.d.Code, a.d.NextAt = Queued, string(channels.RetryBackoff), a.r.Code, next
	if err := a.in.wake.Deliver(ctx, a.tx, a.d.AccountID, next); err != nil {
		return err
	}
	if a.d.WarnedAt > 0 {
		return a.in.refreshFlags(ctx, a.tx, a.d.CaseID)
	}
	return a.in.warnLate(ctx, a.tx, a.d, a.d.Class, a.r.Code, a.rawID())
}

// left is how often the message left us for this recipient, by itself: when a person
// lets it be tried again, that counts anew.
func (a *applying) left(ctx context.Context) (int, error) {
	n, err := a.tx.NewSelect().Model((*DeliveryEvent)(nil)).
		Where("de.delivery_id = ? AND de.source = 'answer' AND de.state IN ('accepted', 'sent')", a.d.ID).
		Where("de.at >= (SELECT COALESCE(max(x.at), 0) FROM delivery_events AS x WHERE x.delivery_id = ? AND x.source = 'operator')", a.d.ID).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("how often a delivery left: %w", err)
	}
	return int(n), nil
}

func (a *applying) giveUp(ctx context.Context) error {
	_, err := a.tx.NewRaw("UPDATE deliveries SET state = 'expired', delayed = FALSE, class = ?, code = ?, text = ?, dealt_at = 0, updated_at = ? WHERE id = ?",
		string(channels.RetryBackoff), a.r.Code, a.r.Text, a.tx.Now, a.d.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("give up a delivery: %w", err)
	}
	a.d.State, a.d.Code = Expired, a.r.Code
	return a.in.tellFailure(ctx, a.tx, failure{delivery: a.d, state: Expired, class: channels.RetryBackoff, code: a.r.Code, rawID: a.rawID()})
}
