package inbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// paceWindow is the time in which the limits of a channels.Pace count.
const paceWindow = time.Minute

// pacedSend is a message that an account with a limit began to send.
type pacedSend struct {
	bun.BaseModel `bun:"table:paced_sends,alias:ps"`

	ID        int64 `bun:",pk"`
	AccountID int64
	Domain    string
	At        clock.Instant
}

// pace parts what would be begun into what may be, and what must wait for room
// (mail rule 69). The account's row is locked, so that several processes keep
// one limit together. Where the account is at its limit, full is set.
func (t *turning) pace(ctx context.Context, tx *db.Tx, next []*job) (now []*job, held []outcome, err error) {
	p := t.g.limits
	if p == (channels.Pace{}) || len(next) == 0 {
		return next, nil, nil
	}
	sent, err := recentSends(ctx, tx, t.g.acc.ID)
	if err != nil {
		return nil, nil, err
	}
	var fresh []*pacedSend
	waits := map[string]clock.Instant{} // by domain
	for _, j := range next {
		domain := domainOf(j.d)
		if at := room(sent, p.Account, ""); at > 0 {
			o := giveBack(j)
			o.pauseUntil, t.full = at, true
			held = append(held, o)
			continue
		}
		if at := room(sent, p.Domain, domain); at > 0 && domain != "" {
			o := giveBack(j)
			o.nextAt, waits[domain] = max(o.nextAt, at), at
			held = append(held, o)
			continue
		}
		s := &pacedSend{ID: db.NewID(t.g.in.clock), AccountID: t.g.acc.ID, Domain: domain, At: tx.Now}
		sent, fresh, now = append(sent, s), append(fresh, s), append(now, j)
	}
	if err := insertAll(ctx, tx, fresh); err != nil {
		return nil, nil, fmt.Errorf("note what was sent: %w", err)
	}
	return now, held, t.holdDomains(ctx, tx, waits)
}

// recentSends are the account's within the window, oldest first; older ones are
// forgotten.
func recentSends(ctx context.Context, tx *db.Tx, account int64) ([]*pacedSend, error) {
	if tx.Postgres {
		if _, err := tx.NewRaw("SELECT id FROM accounts WHERE id = ? FOR UPDATE", account).Exec(ctx); err != nil {
			return nil, fmt.Errorf("wait for the account's turn: %w", err)
		}
	}
	since := tx.Now.Add(-paceWindow)
	if _, err := tx.NewRaw("DELETE FROM paced_sends WHERE account_id = ? AND at <= ?", account, since).Exec(ctx); err != nil {
		return nil, fmt.Errorf("forget what was sent: %w", err)
	}
	var sent []*pacedSend
	if err := tx.NewSelect().Model(&sent).Where("ps.account_id = ?", account).OrderExpr("ps.at, ps.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("what was sent: %w", err)
	}
	return sent, nil
}

// room is when one more message may be sent, 0 for now. An empty domain counts
// all.
func room(sent []*pacedSend, limit int, domain string) clock.Instant {
	if limit <= 0 {
		return 0
	}
	var at []clock.Instant
	for _, s := range sent {
		if domain == "" || s.Domain == domain {
			at = append(at, s.At)
		}
	}
	if len(at) < limit {
		return 0
	}
	return at[len(at)-limit].Add(paceWindow)
}

// holdDomains lets everything else that is due for a domain wait too, so that it
// is not claimed in vain again and again.
func (t *turning) holdDomains(ctx context.Context, tx *db.Tx, waits map[string]clock.Instant) error {
	for domain, at := range waits {
		_, err := tx.NewRaw("UPDATE deliveries SET next_at = ? WHERE account_id = ? AND state = 'queued' AND next_at < ? AND lower(address) LIKE ?",
			at, t.g.acc.ID, at, "%@"+domain).Exec(ctx)
		if err != nil {
			return fmt.Errorf("hold back what goes to one provider: %w", err)
		}
	}
	return nil
}

// domainOf is the right-hand side of a mail address, "" for other recipients.
func domainOf(d *Delivery) string {
	if !isAddress(d.Kind) {
		return ""
	}
	return strings.ToLower(d.Address[strings.LastIndexByte(d.Address, '@')+1:])
}
