package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/db"
)

// UndoJudgement takes back what somebody said of a remark (JudgeLookalike): it is open
// again wherever that counted, and a sender who was held for it is not held any more;
// one who was held before stays so. ErrChanged when nothing was said.
func (in *Inbox) UndoJudgement(ctx context.Context, v Viewer, caseID, id int64) (*Case, error) {
	lock := func(ctx context.Context, tx *db.Tx) error { return lockDoubted(ctx, tx, id) }
	return in.changeAfter(ctx, v, caseID, 0, lock, func(ctx context.Context, tx *db.Tx, c *Case) ([]Event, error) {
		if err := mayWork(v, c); err != nil {
			return nil, err
		}
		l := new(Lookalike)
		if err := tx.NewSelect().Model(l).Where("l.id = ? AND l.case_id IN "+family, id, c.ID).Scan(ctx); err != nil {
			return nil, notFound(err)
		}
		if l.Decision == "" {
			return nil, ErrChanged
		}
		_, err := tx.NewRaw("UPDATE lookalikes SET decision = '', decided_by = 0, decided_at = 0 WHERE identity_id = ? AND kind = ? AND about_id = ? AND decision = ? AND decided_at = ?",
			l.IdentityID, l.Kind, l.AboutID, l.Decision, l.DecidedAt).Exec(ctx)
		if err != nil {
			return nil, fmt.Errorf("undo a judgement: %w", err)
		}
		if err := in.freeJudged(ctx, tx, v, l); err != nil {
			return nil, err
		}
		if err := in.refreshSuspects(ctx, tx, l.IdentityID, c); err != nil {
			return nil, err
		}
		return []Event{NewEvent(tx, in.clock, "lookalike.undone", map[string]any{"kind": l.Kind, "about": l.AboutID, "identity": l.IdentityID, "was": l.Decision})}, nil
	})
}

// freeJudged ends the hold that the very judgement began.
func (in *Inbox) freeJudged(ctx context.Context, tx *db.Tx, v Viewer, l *Lookalike) error {
	if l.Decision != "false" || l.Kind == "forged" {
		return nil
	}
	id, err := findIdentity(ctx, tx, l.IdentityID)
	if err != nil {
		return err
	}
	_, err = in.freeBegun(ctx, tx, v, "hs.kind = ? AND hs.value = ? AND hs.reason = 'lookalike' AND hs.by_operator = ? AND hs.at = ?", id.Kind, id.Value, l.DecidedBy, l.DecidedAt)
	return err
}
