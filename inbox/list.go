package inbox

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// View is a way of looking at the cases.
type View string

// The views. Those of an office look at all the offices of who asks.
const (
	ViewMine       View = "mine"
	ViewUnassigned View = "unassigned"
	ViewOffice     View = "office"
	ViewDueSoon    View = "due"
	ViewOverdue    View = "overdue"
	ViewComplaints View = "complaints"
	ViewCopied     View = "copied" // of other offices, whose mail came to a mailbox of the viewer's too
	ViewPEC        View = "pec"    // whose last message is a certified one
	ViewWaiting    View = "waiting"
	ViewSnoozed    View = "snoozed"
	ViewFailed     View = "failed"
	ViewClosed     View = "closed"
	ViewAll        View = "all" // what the front desk may see of every office
)

// Views are all views, in the order of the page.
var Views = []View{ViewMine, ViewUnassigned, ViewOffice, ViewDueSoon, ViewOverdue, ViewCopied, ViewPEC, ViewComplaints, ViewWaiting, ViewSnoozed, ViewFailed, ViewAll, ViewClosed}

// DueSoon is how far ahead a term is told as near.
const DueSoon = 72 * time.Hour

// CountCap is the number above which a count is told as "99+": counting further
// would make every page slower for a figure that changes nobody's work.
const CountCap = 99

// order of a view: by which column, and which way.
type order struct {
	column string
	asc    bool
}

var byLast = order{"last_at", false}

// condition is a view's WHERE, written so that a partial index of the schema
// answers it, and its order. That a term is set is said by <>, which is no bound of
// a range: SQLite, which knows nothing of how much lies where, would take "> 0" for
// one as good as the true one and walk all that is overdue.
func (vw View) condition(now clock.Instant) (where string, args []any, o order) {
	const live = "status IN ('open','waiting')"
	switch vw {
	case ViewUnassigned:
		return live + " AND assignee_id = 0", nil, byLast
	case ViewDueSoon:
		return live + " AND due_at <> 0 AND due_at >= ? AND due_at < ?", []any{now, now.Add(DueSoon)}, order{"due_at", true}
	case ViewOverdue:
		return live + " AND due_at <> 0 AND due_at < ?", []any{now}, order{"due_at", true}
	case ViewCopied:
		return "1 = 1", nil, byLast // the table of the view holds no other
	case ViewPEC:
		return live + " AND channel = 'pec'", nil, byLast
	case ViewComplaints:
		return live + " AND kind = 'complaint'", nil, byLast
	case ViewWaiting:
		return "status = 'waiting'", nil, byLast
	case ViewSnoozed:
		return "status = 'snoozed'", nil, order{"snoozed_until", true}
	case ViewFailed:
		return "failed", nil, byLast
	case ViewClosed:
		return "status = 'closed'", nil, byLast
	default: // office, all
		return live, nil, byLast
	}
}

// table is what a view walks, under the name of cases. Those that came to an office too
// are told by a row of that office: its index alone says which, in what order.
func (vw View) table() string {
	if vw == ViewCopied {
		return "(SELECT case_id AS id, office_id, owner_id, listed_at AS last_at FROM case_offices WHERE listed_at <> 0) AS cases"
	}
	return "cases"
}

// others narrows ViewCopied for who belongs to several offices: the cases of none of
// them, each once.
func others(v Viewer) (where string, args []any) {
	if len(v.Offices) < 2 {
		return "", nil
	}
	of, ids := db.In(v.Offices)
	return ` AND owner_id NOT IN (` + of + `)
		AND NOT EXISTS (SELECT 1 FROM case_offices AS co WHERE co.case_id = cases.id AND co.listed_at <> 0 AND co.office_id IN (` + of + `) AND co.office_id < cases.office_id)`,
		append(ids, ids...)
}

// Page is a piece of a list.
type Page struct {
	Cases []*Case
	Next  string // cursor of what follows, empty at the end
}

// List reads a piece of a view, newest (or most urgent) first. Its cost does
// not depend on how many cases there are nor on how far the cursor is: each
// office's index is entered at the cursor and the heads are merged.
func (in *Inbox) List(ctx context.Context, v Viewer, vw View, cursor string, limit int) (Page, error) {
	limit = max(1, min(limit, 200))
	offices, err := in.scope(ctx, v, vw)
	if err != nil {
		return Page{}, err
	}
	where, args, o := vw.condition(in.clock.Now())
	if cursor != "" {
		at, id, ok := decodeCursor(cursor)
		if !ok {
			return Page{}, &InvalidError{"cursor", "unreadable"}
		}
		cmp := "<"
		if o.asc {
			cmp = ">"
		}
		where += fmt.Sprintf(" AND (%s, id) %s (?, ?)", o.column, cmp)
		args = append(args, at, id)
	}
	cases, err := in.merged(ctx, v, vw, offices, where, args, o, limit+1)
	if err != nil {
		return Page{}, err
	}
	p := Page{Cases: cases}
	if len(cases) > limit {
		p.Cases = cases[:limit]
		last := p.Cases[limit-1]
		p.Next = encodeCursor(o.value(last), last.ID)
	}
	return p, nil
}

func (o order) value(c *Case) clock.Instant {
	switch o.column {
	case "due_at":
		return c.DueAt
	case "snoozed_until":
		return c.SnoozedUntil
	default:
		return c.LastAt
	}
}

func (o order) sql() string {
	if o.asc {
		return o.column + ", id"
	}
	return o.column + " DESC, id DESC"
}

// of is the order of a table that goes by an alias.
func (o order) of(alias string) string {
	if o.asc {
		return alias + "." + o.column + ", " + alias + ".id"
	}
	return alias + "." + o.column + " DESC, " + alias + ".id DESC"
}

// merged finds the first cases of each office in the view's index, merges them in
// the database, and reads those that remain.
func (in *Inbox) merged(ctx context.Context, v Viewer, vw View, offices []int64, where string, args []any, o order, limit int) ([]*Case, error) {
	var q strings.Builder
	var all []any
	fmt.Fprintf(&q, "SELECT c.* FROM (SELECT id FROM (")
	branch := func(scope string, id int64) {
		if len(all) > 0 {
			q.WriteString(" UNION ALL ")
		}
		fmt.Fprintf(&q, "SELECT * FROM (SELECT id, %s FROM %s WHERE %s = ? AND %s ORDER BY %s LIMIT %d) AS b%d", o.column, vw.table(), scope, where, o.sql(), limit, len(all))
		all = append(append(all, id), args...)
	}
	if vw == ViewMine {
		hand, ids := visible(v, "cases") // who leaves an office leaves its cases there
		where += " AND assignee_id > 0 AND " + hand
		args = append(args, ids...)
		branch("assignee_id", v.OperatorID)
	} else {
		if vw == ViewCopied {
			own, ids := others(v)
			where, args = where+own, append(args, ids...)
		}
		for _, office := range offices {
			branch("office_id", office)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	fmt.Fprintf(&q, ") AS found ORDER BY %s LIMIT %d) AS page JOIN cases AS c ON c.id = page.id ORDER BY %s", o.sql(), limit, o.of("c"))
	var rows []*Case
	err := in.db.Ask(ctx, q.String(), all, &rows)
	return rows, err
}

// scope is the offices whose cases a view shows.
func (in *Inbox) scope(ctx context.Context, v Viewer, vw View) ([]int64, error) {
	if vw != ViewAll {
		return v.Offices, nil
	}
	if !v.FrontDesk && !v.System {
		return v.Offices, nil
	}
	var open []int64
	err := in.db.Read.NewRaw("SELECT id FROM offices WHERE NOT reserved OR ? ORDER BY id", v.System).Scan(ctx, &open)
	if err != nil {
		return nil, err
	}
	for _, o := range v.Offices {
		found := false
		for _, x := range open {
			found = found || x == o
		}
		if !found {
			open = append(open, o)
		}
	}
	return open, nil
}

// Counts are the numbers beside the views, each at most CountCap+1.
func (in *Inbox) Counts(ctx context.Context, v Viewer) (map[View]int, error) {
	now := in.clock.Now()
	var q strings.Builder
	var args []any
	counted := []View{ViewMine, ViewUnassigned, ViewOffice, ViewDueSoon, ViewOverdue, ViewCopied, ViewPEC, ViewComplaints, ViewWaiting, ViewSnoozed, ViewFailed}
	q.WriteString("SELECT ")
	for i, vw := range counted {
		if i > 0 {
			q.WriteString(", ")
		}
		where, a, o := vw.condition(now)
		scope, ids := "office_id", v.Offices
		if vw == ViewMine {
			scope, ids = "assignee_id", []int64{v.OperatorID}
			hand, offices := visible(v, "cases")
			where, a = where+" AND assignee_id > 0 AND "+hand, append(a, offices...)
		}
		if vw == ViewCopied {
			own, more := others(v)
			where, a = where+own, append(a, more...)
		}
		// The order changes no count: it is that of the view's index, so that
		// PostgreSQL walks it instead of reading the table until it has met enough.
		of, mine := db.In(ids)
		fmt.Fprintf(&q, "(SELECT count(*) FROM (SELECT 1 FROM %s WHERE %s IN (%s) AND %s ORDER BY %s, %s LIMIT %d) AS n%d)", vw.table(), scope, of, where, scope, o.sql(), CountCap+1, i)
		args = append(append(args, mine...), a...)
	}
	n := make([]int, len(counted))
	dest := make([]any, len(counted))
	for i := range n {
		dest[i] = &n[i]
	}
	if err := in.db.Ask(ctx, q.String(), args, dest...); err != nil {
		return nil, err
	}
	out := make(map[View]int, len(counted))
	for i, vw := range counted {
		out[vw] = min(n[i], CountCap+1)
	}
	return out, nil
}

func encodeCursor(at clock.Instant, id int64) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", at, id))
}

func decodeCursor(s string) (at clock.Instant, id int64, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return 0, 0, false
	}
	n, err := fmt.Sscanf(string(b), "%d.%d", &at, &id)
	return at, id, err == nil && n == 2
}
