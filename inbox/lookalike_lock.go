package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/db"
)

// lockDoubted locks the cases whose marks change with what is said of a remark: those in
// which the same was remarked, and those into which they were put. It locks them in order
// of their ids as filing does, or the two would wait for each other. A warning that mail
// brings to one of them meanwhile is seen then: a statement that has begun does not see it.
func lockDoubted(ctx context.Context, tx *db.Tx, remark int64) error {
	if !tx.Postgres {
		return nil // the only writer
	}
	_, err := tx.NewRaw(`SELECT c.id FROM cases AS c WHERE c.id IN (
			WITH RECURSIVE above(id) AS (SELECT l.case_id FROM lookalikes AS r
					JOIN lookalikes AS l ON l.identity_id = r.identity_id AND l.kind = r.kind AND l.about_id = r.about_id WHERE r.id = ?
				UNION SELECT m.merged_into FROM cases AS m JOIN above ON m.id = above.id WHERE m.merged_into > 0)
			SELECT id FROM above) ORDER BY c.id FOR UPDATE OF c`, remark).Exec(ctx)
	if err != nil {
		return fmt.Errorf("lock the cases of a remark: %w", err)
	}
	return nil
}
