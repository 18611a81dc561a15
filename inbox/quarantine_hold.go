package inbox

import (
	"context"
	"fmt"
	"slices"

	"filodiretto/channels"
	"filodiretto/channels/pec"
	"filodiretto/internal/db"
)

// holdable is the address by which the sender of an item can be held, of the kind as
// which their next mails come. It is the zero Address where there is none, or where the
// mail may be forged: what counts then counts for that mail alone, since the address is
// somebody else's (mail rule 22).
func (q *Quarantined) holdable(it *channels.Item) channels.Address {
	doubted := slices.Contains([]string{"pec_not_proven", "pec_mismatch", "spoof_suspected"}, q.Reason)
	if doubted || !isAddress(it.From.Kind) || it.From.Value == "" || pec.Relays(it.From.Value) || forged(it) || untrusted(it) {
		return channels.Address{}
	}
	return it.From
}

// RejectAndHold is Reject, and holds what the sender writes next (mail rule 22), or
// neither: *InvalidError on "hold" where nobody can be held for this item
// (QuarantineView.MayHold).
func (in *Inbox) RejectAndHold(ctx context.Context, v Viewer, id int64, reason string) error {
	q, _, rd, err := in.openQuarantine(ctx, v, id)
	if err != nil {
		return err
	}
	var from channels.Address
	if rd != nil && q.Item < len(rd.items) {
		from = q.holdable(&rd.items[q.Item])
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := in.reject(ctx, tx, v, q, reason); err != nil {
			return err
		}
		if from.Value == "" {
			return &InvalidError{"hold", "not_theirs"}
		}
		err := in.holdSender(ctx, tx, v, HeldSender{Kind: from.Kind, Value: from.Value, OfficeID: q.OfficeID, Reason: reason})
		if err == ErrChanged {
			return nil // held already
		}
		return err
	})
}

// freeRejected ends the hold that began with the rejection of an item, and counts it.
func (in *Inbox) freeRejected(ctx context.Context, tx *db.Tx, v Viewer, q *Quarantined) (int, error) {
	return in.freeBegun(ctx, tx, v, "hs.value = ? AND hs.office_id = ? AND hs.reason = ? AND hs.by_operator = ? AND hs.at = ?",
		addressShown(q.Sender), q.OfficeID, q.Note, q.DecidedBy, q.DecidedAt)
}

// freeBegun ends the holds (alias hs) that an act began which is taken back, and counts
// them.
func (in *Inbox) freeBegun(ctx context.Context, tx *db.Tx, v Viewer, where string, args ...any) (int, error) {
	var held []HeldSender
	if err := tx.NewSelect().Model(&held).Where("hs.ended_at = 0").Where(where, args...).Scan(ctx); err != nil {
		return 0, fmt.Errorf("holds of an act: %w", err)
	}
	for i := range held {
		if err := in.endHold(ctx, tx, v, &held[i]); err != nil {
			return 0, err
		}
	}
	return len(held), nil
}
