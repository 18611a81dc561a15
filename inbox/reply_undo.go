package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// replyUndo is what a case was before an answer, kept in the event of the
// answer, so that taking it back leaves no trace on the case.
type replyUndo struct {
	Status       Status        `json:"status"`
	Assignee     int64         `json:"assignee"`
	Unread       bool          `json:"unread"`
	ClosedAt     clock.Instant `json:"closed_at"`
	SnoozedUntil clock.Instant `json:"snoozed_until"`
	Outcome      string        `json:"outcome"`
	Version      int64         `json:"version"` // of the case after the answer
}

// UndoReply takes an answer back within its undo time. All its deliveries are
// cancelled or none is: when one may have begun, it is ErrChanged and the
// answer stays. The text goes back into the operator's draft, and the message
// remains as an empty shell (mail rule 81b).
func (in *Inbox) UndoReply(ctx context.Context, v Viewer, messageID int64) (*Draft, error) {
	var out *Draft
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		m, c, err := in.lockAnswer(ctx, tx, v, messageID)
		if err != nil {
			return err
		}
		ds, err := in.cancelDeliveries(ctx, tx, m)
		if err != nil {
			return err
		}
		if out, err = in.backToDraft(ctx, tx, v, c, m, ds); err != nil {
			return err
		}
		if err := eraseShell(ctx, tx, m); err != nil {
			return err
		}
		return in.restoreCase(ctx, tx, v, c, m)
	})
	return out, err
}

// lockAnswer reads an answer for taking it back. Only its author may, and it is
// ErrChanged when it was taken back already.
func (in *Inbox) lockAnswer(ctx context.Context, tx *db.Tx, v Viewer, id int64) (*Message, *Case, error) {
	m := new(Message)
	if err := tx.NewSelect().Model(m).Where("m.id = ? AND m.direction = 'out' AND m.origin = 'operator'", id).Scan(ctx); err != nil {
		return nil, nil, notFound(err)
	}
	c, err := lockCase(ctx, tx, v, m.CaseID)
	if err != nil {
		return nil, nil, err
	}
	if err := tx.NewSelect().Model(m).WherePK().Scan(ctx); err != nil { // as it is now that the case is locked
		return nil, nil, notFound(err)
	}
	switch {
	case v.OperatorID == 0 || m.OperatorID != v.OperatorID:
		return nil, nil, ErrForbidden
	case m.ErasedAt > 0:
		return nil, nil, ErrChanged
	}
	return m, c, nil
}

// cancelDeliveries compares and sets: what is not queued, or due, has perhaps
// been claimed, and then nothing is cancelled.
func (in *Inbox) cancelDeliveries(ctx context.Context, tx *db.Tx, m *Message) ([]*Delivery, error) {
	var ds []*Delivery
	if err := tx.NewSelect().Model(&ds).Where("d.message_id = ?", m.ID).OrderExpr("d.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("take an answer back: %w", err)
	}
	res, err := tx.NewRaw("UPDATE deliveries SET state = 'cancelled', code = 'taken_back', updated_at = ? WHERE message_id = ? AND state = 'queued' AND attempts = 0 AND next_at > ?",
		tx.Now, m.ID, tx.Now).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("take an answer back: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || int(n) != len(ds) {
		if err != nil {
			return nil, fmt.Errorf("take an answer back: %w", err)
		}
		return nil, ErrChanged
	}
	rows := make([]*DeliveryEvent, len(ds))
	for i, d := range ds {
		rows[i] = &DeliveryEvent{ID: db.NewID(in.clock), DeliveryID: d.ID, At: tx.Now, State: Cancelled, Source: "operator", Code: "taken_back"}
	}
	return ds, insertAll(ctx, tx, rows)
}

// backToDraft gives the text and all choices back. What the operator has begun
// to write meanwhile stays, below.
func (in *Inbox) backToDraft(ctx context.Context, tx *db.Tx, v Viewer, c *Case, m *Message, ds []*Delivery) (*Draft, error) {
	choice := DraftChoice{AccountID: m.AccountID, Subject: strings.TrimSpace(subjectToken.ReplaceAllString(m.Subject, " "))}
	for _, d := range ds {
		r := Recipient{IdentityID: d.IdentityID, Confirmed: true}
		if d.IdentityID == 0 {
			r.Address, r.Display = d.Address, d.Display
		}
		if d.Role == "cc" {
			choice.Cc = append(choice.Cc, r)
		} else {
			choice.To = append(choice.To, r)
		}
	}
	var parts []*Part
	if err := tx.NewSelect().Model(&parts).Where("p.message_id = ?", m.ID).OrderExpr("p.ord").Scan(ctx); err != nil {
		return nil, fmt.Errorf("take an answer back: %w", err)
	}
	for _, p := range parts {
		choice.Files = append(choice.Files, FileRef{SHA256: p.SHA256, Name: p.Name, Type: p.Detected, Size: p.Size})
	}
	return changeDraft(ctx, tx, v, c.ID, ReplyDraft, func(d *Draft) error {
		body := m.Written()
		// A second click on "send" leaves the same text as a draft once more.
		if rest := strings.TrimSpace(d.Body); rest != "" && rest != strings.TrimSpace(body) {
			body += "\n\n" + d.Body
		}
		choice.Files = append(choice.Files, d.Choice.Files...)
		d.Body, d.Choice, d.Pen, d.Step = body, choice, "", 0 // no form has seen this text
		return nil
	})
}

// eraseShell empties a message that was taken back: the row stays, so that the
// timeline and the idempotency key still know of it.
func eraseShell(ctx context.Context, tx *db.Tx, m *Message) error {
	_, err := tx.NewRaw("UPDATE messages SET subject = '', text = '', html = '', markup = '', notes = 'taken_back', parts = 0, erased_at = ? WHERE id = ?", tx.Now, m.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("take an answer back: %w", err)
	}
	if _, err := tx.NewRaw("DELETE FROM parts WHERE message_id = ?", m.ID).Exec(ctx); err != nil {
		return fmt.Errorf("take an answer back: %w", err)
	}
	return unindex(ctx, tx, []int64{m.ID})
}

// restoreCase makes the case what it was, unless somebody changed it since.
func (in *Inbox) restoreCase(ctx context.Context, tx *db.Tx, v Viewer, c *Case, m *Message) error {
	var data string
	err := tx.NewRaw("SELECT data FROM events WHERE case_id = ? AND case_id > 0 AND message_id = ? AND kind = 'message.sent'", c.ID, m.ID).Scan(ctx, &data)
	if err != nil {
		return fmt.Errorf("take an answer back: %w", notFound(err))
	}
	var sent struct {
		Was replyUndo `json:"was"`
	}
	if err := json.Unmarshal([]byte(data), &sent); err != nil {
		return fmt.Errorf("take an answer back: %w", err)
	}
	if was := sent.Was; was.Version == c.Version {
		c.Status, c.AssigneeID, c.Unread, c.Outcome = was.Status, was.Assignee, was.Unread, was.Outcome
		c.ClosedAt, c.SnoozedUntil = was.ClosedAt, was.SnoozedUntil
	}
	if c.LastMessageID == m.ID {
		if err := lastMessage(ctx, tx, c); err != nil {
			return err
		}
	}
	e := NewEvent(tx, in.clock, "message.taken_back", nil)
	e.MessageID = m.ID
	return in.saveCase(ctx, tx, v, c, []Event{e})
}

// lastMessage sets the facts of the newest message that is not erased.
func lastMessage(ctx context.Context, tx *db.Tx, c *Case) error {
	last := new(Message)
	err := tx.NewSelect().Model(last).Column("id", "at", "channel", "direction", "certified", "text").
		Where("m.case_id IN "+family+" AND m.direction <> 'note' AND m.origin <> 'automation' AND m.erased_at = 0", c.ID).
		OrderExpr("m.at DESC, m.id DESC").Limit(1).Scan(ctx)
	if err = notFound(err); err == ErrNotFound {
		c.LastMessageID, c.Snippet = 0, ""
		return nil
	} else if err != nil {
		return fmt.Errorf("find the last message: %w", err)
	}
	c.LastMessageID, c.LastAt, c.Channel, c.Snippet = last.ID, last.At, last.ShownChannel(), snippet(last.Text)
	return nil
}
