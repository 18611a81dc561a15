package inbox

import (
	"context"
	"fmt"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Handed is what became of an item that another server handed over.
type Handed struct {
	ID         int64         // of the raw item
	SHA256     string        // of its bytes, in hex
	Size       int64         // bytes
	AcceptedAt clock.Instant // when it was first committed
	Fresh      bool          // false when the same had been handed over before
}

// Take commits one item that another server hands over, and wakes the ingest.
// When it returns nil, that server may forget the item (mail rules 19 and 81c).
// An item whose dedup key is known is the same item: its first id is given.
func (in *Inbox) Take(ctx context.Context, accountID int64, stream string, it channels.Raw) (Handed, error) {
	rows, err := in.rawRows(ctx, accountID, channels.Batch{Stream: stream, Items: []channels.Raw{it}})
	if err != nil {
		return Handed{}, err
	}
	r := rows[0]
	var out Handed
	err = in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		r.AcceptedAt = tx.Now
		out = Handed{ID: r.ID, SHA256: r.SHA256, Size: r.Size, AcceptedAt: tx.Now, Fresh: true}
		res, err := tx.NewInsert().Model(&r).On("CONFLICT (account_id, dedup_key) DO NOTHING").Exec(ctx)
		if err != nil {
			return fmt.Errorf("take over: store a raw item: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			return out.former(ctx, tx, &r)
		}
		if err := in.wake.Ingest(ctx, tx, accountID); err != nil {
			return fmt.Errorf("take over: wake the ingest: %w", err)
		}
		return nil
	})
	return out, err
}

// former fills in the item as it was first stored.
func (h *Handed) former(ctx context.Context, tx *db.Tx, r *Raw) error {
	var first Raw
	err := tx.NewSelect().Model(&first).Column("id", "sha256", "size", "accepted_at").
		Where("r.account_id = ? AND r.dedup_key = ?", r.AccountID, r.DedupKey).Scan(ctx)
	if err != nil {
		return fmt.Errorf("take over: find the item as it came first: %w", err)
	}
	*h = Handed{ID: first.ID, SHA256: first.SHA256, Size: first.Size, AcceptedAt: first.AcceptedAt}
	return nil
}

// MailAccounts are all mailboxes that exist, whether they are at work, paused, or
// cannot be opened: mail for each of them may be stored. The secrets are left out.
func (in *Inbox) MailAccounts(ctx context.Context) ([]Account, error) {
	var out []Account
	err := in.db.Ask(ctx, "SELECT "+db.Columns[Account](in.db, "a", "secrets")+" FROM accounts AS a WHERE a.kind = 'mail' AND a.enabled ORDER BY a.key", nil, &out)
	if err != nil {
		return nil, fmt.Errorf("read the mailboxes: %w", err)
	}
	return out, nil
}
