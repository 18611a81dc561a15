package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// failure is a delivery that ended badly, or in doubt.
type failure struct {
	delivery *Delivery
	state    State
	class    channels.Class
	code     string
	rawID    int64 // the report that says so
}

// tellFailure tells the author and the office (mail rule 63): the event names
// the author; an answer that will not arrive opens its case again, once, and
// marks it until a person has dealt with it. What a robot sent is only noted:
// nobody waits for it. Call it after the delivery's own row is changed.
func (in *Inbox) tellFailure(ctx context.Context, tx *db.Tx, f failure) error {
	d := f.delivery
	m := new(Message)
	err := tx.NewSelect().Model(m).Column("id", "case_id", "citizen_id", "operator_id", "origin").Where("m.id = ?", d.MessageID).Scan(ctx)
	if err != nil {
		return fmt.Errorf("tell a failure: %w", notFound(err))
	}
	kind := "delivery.failed"
	if f.state == Unknown {
		kind = "delivery.unknown"
	}
	e := NewEvent(tx, in.clock, kind, map[string]any{
		"delivery": d.ID, "state": f.state, "class": f.class, "code": f.code, "author": m.OperatorID, "account": d.AccountID, "raw": f.rawID,
	})
	e.MessageID, e.CitizenID = m.ID, m.CitizenID
	if m.CaseID == 0 {
		return AppendEvents(ctx, tx, e)
	}
	c, err := in.lockRoot(ctx, tx, m.CaseID)
	if err != nil {
		return fmt.Errorf("tell a failure: %w", err)
	}
	events := []Event{e}
	if m.Origin == FromOperator {
		c.Failed, c.Unread = true, true
		if f.state.lost() && c.Status != Open {
			events = append(events, NewEvent(tx, in.clock, "case.reopened", map[string]any{"from": c.Status, "why": "not_delivered", "delivery": d.ID}))
			c.Status, c.ClosedAt, c.SnoozedUntil, c.Outcome = Open, 0, 0, ""
		}
	}
	if err := in.setLate(ctx, tx, c); err != nil {
		return err
	}
	return in.saveCase(ctx, tx, Viewer{}, c, events)
}

// lockRoot locks the case that people see for a case: itself, or the one it was
// merged into.
func (in *Inbox) lockRoot(ctx context.Context, tx *db.Tx, id int64) (*Case, error) {
	for {
		c, err := lockCase(ctx, tx, Viewer{System: true}, id)
		if err != nil || c.MergedInto == 0 {
			return c, err
		}
		id = c.MergedInto
	}
}

// family are a case and the cases that were merged into it, and into those in
// turn. UNION, and not UNION ALL, ends it whatever the rows say.
const family = "(WITH RECURSIVE kin(id) AS (SELECT CAST(? AS BIGINT) UNION SELECT f.id FROM cases AS f JOIN kin ON f.merged_into = kin.id WHERE f.merged_into > 0) SELECT id FROM kin)"

// refreshFlags takes the marks "not delivered" and "late" from a case when
// nothing is left that deserves them. It never sets the first one.
func (in *Inbox) refreshFlags(ctx context.Context, tx *db.Tx, caseID int64) error {
	if caseID == 0 {
		return nil
	}
	c, err := in.lockRoot(ctx, tx, caseID)
	if err != nil {
		return fmt.Errorf("refresh a case: %w", err)
	}
	failed, late := c.Failed, c.Delayed
	if err := in.setLate(ctx, tx, c); err != nil {
		return err
	}
	if c.Failed {
		n, err := openFailures(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		c.Failed = n > 0
	}
	if c.Failed == failed && c.Delayed == late {
		return nil
	}
	return in.saveCase(ctx, tx, Viewer{}, c, nil)
}

// openFailures counts the failures of a case that nobody has dealt with.
func openFailures(ctx context.Context, idb bun.IDB, caseID int64) (int, error) {
	var n int
	err := idb.NewRaw(`SELECT COUNT(*) FROM deliveries AS d JOIN messages AS m ON m.id = d.message_id
		WHERE d.case_id IN `+family+` AND (d.state IN ('failed', 'blocked', 'expired', 'unknown') OR d.alarm <> '') AND d.dealt_at = 0 AND m.origin = 'operator'`,
		caseID).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count failures: %w", err)
	}
	return n, nil
}

// setLate sets the mark "an answer has not left yet" as it is now.
func (in *Inbox) setLate(ctx context.Context, tx *db.Tx, c *Case) error {
	if !c.Delayed {
		return nil
	}
	n, err := lateAnswers(ctx, tx, c.ID)
	c.Delayed = n > 0
	return err
}

// lateAnswers counts the answers of a case that have not left for a while.
func lateAnswers(ctx context.Context, idb bun.IDB, caseID int64) (int, error) {
	var n int
	err := idb.NewRaw(`SELECT COUNT(*) FROM deliveries AS d WHERE d.case_id IN `+family+` AND d.state IN ('queued', 'sending') AND d.warned_at > 0`,
		caseID).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("look for late answers: %w", err)
	}
	return n, nil
}

// markIdentity keeps what a refusal says about an address, with its evidence.
// A block is the citizen's decision and is kept as such (channels 11.5); an
// address that does not exist is bad until badFor has passed, or until
// something comes from it (mail rule 60).
func (in *Inbox) markIdentity(ctx context.Context, tx *db.Tx, d *Delivery, o *outcome) error {
	if o.identity == "blocked" {
		return in.setConsentOf(ctx, tx, d.IdentityID, Consent{Action: Block, How: "refused", Channel: d.Kind, CaseID: d.CaseID, MessageID: d.MessageID})
	}
	return in.markBad(ctx, tx, d, o.identity, "delivery:"+o.code, 0)
}

func (in *Inbox) markBad(ctx context.Context, tx *db.Tx, d *Delivery, status, evidence string, rawID int64) error {
	i := new(Identity)
	if err := tx.NewSelect().Model(i).Where("i.id = ?", d.IdentityID).Scan(ctx); err != nil {
		return notFound(err)
	}
	if i.Kind != d.Kind {
		return nil // most certified mailboxes refuse ordinary mail, and are not dead for it
	}
	if i.Status != "active" && i.Status != "opted_out" && i.Status != "bad" {
		return nil // what the citizen decided stays
	}
	i.Status, i.StatusAt, i.StatusUntil, i.StatusText = status, tx.Now, 0, evidence
	if status == "bad" {
		i.StatusUntil = tx.Now.Add(badFor)
	}
	if _, err := tx.NewUpdate().Model(i).Column("status", "status_at", "status_until", "status_text").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("mark an address: %w", err)
	}
	e := NewEvent(tx, in.clock, "identity."+status, map[string]any{"identity": i.ID, "delivery": d.ID, "evidence": evidence, "until": i.StatusUntil, "raw": rawID})
	e.CitizenID, e.CaseID, e.MessageID = i.CitizenID, d.CaseID, d.MessageID
	return AppendEvents(ctx, tx, e)
}
