package inbox

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/clock"
	"filodiretto/internal/textfold"
)

// filter narrows a query over cases (alias c) by the operators of a search.
// Several of one kind mean any of them.
func (in *Inbox) filter(ctx context.Context, v Viewer, q *bun.SelectQuery, search textfold.Query) (*bun.SelectQuery, error) {
	groups := map[textfold.Op][]condition{}
	for _, f := range search.Filters {
		c, err := in.condition(ctx, v, f)
		if err != nil {
			return nil, err
		}
		if f.Not {
			q = q.Where("NOT ("+c.sql+")", c.args...)
		} else {
			groups[f.Op] = append(groups[f.Op], c)
		}
	}
	for _, any := range groups {
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for _, c := range any {
				q = q.WhereOr("("+c.sql+")", c.args...)
			}
			return q
		})
	}
	return q, nil
}

type condition struct {
	sql  string
	args []any
}

func (in *Inbox) condition(ctx context.Context, v Viewer, f textfold.Filter) (condition, error) {
	is := func(sql string, args ...any) (condition, error) { return condition{sql, args}, nil }
	switch f.Op {
	case textfold.OpFrom, textfold.OpCF:
		hits, err := in.SearchCitizens(ctx, v, f.Value, 200)
		if err != nil {
			return condition{}, err
		}
		if len(hits) == 0 {
			return is("1 = 0")
		}
		roots := make([]int64, len(hits))
		for i, h := range hits {
			roots[i] = h.ID
		}
		return is("c.citizen_id IN (SELECT id FROM citizens WHERE root_id IN (?))", bun.List(roots))
	case textfold.OpOffice:
		return is("c.office_id IN (SELECT id FROM offices WHERE key = ? OR lower(name) LIKE ?)", f.Value, "%"+strings.ToLower(f.Value)+"%")
	case textfold.OpKind:
		return is("c.kind = ?", f.Value)
	case textfold.OpChannel:
		return is("c.channel = ?", f.Value)
	case textfold.OpStatus:
		return is("c.status = ?", f.Value)
	case textfold.OpDue:
		return in.dueCondition(f)
	case textfold.OpNumber:
		if y, n, ok := ParseRef(f.Value); ok {
			return is("c.year = ? AND c.number = ?", y, n)
		}
		return is("CAST(c.number AS TEXT) = ?", strings.TrimLeft(f.Value, "0"))
	case textfold.OpHas:
		return is("EXISTS (SELECT 1 FROM messages AS hm WHERE hm.case_id = c.id AND hm.parts > 0)")
	case textfold.OpBefore:
		return is("c.last_at < ?", in.midnight(f.Day))
	case textfold.OpAfter:
		return is("c.last_at >= ?", in.midnight(f.Day))
	}
	return is("1 = 1")
}

func (in *Inbox) dueCondition(f textfold.Filter) (condition, error) {
	now := in.clock.Now()
	today := textfold.DayOf(now.Time().In(in.set.Zone))
	between := func(from, to textfold.Day) (condition, error) {
		return condition{"c.due_at > 0 AND c.due_at >= ? AND c.due_at < ?", []any{in.midnight(from), in.midnight(to)}}, nil
	}
	switch {
	case !f.Day.IsZero():
		return between(f.Day, f.Day.Add(1))
	case f.Value == "today":
		return between(today, today.Add(1))
	case f.Value == "tomorrow":
		return between(today.Add(1), today.Add(2))
	case f.Value == "week":
		return between(today, today.Add(7))
	case f.Value == "overdue":
		return condition{"c.due_at > 0 AND c.due_at < ? AND c.status IN ('open','waiting')", []any{now}}, nil
	default:
		return condition{"c.due_at = 0", nil}, nil
	}
}

// midnight is the first instant of a day in the municipality's zone.
func (in *Inbox) midnight(d textfold.Day) clock.Instant {
	return clock.At(d.Time(in.set.Zone).In(time.UTC))
}
