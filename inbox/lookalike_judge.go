package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/db"
)

// lookalikesOf are the remarks on the senders of the cases' messages, but for those
// about the person that the sender turned out to be.
func (in *Inbox) lookalikesOf(ctx context.Context, caseIDs []int64) (map[int64][]Lookalike, error) {
	var rows []Lookalike
	of, args := db.In(caseIDs)
	err := in.db.Ask(ctx, `SELECT l.* FROM lookalikes AS l WHERE l.case_id IN (`+of+`) AND NOT (l.kind = 'citizen' AND EXISTS (
			SELECT 1 FROM identities AS i JOIN citizens AS z ON z.id = i.citizen_id JOIN citizens AS y ON y.id = l.about_id
			WHERE i.id = l.identity_id AND z.root_id = y.root_id)) ORDER BY l.id`, args, &rows)
	if err != nil {
		return nil, fmt.Errorf("lookalikes of a case: %w", err)
	}
	out := map[int64][]Lookalike{}
	for _, l := range rows {
		out[l.MessageID] = append(out[l.MessageID], l)
	}
	return out, nil
}

// JudgeLookalike says of a remark that a person has looked: the sender is who they
// say (fine), or is not. It counts for all messages of that address, and a false
// one is held from then on (mail rule 22); but of one that our mail server takes for
// forged ("forged") it counts for that message alone, since the address is somebody
// else's. ErrChanged when it was decided.
func (in *Inbox) JudgeLookalike(ctx context.Context, v Viewer, caseID, id int64, fine bool) (*Case, error) {
	decision := "false"
	if fine {
		decision = "fine"
	}
	lock := func(ctx context.Context, tx *db.Tx) error { return lockDoubted(ctx, tx, id) }
	return in.changeAfter(ctx, v, caseID, 0, lock, func(ctx context.Context, tx *db.Tx, c *Case) ([]Event, error) {
		if err := mayWork(v, c); err != nil {
			return nil, err
		}
		l := new(Lookalike)
		if err := tx.NewSelect().Model(l).Where("l.id = ? AND l.case_id IN "+family, id, c.ID).Scan(ctx); err != nil {
			return nil, notFound(err)
		}
		if l.Decision != "" {
			return nil, ErrChanged
		}
		_, err := tx.NewRaw("UPDATE lookalikes SET decision = ?, decided_by = ?, decided_at = ? WHERE identity_id = ? AND kind = ? AND about_id = ? AND decision = ''",
			decision, v.OperatorID, tx.Now, l.IdentityID, l.Kind, l.AboutID).Exec(ctx)
		if err != nil {
			return nil, fmt.Errorf("judge a lookalike: %w", err)
		}
		if !fine && l.Kind != "forged" {
			if err := in.holdIdentity(ctx, tx, v, l.IdentityID, c.OfficeID); err != nil {
				return nil, err
			}
		}
		if err := in.refreshSuspects(ctx, tx, l.IdentityID, c); err != nil {
			return nil, err
		}
		return []Event{NewEvent(tx, in.clock, "lookalike."+decision, map[string]any{"kind": l.Kind, "about": l.AboutID, "identity": l.IdentityID})}, nil
	})
}
