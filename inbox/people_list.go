package inbox

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// NewestPeople are the persons whose record began last, from before a root's id
// (0 for the newest), with their identities. next is 0 at the end.
func (in *Inbox) NewestPeople(ctx context.Context, v Viewer, before int64, limit int) (people []PersonSummary, next int64, err error) {
	if !v.mayOpenFiles() {
		return nil, 0, nil
	}
	limit = max(1, min(limit, 100))
	var roots []int64
	q := in.db.Read.NewSelect().Table("citizens").Column("id").Where("id = root_id").OrderExpr("id DESC").Limit(int64(limit) + 1)
	if before > 0 {
		q = q.Where("id < ?", before)
	}
	if err := q.Scan(ctx, &roots); err != nil {
		return nil, 0, fmt.Errorf("list persons: %w", err)
	}
	if len(roots) > limit {
		roots = roots[:limit]
		next = roots[limit-1]
	}
	people, err = in.summaries(ctx, roots)
	return people, next, err
}

// summaries reads persons by their roots, with their identities, in that order.
func (in *Inbox) summaries(ctx context.Context, roots []int64) ([]PersonSummary, error) {
	if len(roots) == 0 {
		return nil, nil
	}
	_, byRoot, err := loadSummaries(ctx, in.db.Read, roots)
	if err != nil {
		return nil, fmt.Errorf("list persons: %w", err)
	}
	ids, err := identitiesOf(ctx, in.db.Read, roots)
	if err != nil {
		return nil, fmt.Errorf("list persons: %w", err)
	}
	out := make([]PersonSummary, 0, len(roots))
	for _, root := range roots {
		p, ok := byRoot[root]
		if !ok {
			continue // merged away meanwhile
		}
		p.Identities = ids[root]
		out = append(out, p)
	}
	return out, nil
}

// PersonSummary is one person in a few words, found by any of its rows.
func (in *Inbox) PersonSummary(ctx context.Context, v Viewer, id int64) (*PersonSummary, error) {
	root, err := in.openFile(ctx, v, id)
	if err != nil {
		return nil, err
	}
	list, err := in.summaries(ctx, []int64{root})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNotFound
	}
	return &list[0], nil
}

// PersonFacts is what a list of persons says of each one's cases: of those that
// the viewer may see.
type PersonFacts struct {
	Open int
	Due  clock.Instant // the nearest term of the open ones
	Last clock.Instant // newest contact
}

// PeopleFacts reads the facts of persons by their roots.
func (in *Inbox) PeopleFacts(ctx context.Context, v Viewer, roots []int64) (map[int64]PersonFacts, error) {
	out := make(map[int64]PersonFacts, len(roots))
	if len(roots) == 0 {
		return out, nil
	}
	q := in.db.Read.NewSelect().TableExpr("citizens AS z").Join("JOIN cases AS c ON c.citizen_id = z.id").
		ColumnExpr("z.root_id, c.status, min(CASE WHEN c.due_at > 0 THEN c.due_at END) AS due, max(c.last_at) AS last, count(*) AS n").
		Where("z.root_id IN (?) AND c.merged_into = 0", bun.List(roots)).GroupExpr("z.root_id, c.status")
	var rows []struct {
		RootID int64
		Status Status
		Due    *clock.Instant
		Last   clock.Instant
		N      int
	}
	if err := visibleCases(q, v).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("facts of persons: %w", err)
	}
	for _, r := range rows {
		f := out[r.RootID]
		f.Last = max(f.Last, r.Last)
		if r.Status != Closed {
			f.Open += r.N
			if r.Due != nil && (f.Due == 0 || *r.Due < f.Due) {
				f.Due = *r.Due
			}
		}
		out[r.RootID] = f
	}
	return out, nil
}

// VisitNote is a visit or a call in a few words.
type VisitNote struct {
	ID        int64
	CaseID    int64
	Year      int
	Number    int64
	AccountID int64
	Channel   string
	Subject   string
	Text      string
	Status    Status
	At        clock.Instant
}

// Ref is the number of its case.
func (n *VisitNote) Ref() string { return CaseRef(n.Year, n.Number) }

// visitFields are the columns of a VisitNote.
const visitFields = "m.id, m.case_id, c.year, c.number, m.account_id, m.channel, m.subject, substr(m.text, 1, 120) AS text, c.status, m.at"

func visitColumns(q *bun.SelectQuery) *bun.SelectQuery {
	return q.TableExpr("messages AS m").Join("JOIN cases AS c ON c.id = m.case_id").
		ColumnExpr(visitFields).
		Where("m.channel IN ('counter','phone') AND m.direction = 'in'")
}

// VisitsOf are the last visits and calls of a person whose rows are given, of
// those cases that the viewer may see.
func (in *Inbox) VisitsOf(ctx context.Context, v Viewer, p *Person, limit int) ([]VisitNote, error) {
	var out []VisitNote
	of, args := db.In(p.ids())
	may, offices := visible(v, "c")
	err := in.db.Ask(ctx, fmt.Sprintf(`SELECT %s FROM messages AS m JOIN cases AS c ON c.id = m.case_id
		WHERE m.channel IN ('counter','phone') AND m.direction = 'in' AND m.citizen_id IN (%s) AND %s ORDER BY m.at DESC, m.id DESC LIMIT %d`,
		visitFields, of, may, limit), append(args, offices...), &out)
	if err != nil {
		return nil, fmt.Errorf("visits of a person: %w", err)
	}
	return out, nil
}
