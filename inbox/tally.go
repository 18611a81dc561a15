package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/db"
)

// Tally is what waits for the viewer: cases that hold something which nobody
// of their office has read, and items in quarantine. Each is at most CountCap+1.
type Tally struct {
	Mine        int // unread, assigned to the viewer
	Office      int // unread, of the viewer's offices
	Unread      int // of either, each once
	Quarantined int
}

// Tally counts what every page of the staff tells, in one question that partial
// indexes answer.
func (in *Inbox) Tally(ctx context.Context, v Viewer) (Tally, error) {
	const unread = "unread AND status IN ('open','waiting')"
	seen, ids := visible(v, "cases")
	of, offices := db.In(v.Offices)
	held, more := quarantineOf(v)
	mine := append([]any{v.OperatorID}, ids...)
	// The orders change no count: they are those of the indexes, so that PostgreSQL
	// walks them instead of reading the table until it has met enough.
	q := fmt.Sprintf(`SELECT (SELECT count(*) FROM (SELECT 1 FROM cases WHERE assignee_id = ? AND assignee_id > 0 AND %[2]s AND %[1]s ORDER BY assignee_id, office_id, id LIMIT %[5]d) AS m),
		(SELECT count(*) FROM (SELECT 1 FROM cases WHERE office_id IN (%[3]s) AND %[2]s ORDER BY office_id, id LIMIT %[5]d) AS o),
		(SELECT count(*) FROM (SELECT 1 FROM cases WHERE assignee_id = ? AND assignee_id > 0 AND %[2]s AND office_id NOT IN (%[3]s) AND %[1]s ORDER BY assignee_id, office_id, id LIMIT %[5]d) AS e),
		(SELECT count(*) FROM (SELECT 1 FROM quarantine AS q WHERE q.state = 'waiting' AND %[4]s LIMIT %[5]d) AS h)`,
		seen, unread, of, held, CountCap+1)
	var args []any
	for _, part := range [][]any{mine, offices, {v.OperatorID}, offices, ids, more} {
		args = append(args, part...)
	}
	var w Tally
	var elsewhere int
	if err := in.db.Ask(ctx, q, args, &w.Mine, &w.Office, &elsewhere, &w.Quarantined); err != nil {
		return w, fmt.Errorf("count what waits: %w", err)
	}
	w.Unread = min(w.Office+elsewhere, CountCap+1)
	return w, nil
}
