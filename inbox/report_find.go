package inbox

import (
	"context"
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/db"
	"filodiretto/internal/person"
)

// reportWindow is how long after sending a report without our Message-ID may
// come: servers try for up to five days (RFC 5321 4.5.4.1).
const reportWindow = 6 * 24 * time.Hour

// findReported finds the delivery that a report is about: by our signed
// Message-ID in it and its recipient, else by recipient and time when there is
// only one it can be (mail rule 59). sure is true when the report names the
// address we sent to. nil means that it fits none.
func (in *Inbox) findReported(ctx context.Context, tx *db.Tx, raw *Raw, r channels.DeliveryReport) (d *Delivery, sure bool, err error) {
	recipient := strings.ToLower(strings.TrimSpace(r.Recipient))
	if addr, ok := person.Email(recipient); ok {
		recipient = addr
	}
	if n, ok := in.sign.ParseMessageID(strings.Trim(r.MessageID, "<> ")); ok {
		return findByMessage(ctx, tx, n, recipient)
	}
	if r.MessageID != "" || recipient == "" || raw == nil || !r.Confident {
		return nil, false, nil // about somebody else's message, or too vague
	}
	d, err = in.findByRecipient(ctx, tx, raw, recipient, r)
	return d, d != nil, err
}

// findByMessage finds a delivery of our message n. A message with one recipient
// needs no name: a server behind a forwarding address names the last one.
func findByMessage(ctx context.Context, tx *db.Tx, n int64, recipient string) (*Delivery, bool, error) {
	var ds []*Delivery
	if err := tx.NewSelect().Model(&ds).Where("d.message_id = ?", n).OrderExpr("d.id").Scan(ctx); err != nil {
		return nil, false, err
	}
	for _, d := range ds {
		if d.Address == recipient && recipient != "" {
			return d, true, nil
		}
	}
	if len(ds) == 1 {
		return ds[0], recipient == "", nil
	}
	return nil, false, nil
}

// findByRecipient finds the only delivery of this account to an address that is
// recent and not settled.
func (in *Inbox) findByRecipient(ctx context.Context, tx *db.Tx, raw *Raw, recipient string, r channels.DeliveryReport) (*Delivery, error) {
	at := raw.ReceivedAt
	if at.IsZero() {
		at = tx.Now
	}
	var ds []*Delivery
	err := tx.NewSelect().Model(&ds).
		Where("d.address = ? AND d.created_at > ? AND d.created_at <= ?", recipient, at.Add(-reportWindow), at.Add(clockSkew)).
		Where("d.kind = 'email' AND d.account_id = ? AND d.state IN ('accepted', 'sent', 'unknown', 'delivered')", raw.AccountID).
		Limit(2).Scan(ctx)
	if err != nil || len(ds) != 1 {
		return nil, err
	}
	if ds[0].State == Delivered && r.State != "read" {
		return nil, nil
	}
	return ds[0], nil
}

// clockSkew is by how much another server's clock may be behind ours.
const clockSkew = 10 * time.Minute
