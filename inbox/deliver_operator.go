package inbox

import (
	"context"
	"errors"
	"fmt"

	"filodiretto/internal/db"
)

// ResendUnknown sends again what may have arrived already: only a person may
// take that risk (channels 0.2). ErrChanged when it is not unknown any more; InvalidError
// "message" "erased" when its contents are gone.
func (in *Inbox) ResendUnknown(ctx context.Context, v Viewer, deliveryID int64) error {
	return in.settle(ctx, v, deliveryID, "delivery.resent", func(ctx context.Context, tx *db.Tx, d *Delivery) error {
		if err := notErased(ctx, tx, d); err != nil {
			return err
		}
		d.State, d.NextAt, d.BegunAt, d.Holder, d.Class, d.Code, d.Text = Queued, tx.Now, 0, "", "", "", ""
		if left := tx.Now.Add(in.set.MailMaxAge); d.ExpiresAt < left {
			d.ExpiresAt = left
		}
		d.sendAnew()
		return in.wake.Deliver(ctx, tx, d.AccountID, tx.Now)
	})
}

// MarkArrived settles a delivery in doubt: the citizen said, or the Sent folder
// shows, that it arrived. ErrChanged when it is not unknown any more.
func (in *Inbox) MarkArrived(ctx context.Context, v Viewer, deliveryID int64) error {
	return in.settle(ctx, v, deliveryID, "delivery.delivered", func(_ context.Context, _ *db.Tx, d *Delivery) error {
		d.State, d.Holder = Delivered, ""
		return nil
	})
}

// settle lets an operator decide about a delivery in doubt.
func (in *Inbox) settle(ctx context.Context, v Viewer, id int64, kind string, f func(context.Context, *db.Tx, *Delivery) error) error {
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := in.lockDelivery(ctx, tx, v, id)
		if err != nil {
			return err
		}
		if d.State != Unknown {
			return ErrChanged
		}
		was, err := in.formerFailure(ctx, tx, d)
		if err != nil {
			return err
		}
		if err := f(ctx, tx, d); err != nil {
			return err
		}
		d.UpdatedAt = tx.Now
		_, err = tx.NewUpdate().Model(d).Column("state", "next_at", "begun_at", "holder", "class", "code", "text", "expires_at", "updated_at", "sending", "legal_sent_at", "alarm").WherePK().Exec(ctx)
		if err != nil {
			return fmt.Errorf("settle delivery %d: %w", id, err)
		}
		row := &DeliveryEvent{ID: db.NewID(in.clock), DeliveryID: d.ID, At: tx.Now, State: d.State, Source: "operator"}
		if err := insertAll(ctx, tx, []*DeliveryEvent{row}); err != nil {
			return err
		}
		e := v.event(NewEvent(tx, in.clock, kind, was))
		e.CaseID, e.MessageID = d.CaseID, d.MessageID
		if err := AppendEvents(ctx, tx, e); err != nil {
			return err
		}
		return in.refreshFlags(ctx, tx, d.CaseID)
	})
}

// lockDelivery reads a delivery of a case on which the viewer may decide, or which was put
// into one. The case is locked, so that no two decisions meet.
func (in *Inbox) lockDelivery(ctx context.Context, tx *db.Tx, v Viewer, id int64) (*Delivery, error) {
	d := new(Delivery)
	if err := tx.NewSelect().Model(d).Where("d.id = ?", id).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	if d.CaseID == 0 {
		return nil, ErrNotFound
	}
	c, refused := lockCase(ctx, tx, v, d.CaseID)
	if refused == nil {
		refused = mayWork(v, c)
	}
	if errors.Is(refused, ErrNotFound) || errors.Is(refused, ErrForbidden) {
		root, err := in.lockRoot(ctx, tx, d.CaseID)
		if err != nil {
			return nil, err
		}
		if mayWork(v, root) == nil {
			refused = nil
		}
	}
	if refused != nil {
		return nil, refused
	}
	q := tx.NewSelect().Model(d).WherePK()
	if tx.Postgres {
		q = q.For("UPDATE")
	}
	return d, q.Scan(ctx)
}

// DealWithFailure says that a person knows of the failures of a case and does
// what is needed: the mark "not delivered" goes, the deliveries stay as they are.
func (in *Inbox) DealWithFailure(ctx context.Context, v Viewer, caseID int64) (*Case, error) {
	return in.Change(ctx, v, caseID, 0, func(ctx context.Context, tx *db.Tx, c *Case) ([]Event, error) {
		if err := mayWork(v, c); err != nil {
			return nil, err
		}
		if !c.Failed {
			return nil, ErrChanged
		}
		_, err := tx.NewRaw(`UPDATE deliveries SET dealt_at = ? WHERE case_id IN `+family+` AND dealt_at = 0 AND (state IN ('failed', 'blocked', 'expired', 'unknown') OR alarm <> '')`,
			tx.Now, c.ID).Exec(ctx)
		if err != nil {
			return nil, fmt.Errorf("deal with failures: %w", err)
		}
		c.Failed = false
		return []Event{NewEvent(tx, in.clock, "delivery.dealt_with", nil)}, nil
	})
}

// TryAddressAgain takes back that an address is bad: the operator knows better
// than the server that refused it. ErrChanged when it is not bad.
func (in *Inbox) TryAddressAgain(ctx context.Context, v Viewer, identityID int64) error {
	if !v.mayOpenFiles() {
		return ErrNotFound
	}
	return in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		tried, err := in.tryAddress(ctx, tx, v, identityID)
		if err == nil && !tried {
			return ErrChanged
		}
		return err
	})
}

// tryAddress takes back that an address is bad; false when it was not.
func (in *Inbox) tryAddress(ctx context.Context, tx *db.Tx, v Viewer, identityID int64) (bool, error) {
	i, err := findIdentity(ctx, tx, identityID)
	if err != nil {
		return false, err
	}
	if i.Status != "bad" && i.Status != "gone" {
		return false, nil
	}
	from := i.Status
	i.Status, i.StatusAt, i.StatusUntil, i.StatusText = "active", tx.Now, 0, "operator"
	if !i.OptedOutAt.IsZero() {
		i.Status = "opted_out"
	}
	if _, err := tx.NewUpdate().Model(i).Column("status", "status_at", "status_until", "status_text").WherePK().Exec(ctx); err != nil {
		return false, fmt.Errorf("try an address again: %w", err)
	}
	e := v.event(NewEvent(tx, in.clock, "identity.active", map[string]any{"identity": i.ID, "from": from}))
	e.CitizenID = i.CitizenID
	return true, AppendEvents(ctx, tx, e)
}
