package register

import (
	"context"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/db"
)

// DueLine is a message that waits for its number.
type DueLine struct {
	inbox.Message
	Reason   string // ByChannel, ByRule, ByKind, ByOffice, or an operator's words
	SinceBy  int64
	Version  int64 `bun:"stand_version"`
	Year     int
	Number   int64
	OfficeID int64 // of the case
	CaseText string
	EntryID  int64 // of the annulled entry that it had
}

// Ref is the number of the case.
func (d *DueLine) Ref() string { return inbox.CaseRef(d.Year, d.Number) }

// DueCap is the number above which the count of what is due is told as "99+".
const DueCap = inbox.CountCap

// whose is the condition on what the viewer may register.
func whose(v inbox.Viewer) (where string, args []any) {
	where, args = v.SeesCases("c")
	if v.System || v.FrontDesk {
		return where, args
	}
	marks, ids := db.In(v.Offices)
	return where + " AND c.office_id IN (" + marks + ")", append(args, ids...)
}

const dueFrom = ` FROM register_states AS rs JOIN messages AS m ON m.id = rs.message_id JOIN cases AS c ON c.id = m.case_id
	WHERE rs.state = 'due' AND m.erased_at = 0 AND `

// DueList is what the viewer may register and nobody has, oldest first. after is the
// id of the last message of the page before, 0 for the first; next is 0 after the last.
func (r *Register) DueList(ctx context.Context, v inbox.Viewer, after int64, limit int) (list []*DueLine, next int64, err error) {
	if err := r.needReader(v); err != nil {
		return nil, 0, err
	}
	limit = max(1, min(limit, mostListed))
	where, args := whose(v)
	q := "SELECT " + db.Columns[inbox.Message](r.db, "m", "text", "html", "markup") + `, rs.reason, rs.since_by, rs.entry_id, rs.version AS stand_version, c.year, c.number, c.office_id, c.subject AS case_text` +
		dueFrom + where + fmt.Sprintf(" AND rs.message_id > ? ORDER BY rs.message_id LIMIT %d", limit+1)
	if err := r.db.Ask(ctx, q, append(args, after), &list); err != nil {
		return nil, 0, fmt.Errorf("what is due to the register: %w", err)
	}
	if len(list) > limit {
		list = list[:limit]
		next = list[limit-1].ID
	}
	return list, next, nil
}

// DueCount counts what the viewer may register and nobody has, up to one more than
// DueCap.
func (r *Register) DueCount(ctx context.Context, v inbox.Viewer) (n int, err error) {
	if err := r.needReader(v); err != nil {
		return 0, err
	}
	where, args := whose(v)
	err = r.db.Ask(ctx, fmt.Sprintf("SELECT count(*) FROM (SELECT 1"+dueFrom+where+" LIMIT %d) AS x", DueCap+1), args, &n)
	if err != nil {
		return 0, fmt.Errorf("count what is due to the register: %w", err)
	}
	return n, nil
}
