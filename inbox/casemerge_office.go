package inbox

import (
	"context"
	"errors"
	"fmt"

	"filodiretto/internal/db"
)

// giveKin gives what was put into a case to its new office with it: it stands on the page
// of the case, and who may not see that any more must not read it on its own. As with the
// case, who had it had a hand in it. Events are those of the case.
func (in *Inbox) giveKin(ctx context.Context, tx *db.Tx, c *Case, events []Event) error {
	q := "SELECT c.id, c.office_id, c.version FROM cases AS c WHERE c.id IN " + family + " AND c.id <> ? AND c.office_id <> ? ORDER BY c.id"
	if tx.Postgres {
		q += " FOR UPDATE OF c"
	}
	var kin []*Case
	if err := tx.NewRaw(q, c.ID, c.ID, c.OfficeID).Scan(ctx, &kin); err != nil {
		return fmt.Errorf("what was put into a case: %w", err)
	}
	for _, k := range kin {
		_, err := tx.NewRaw(`INSERT INTO case_offices (case_id, office_id, since_at) VALUES (?, ?, ?)
			ON CONFLICT (case_id, office_id) DO UPDATE SET since_at = excluded.since_at WHERE case_offices.since_at = case_offices.copied_at`, k.ID, k.OfficeID, tx.Now).Exec(ctx)
		if err != nil {
			return fmt.Errorf("let an office see what was put into a case: %w", err)
		}
		k.OfficeID = c.OfficeID
		k.Version++
		if _, err := tx.NewRaw("UPDATE cases SET office_id = ?, assignee_id = 0, version = ? WHERE id = ?", k.OfficeID, k.Version, k.ID).Exec(ctx); err != nil {
			return fmt.Errorf("give what was put into a case: %w", err)
		}
		if err := unshare(ctx, tx, k); err != nil {
			return err
		}
		if _, err := tx.Send(ctx, in.classified(tx, k.ID, events)); err != nil {
			return fmt.Errorf("what must be registered: %w", err)
		}
		in.publishCase(tx, k, "changed")
	}
	return nil
}

// caseOf is the case by which the viewer may see a message: its own, or the one on whose
// page it stands since its own was put into that.
func (in *Inbox) caseOf(ctx context.Context, v Viewer, m *Message) (*Case, error) {
	c, err := findCase(ctx, in.db, v, m.CaseID)
	if !errors.Is(err, ErrNotFound) {
		return c, err
	}
	root, err := shownOn(ctx, in.db.Read, m.ID)
	if err != nil {
		return nil, err
	}
	return findCase(ctx, in.db, v, root)
}
