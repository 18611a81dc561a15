package inbox

import (
	"context"
	"fmt"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// What is missing of a certified mail for too long (Delivery.Alarm).
const (
	NoAcceptance = "no_acceptance" // the provider took it and has not said that it accepts it
	NoDelivery   = "no_delivery"   // it was accepted, and neither arrived nor failed
)

// ReceiptPatience is how long the acceptance of a certified mail may take, and
// after it the word on its delivery, before their absence is an alarm.
func (in *Inbox) ReceiptPatience() (acceptance, delivery time.Duration) {
	return in.set.AcceptWithin, in.set.ArriveWithin
}

// SweepReceipts looks for certified mails whose receipts are missing: no
// acceptance within AcceptWithin of handing over, no word on delivery within
// ArriveWithin of acceptance (mail rule 86, PEC reference section 6). The case
// is marked until a receipt comes or a person has dealt with it, and told once
// for each message and cause. It returns how many deliveries it marked. Call it
// every minute; two processes that do so at once mark each delivery once.
func (in *Inbox) SweepReceipts(ctx context.Context) (int, error) {
	now := in.clock.Now()
	var late []struct {
		ID    int64
		Cause string
	}
	err := in.db.Read.NewRaw(`SELECT d.id, CASE WHEN d.legal_sent_at = 0 THEN ? ELSE ? END AS cause FROM deliveries AS d
		WHERE d.kind = 'pec' AND d.state IN ('accepted','sent','unknown') AND NOT d.outside AND
		(d.legal_sent_at = 0 AND d.alarm = '' AND d.begun_at > 0 AND d.begun_at <= ?
		OR d.legal_sent_at > 0 AND d.alarm <> ? AND d.legal_sent_at <= ?) ORDER BY d.begun_at, d.id LIMIT 1000`,
		NoAcceptance, NoDelivery, now.Add(-in.set.AcceptWithin), NoDelivery, now.Add(-in.set.ArriveWithin)).Scan(ctx, &late)
	if err != nil {
		return 0, fmt.Errorf("look for missing receipts: %w", err)
	}
	marked := 0
	for _, x := range late {
		err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			done, err := in.alarm(ctx, tx, x.ID, x.Cause)
			if done {
				tx.After(func() { marked++ })
			}
			return err
		})
		if err != nil {
			return marked, fmt.Errorf("missing receipt of delivery %d: %w", x.ID, err)
		}
	}
	return marked, nil
}

// alarm marks one delivery, as it is now, and its case.
func (in *Inbox) alarm(ctx context.Context, tx *db.Tx, id int64, cause string) (bool, error) {
	q := "UPDATE deliveries SET alarm = ?, dealt_at = 0, updated_at = ? WHERE id = ? AND alarm <> ? AND state IN ('accepted','sent','unknown') AND "
	if cause == NoAcceptance {
		q += "legal_sent_at = 0 AND alarm = ''"
	} else {
		q += "legal_sent_at > 0 AND legal_arrived_at = 0"
	}
	res, err := tx.NewRaw(q, cause, tx.Now, id, cause).Exec(ctx)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err // a receipt came in between
	}
	d := new(Delivery)
	if err := tx.NewSelect().Model(d).Where("d.id = ?", id).Scan(ctx); err != nil {
		return false, notFound(err)
	}
	return true, in.tellMissing(ctx, tx, d)
}

// tellMissing tells the case which receipt is missing. What a robot sent is only
// noted, as with failures.
func (in *Inbox) tellMissing(ctx context.Context, tx *db.Tx, d *Delivery) error {
	m := new(Message)
	err := tx.NewSelect().Model(m).Column("id", "case_id", "citizen_id", "operator_id", "origin").Where("m.id = ?", d.MessageID).Scan(ctx)
	if err != nil {
		return notFound(err)
	}
	var others int
	err = tx.NewRaw("SELECT count(*) FROM deliveries WHERE message_id = ? AND alarm = ? AND id <> ?", m.ID, d.Alarm, d.ID).Scan(ctx, &others)
	if err != nil {
		return err
	}
	var events []Event
	if others == 0 { // one alarm for a cause, not one for each recipient (mail rule 90)
		e := NewEvent(tx, in.clock, "delivery."+d.Alarm, map[string]any{
			"delivery": d.ID, "account": d.AccountID, "author": m.OperatorID, "minutes": int(tx.Now.Sub(since(d)).Minutes()),
		})
		e.MessageID, e.CitizenID = m.ID, m.CitizenID
		events = append(events, e)
	}
	if m.CaseID == 0 {
		return AppendEvents(ctx, tx, events...)
	}
	c, err := in.lockRoot(ctx, tx, m.CaseID)
	if err != nil {
		return err
	}
	if m.Origin == FromOperator {
		c.Failed, c.Unread = true, true
	}
	return in.saveCase(ctx, tx, Viewer{}, c, events)
}

// since is from when on a receipt of a delivery is awaited.
func since(d *Delivery) clock.Instant {
	if d.LegalSentAt > 0 {
		return d.LegalSentAt
	}
	return d.BegunAt
}
