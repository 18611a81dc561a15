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
	// walks them instead of reading the table until it has met enough. Where the
	// offices alone are over the cap, what is elsewhere changes nothing and is not
	// looked for: it would go through all that the viewer has.
	q := fmt.Sprintf(`SELECT m, o, h, CASE WHEN o > %[6]d THEN 0 ELSE
		(SELECT count(*) FROM (SELECT 1 FROM cases WHERE assignee_id = ? AND assignee_id > 0 AND %[2]s AND office_id NOT IN (%[3]s) AND %[1]s ORDER BY assignee_id, office_id, id LIMIT %[5]d) AS found) END
		FROM (SELECT (SELECT count(*) FROM (SELECT 1 FROM cases WHERE assignee_id = ? AND assignee_id > 0 AND %[2]s AND %[1]s ORDER BY assignee_id, office_id, id LIMIT %[5]d) AS found) AS m,
		(SELECT count(*) FROM (SELECT 1 FROM cases WHERE office_id IN (%[3]s) AND %[2]s ORDER BY office_id, id LIMIT %[5]d) AS found) AS o,
		(SELECT count(*) FROM (SELECT 1 FROM quarantine AS q WHERE q.state = 'waiting' AND %[4]s LIMIT %[5]d) AS found) AS h) AS w`,
		seen, unread, of, held, CountCap+1, CountCap)
	var args []any
	for _, part := range [][]any{{v.OperatorID}, offices, ids, mine, offices, more} {
		args = append(args, part...)
	}
	var w Tally
	var elsewhere int
	if err := in.db.Ask(ctx, q, args, &w.Mine, &w.Office, &w.Quarantined, &elsewhere); err != nil {
		return w, fmt.Errorf("count what waits: %w", err)
	}
	w.Unread = min(w.Office+elsewhere, CountCap+1)
	return w, nil
}
