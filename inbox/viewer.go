package inbox

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
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

// visibleCases narrows a query over cases (alias c) to what the viewer may see.
func visibleCases(q *bun.SelectQuery, v Viewer) *bun.SelectQuery {
	if v.System {
		return q
	}
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		if len(v.Offices) == 0 && !v.FrontDesk {
			return q.Where("1 = 0")
		}
		if len(v.Offices) > 0 {
			q = q.Where("c.office_id IN (?)", bun.List(v.Offices)).
				WhereOr("EXISTS (SELECT 1 FROM case_offices AS co WHERE co.case_id = c.id AND co.office_id IN (?))", bun.List(v.Offices))
		}
		if v.FrontDesk {
			q = q.WhereOr("c.office_id IN (SELECT id FROM offices WHERE NOT reserved)")
		}
		return q
	})
}

// findCase reads a case that the viewer may see; ErrNotFound otherwise, so that
// guessing a number tells nothing.
func findCase(ctx context.Context, db bun.IDB, v Viewer, id int64) (*Case, error) {
	c := new(Case)
	q := visibleCases(db.NewSelect().Model(c).Where("c.id = ?", id), v)
	if err := q.Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return c, nil
}

// CaseByRef finds a case by the number that people say.
func (in *Inbox) CaseByRef(ctx context.Context, v Viewer, ref string) (*Case, error) {
	year, number, ok := ParseRef(ref)
	if !ok {
		return nil, ErrNotFound
	}
	c := new(Case)
	q := visibleCases(in.db.Read.NewSelect().Model(c).Where("c.year = ? AND c.number = ?", year, number), v)
	if err := q.Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return c, nil
}

// CaseByID finds a case that the viewer may see.
func (in *Inbox) CaseByID(ctx context.Context, v Viewer, id int64) (*Case, error) {
	return findCase(ctx, in.db.Read, v, id)
}

// event makes an event done by the viewer.
func (v Viewer) event(e Event) Event {
	if v.OperatorID > 0 {
		e.Actor, e.OperatorID = "operator", v.OperatorID
	}
	return e
}
