package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/db"
)

// MayRetry reports whether a person may let a delivery of a message be tried again: what
// is in doubt, at their own risk, and what failed for a reason that may have gone.
// Who blocked us is left alone, and of what was erased there is nothing to send.
func MayRetry(m *Message, d *Delivery) bool { return m.ErasedAt == 0 && d.mayRetry() }

func (d *Delivery) mayRetry() bool {
	return d.State == Unknown || d.State == Failed || d.State == Expired
}

// RetryDelivery tries again what failed or is in doubt; only a person may
// (channels 0.2). Only the case's own office decides. An address that was found
// bad is good again, as the person knows better than the server that refused it.
// ErrChanged when there is nothing to be tried again; InvalidError "message" "erased"
// when its contents are gone.
func (in *Inbox) RetryDelivery(ctx context.Context, v Viewer, deliveryID int64) error {
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := in.lockDelivery(ctx, tx, v, deliveryID)
		if err != nil {
			return err
		}
		if !d.mayRetry() {
			return ErrChanged
		}
		if err := notErased(ctx, tx, d); err != nil {
			return err
		}
		if d.IdentityID > 0 { // else it would be stopped before it leaves, and the click would do nothing
			if _, err := in.tryAddress(ctx, tx, v, d.IdentityID); err != nil {
				return err
			}
		}
		was, err := in.formerFailure(ctx, tx, d)
		if err != nil {
			return err
		}
		d.State, d.NextAt, d.BegunAt, d.Holder, d.Class, d.Code, d.Text, d.Attempts, d.DealtAt = Queued, tx.Now, 0, "", "", "", "", 0, 0
		d.UpdatedAt, d.ExpiresAt = tx.Now, max(d.ExpiresAt, tx.Now.Add(in.set.MailMaxAge))
		d.sendAnew()
		_, err = tx.NewUpdate().Model(d).Column("state", "next_at", "begun_at", "holder", "class", "code", "text", "attempts", "dealt_at", "expires_at", "updated_at",
			"sending", "legal_sent_at", "alarm").WherePK().Exec(ctx)
		if err != nil {
			return fmt.Errorf("try delivery %d again: %w", deliveryID, err)
		}
		row := &DeliveryEvent{ID: db.NewID(in.clock), DeliveryID: d.ID, At: tx.Now, State: Queued, Source: "operator"}
		if err := insertAll(ctx, tx, []*DeliveryEvent{row}); err != nil {
			return err
		}
		e := v.event(NewEvent(tx, in.clock, "delivery.resent", was))
		e.CaseID, e.MessageID = d.CaseID, d.MessageID
		if err := AppendEvents(ctx, tx, e); err != nil {
			return err
		}
		if err := in.wake.Deliver(ctx, tx, d.AccountID, tx.Now); err != nil {
			return err
		}
		c, err := in.lockRoot(ctx, tx, d.CaseID)
		if err != nil {
			return err
		}
		in.publishCase(tx, c, "delivery")
		return in.refreshFlags(ctx, tx, d.CaseID)
	})
}

// notErased refuses to let leave again what has no contents any more: it would be stopped
// before it leaves, and what is known of it would be lost. It keeps the message from being
// erased until the end of the transaction.
func notErased(ctx context.Context, tx *db.Tx, d *Delivery) error {
	gone, err := erasedOf(ctx, tx, []int64{d.MessageID})
	if err == nil && gone[d.MessageID] {
		err = &InvalidError{"message", "erased"}
	}
	return err
}

// formerFailure is what the event of sending again keeps of the failure before it: the
// delivery itself is as if it had never been tried, and the story must still tell that
// it did not arrive then.
func (in *Inbox) formerFailure(ctx context.Context, tx *db.Tx, d *Delivery) (map[string]any, error) {
	var receipts []*CertifiedReceipt
	if d.Kind == "pec" {
		if err := tx.NewSelect().Model(&receipts).Where("rc.message_id = ?", d.MessageID).OrderExpr("rc.legal_at, rc.id").Scan(ctx); err != nil {
			return nil, fmt.Errorf("former failure of delivery %d: %w", d.ID, err)
		}
		in.tellSendings(receipts)
	}
	return map[string]any{"delivery": d.ID, "by_hand": true, "was": d.State, "class": d.Class, "code": d.Code, "failed_at": in.FailedAt(d, receipts)}, nil
}

// DeliveryOfCase is ErrNotFound unless a delivery belongs to a case that the
// viewer may see, or to one that was put into it.
func (in *Inbox) DeliveryOfCase(ctx context.Context, v Viewer, caseID, deliveryID int64) error {
	c, err := findCase(ctx, in.db, v, caseID)
	if err != nil {
		return err
	}
	n, err := in.db.Read.NewSelect().Table("deliveries").Where("id = ? AND case_id IN "+family, deliveryID, c.ID).Count(ctx)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}
