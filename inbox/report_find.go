package inbox

import (
	"context"
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// reportWindow is how long after sending a report without our Message-ID may
// come: servers try for up to five days (RFC 5321 4.5.4.1).
const reportWindow = 6 * 24 * time.Hour

// found is the delivery that a report is about, and how it was found.
type found struct {
	d       *Delivery // nil: the report fits none
	sure    bool      // the report speaks of the address we sent to, and of none behind it
	carried bool      // by the envelope id, which only mail systems on the way know
	named   bool      // by our signed Message-ID, which the recipients know
	alone   bool      // the message has one recipient
	own     []string  // the addresses of the account that sent
}

// findReported finds the delivery that a report is about: by the id of our
// envelope, by our signed Message-ID and the recipient, else by recipient and time
// when there is only one that it can be (mail rule 59).
func (in *Inbox) findReported(ctx context.Context, tx *db.Tx, raw *Raw, r channels.DeliveryReport) (found, error) {
	recipient := plainAddress(r.Recipient)
	var f found
	var err error
	if id, ok := in.sign.ParseEnvelopeID(r.Envelope); ok {
		f, err = findCarried(ctx, tx, id, recipient)
		f.sure = f.sure && !r.Beyond
		return f, err
	}
	if n, ok := in.sign.ParseMessageID(strings.Trim(r.MessageID, "<> ")); ok {
		f, err = findByMessage(ctx, tx, n, recipient)
		f.sure = f.sure && !r.Beyond
		if _, sending := in.sign.ParseSubmission(strings.Trim(r.MessageID, "<> ")); f.d != nil && f.d.Sending != sending {
			return found{}, err // about a certified mail's former leaving
		}
		return f, err
	}
	if r.MessageID != "" || recipient == "" || raw == nil {
		return found{}, nil // about somebody else's message, or too vague
	}
	d, err := in.findByRecipient(ctx, tx, raw, recipient, r.Code)
	return found{d: d}, err
}

// findCarried finds a delivery by the id under which it was given to the next server
// (RFC 3461 section 4.4).
func findCarried(ctx context.Context, tx *db.Tx, id int64, recipient string) (found, error) {
	var ds []*Delivery
	if err := tx.NewSelect().Model(&ds).Where("d.id = ?", id).Scan(ctx); err != nil || len(ds) == 0 {
		return found{}, err
	}
	return found{d: ds[0], sure: recipient == "" || ds[0].Address == recipient, carried: true}, nil
}

// findByMessage finds a delivery of our message n. A message with one recipient
// needs no name: a server behind a forwarding address names the last one.
func findByMessage(ctx context.Context, tx *db.Tx, n int64, recipient string) (found, error) {
	var ds []*Delivery
	if err := tx.NewSelect().Model(&ds).Where("d.message_id = ?", n).OrderExpr("d.id").Scan(ctx); err != nil {
		return found{}, err
	}
	f := found{named: true, alone: len(ds) == 1}
	for _, d := range ds {
		if d.Address == recipient && recipient != "" {
			f.d, f.sure = d, true
			break
		}
	}
	if f.d == nil && f.alone {
		f.d, f.sure = ds[0], recipient == ""
	}
	if f.d == nil || f.alone {
		return f, nil
	}
	own, err := ownOf(ctx, tx, f.d.AccountID)
	f.own = own
	return f, err
}

// findByRecipient finds the delivery of this account to an address that is recent and
// not settled. What a person wrote goes before receipts that we sent by ourselves.
// Of several it is the last one, when the code speaks of the address, since that is
// true of all of them; else it might be any, and none is given. Nor is one given after
// which another left that is settled.
func (in *Inbox) findByRecipient(ctx context.Context, tx *db.Tx, raw *Raw, recipient, code string) (*Delivery, error) {
	at := raw.ReceivedAt
	if at.IsZero() {
		at = tx.Now
	}
	var near []struct {
		ID   int64
		Auto string
	}
	err := tx.NewRaw(`SELECT d.id, m.auto FROM deliveries AS d JOIN messages AS m ON m.id = d.message_id
		WHERE d.address = ? AND d.created_at > ? AND d.created_at <= ? AND d.kind = 'email' AND d.account_id = ? AND d.state IN ('accepted', 'sent', 'unknown')
		ORDER BY CASE WHEN m.auto = '' THEN 0 ELSE 1 END, d.created_at DESC, d.id DESC LIMIT 2`,
		recipient, at.Add(-reportWindow), at.Add(clockSkew), raw.AccountID).Scan(ctx, &near)
	if err != nil || len(near) == 0 {
		return nil, err
	}
	alike := len(near) == 2 && (near[0].Auto == "") == (near[1].Auto == "")
	if alike && !strings.HasPrefix(code, "5.1.") && !strings.HasPrefix(code, "5.2.") {
		return nil, nil
	}
	d := new(Delivery)
	if err := tx.NewSelect().Model(d).Where("d.id = ?", near[0].ID).Scan(ctx); err != nil {
		return nil, err
	}
	if settled, err := settledSince(ctx, tx, d, near[0].Auto == "", at); err != nil || settled {
		return nil, err
	}
	return d, nil
}

// settledSince reports whether a later message to the same address left and came to its
// end before a report: what the report says may be said of that one. If it arrived, what
// is said of the address is not true of both, and if it came back, that may be told twice.
// What never left is told by our own server.
func settledSince(ctx context.Context, tx *db.Tx, d *Delivery, person bool, at clock.Instant) (bool, error) {
	n := 0
	err := tx.NewRaw(`SELECT count(*) FROM deliveries AS d JOIN messages AS m ON m.id = d.message_id
		WHERE d.address = ? AND d.created_at >= ? AND d.created_at <= ? AND d.id > ? AND d.kind = 'email' AND d.account_id = ? AND (m.auto = '') = ?
		AND d.state NOT IN ('accepted', 'sent', 'unknown') AND EXISTS (SELECT 1 FROM delivery_events AS de WHERE de.delivery_id = d.id AND de.state IN ('accepted', 'sent'))`,
		d.Address, d.CreatedAt, at.Add(clockSkew), d.ID, d.AccountID, person).Scan(ctx, &n)
	return n > 0, err
}

// clockSkew is by how much another server's clock may be behind ours.
const clockSkew = 10 * time.Minute
