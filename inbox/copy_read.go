package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// arrivals tells of messages by which further mailboxes of ours they came, each once, in
// the order of time. What came by a mailbox that the mail does not name is told to the
// members of its office alone: whoever sent a blind copy told nobody else.
func (in *Inbox) arrivals(ctx context.Context, v Viewer, messages []*Message) error {
	at := map[int64]*Message{}
	var ids []int64
	for _, m := range messages {
		if m.Direction == In && isMail(m.Channel) {
			ids, at[m.ID] = append(ids, m.ID), m
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		MessageID int64
		Arrival
	}
	of, args := db.In(ids)
	err := in.db.Ask(ctx, `SELECT cp.message_id, cp.account_id, COALESCE(a.name, '') AS account, cp.office_id, cp.at, cp.blind
		FROM copies AS cp JOIN messages AS m ON m.id = cp.message_id LEFT JOIN accounts AS a ON a.id = cp.account_id
		WHERE cp.message_id IN (`+of+`) AND cp.account_id <> m.account_id ORDER BY cp.message_id, cp.at, cp.raw_id`, args, &rows)
	if err != nil {
		return fmt.Errorf("by which mailboxes messages came: %w", err)
	}
	for _, r := range rows {
		m := at[r.MessageID]
		if r.Blind && !v.System && !v.Member(r.OfficeID) || slices.ContainsFunc(m.Also, func(a Arrival) bool { return a.AccountID == r.AccountID }) {
			continue
		}
		m.Also = append(m.Also, r.Arrival)
	}
	return nil
}

// CameToo reports whether a case, which the viewer may see, stands in ViewCopied.
func (in *Inbox) CameToo(ctx context.Context, v Viewer, c *Case) (bool, error) {
	if len(v.Offices) == 0 || v.Member(c.OfficeID) {
		return false, nil
	}
	of, args := db.In(v.Offices)
	var came bool
	err := in.db.Ask(ctx, "SELECT EXISTS (SELECT 1 FROM case_offices WHERE case_id = ? AND office_id IN ("+of+") AND listed_at <> 0)", append([]any{c.ID}, args...), &came)
	if err != nil {
		return false, fmt.Errorf("did a case come to the viewer's offices too: %w", err)
	}
	return came, nil
}

// toldOf is the condition on events of cases, under the alias given, that holds for what
// the viewer is told: of a blind copy the members of the office that got it.
func toldOf(v Viewer, alias string) (where string, args []any) {
	if v.System {
		return "1 = 1", nil
	}
	of, args := db.In(v.Offices)
	return "(" + alias + ".kind <> '" + eventCopiedBlind + "' OR " + alias + ".office_id IN (" + of + "))", args
}

// sawCopied notes for the offices of who reads a case, the owner's apart, that one of
// them has seen what came to them too (mail rule 27), there and on the cases that were
// put into it, which stand on the same page. What is dealt with then leaves ViewCopied.
func sawCopied(ctx context.Context, tx *db.Tx, v Viewer, r read) error {
	offices := slices.DeleteFunc(slices.Clone(v.Offices), func(id int64) bool { return id == r.officeID })
	if len(offices) == 0 {
		return nil
	}
	_, err := tx.NewRaw("UPDATE case_offices SET seen_at = ?, listed_at = CASE WHEN live THEN listed_at ELSE 0 END WHERE case_id IN "+family+" AND office_id IN (?) AND copied_at <> 0 AND seen_at = 0",
		tx.Now, r.caseID, bun.List(offices)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("note that an office saw what came to it too: %w", err)
	}
	return nil
}
