package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/db"
)

// What the marks of a case say of the remarks in it and in all that was put into it: that
// one is left to look at, and that a sender was found to be false (mail rule 51). They
// stand in a statement about cases.
const (
	remarked = `EXISTS (SELECT 1 FROM lookalikes AS l WHERE l.alarm AND l.case_id IN (
		WITH RECURSIVE kin(id) AS (SELECT cases.id UNION SELECT f.id FROM cases AS f JOIN kin ON f.merged_into = kin.id WHERE f.merged_into > 0)
		SELECT id FROM kin) AND l.decision = `
	leftToLook  = remarked + "'')"
	calledFalse = remarked + "'false')"
)

// ownDoubts sets the marks about senders from the remarks.
func ownDoubts(ctx context.Context, tx *db.Tx, c *Case) error {
	err := tx.NewRaw("SELECT "+leftToLook+", "+calledFalse+" FROM cases WHERE id = ?", c.ID).Scan(ctx, &c.Suspect, &c.CalledFalse)
	if err != nil {
		return fmt.Errorf("look for remarks on senders: %w", err)
	}
	return nil
}

// refreshSuspects marks the cases of an address anew, and those into which they were put.
// c is locked, written and told of by the caller; of the others only those are in which something
// changes.
func (in *Inbox) refreshSuspects(ctx context.Context, tx *db.Tx, identityID int64, c *Case) error {
	var changed []*Case
	err := tx.NewRaw(`UPDATE cases SET version = version + 1, suspect = `+leftToLook+`, called_false = `+calledFalse+` WHERE id IN (
			WITH RECURSIVE above(id) AS (SELECT case_id FROM lookalikes WHERE identity_id = ?
				UNION SELECT m.merged_into FROM cases AS m JOIN above ON m.id = above.id WHERE m.merged_into > 0)
			SELECT id FROM above) AND (suspect <> `+leftToLook+` OR called_false <> `+calledFalse+`)
		RETURNING id, office_id, version`, identityID).Scan(ctx, &changed)
	if err != nil {
		return fmt.Errorf("judge a lookalike: %w", err)
	}
	for _, other := range changed {
		if other.ID != c.ID {
			in.publishCase(tx, other, "changed")
		}
	}
	return ownDoubts(ctx, tx, c)
}
