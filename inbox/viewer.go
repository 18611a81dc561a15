package inbox

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// Viewer is who asks. The zero Viewer sees nothing. System is for jobs.
//
// Who sees a case: the members of its office; the members of an office that has
// or had a hand in it (case_offices); and whoever works in a front office,
// unless the owning office is reserved (social services, police). A head sees
// what the offices they head see; an administrator sees no contents by being
// administrator (docs/decisions.md).
type Viewer struct {
	OperatorID int64
	Name       string
	Offices    []int64 // those the operator belongs to, by any role
	FrontDesk  bool    // works in a front office, or at reception
	Admin      bool
	System     bool
}

// Member reports whether the viewer belongs to the office.
func (v Viewer) Member(office int64) bool { return slices.Contains(v.Offices, office) }

// visible is the condition on cases, under the alias given, that holds for what
// the viewer may see.
func visible(v Viewer, alias string) (where string, args []any) {
	if v.System {
		return "1 = 1", nil
	}
	var ways []string
	if len(v.Offices) > 0 {
		marks, ids := db.In(v.Offices)
		ways = append(ways, alias+".office_id IN ("+marks+")",
			"EXISTS (SELECT 1 FROM case_offices AS co WHERE co.case_id = "+alias+".id AND co.office_id IN ("+marks+"))")
		args = append(append(args, ids...), ids...)
	}
	if v.FrontDesk {
		ways = append(ways, alias+".office_id IN (SELECT id FROM offices WHERE NOT reserved)")
	}
	if len(ways) == 0 {
		return "1 = 0", nil
	}
	return "(" + strings.Join(ways, " OR ") + ")", args
}

// visibleCases narrows a query over cases (alias c) to what the viewer may see.
func visibleCases(q *bun.SelectQuery, v Viewer) *bun.SelectQuery {
	where, args := visible(v, "c")
	return q.Where(where, args...)
}

// findCase reads a case that the viewer may see; ErrNotFound otherwise, so that
// guessing a number tells nothing.
func findCase(ctx context.Context, a db.Asker, v Viewer, id int64) (*Case, error) {
	return askCase(ctx, a, v, "c.id = ?", id)
}

// askCase is findCase by any key of the table.
func askCase(ctx context.Context, a db.Asker, v Viewer, key string, args ...any) (*Case, error) {
	where, ids := visible(v, "c")
	c, err := db.AskOne[Case](ctx, a, "SELECT c.* FROM cases AS c WHERE "+key+" AND "+where, append(args, ids...))
	return c, notFound(err)
}

// CaseByRef finds a case by the number that people say.
func (in *Inbox) CaseByRef(ctx context.Context, v Viewer, ref string) (*Case, error) {
	year, number, ok := ParseRef(ref)
	if !ok {
		return nil, ErrNotFound
	}
	return askCase(ctx, in.db, v, "c.year = ? AND c.number = ?", year, number)
}

// CaseByID finds a case that the viewer may see.
func (in *Inbox) CaseByID(ctx context.Context, v Viewer, id int64) (*Case, error) {
	return findCase(ctx, in.db, v, id)
}

// event makes an event done by the viewer.
func (v Viewer) event(e Event) Event {
	if v.OperatorID > 0 {
		e.Actor, e.OperatorID = "operator", v.OperatorID
	}
	return e
}
