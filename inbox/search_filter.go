package inbox

import (
	"context"
	"encoding/json"
	"strconv"
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
	case opOnly:
		return is("c.id = ?", f.Value)
	case textfold.OpFrom, textfold.OpCF:
		p := peopleCondition(v, f.Value)
		return is("c.citizen_id IN ("+p.sql+")", p.args...)
	case textfold.OpTo:
		return in.toCondition(ctx, v, f.Value)
	case textfold.OpOffice:
		return is("c.office_id IN (SELECT id FROM offices WHERE key = ? OR lower(name) LIKE ?)", f.Value, "%"+strings.ToLower(f.Value)+"%")
	case textfold.OpAssigned:
		return assignedCondition(v, f.Value), nil
	case textfold.OpProcedure:
		return is("lower(c.procedure) LIKE ?", "%"+strings.ToLower(f.Value)+"%")
	case textfold.OpKind:
		return is("c.kind = ?", f.Value)
	case textfold.OpChannel:
		return is("c.channel = ?", f.Value)
	case textfold.OpStatus:
		return in.stateCondition(f.Value), nil
	case textfold.OpDue:
		return in.dueCondition(f), nil
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

// peopleCondition asks for the rows of all persons whom a text may mean: nobody
// for who may not open files.
func peopleCondition(v Viewer, text string) condition {
	terms := searchTerms(text)
	if !v.mayOpenFiles() || len(terms) == 0 {
		return condition{sql: "SELECT id FROM citizens WHERE 1 = 0"}
	}
	q := withWords("z.root_id", terms)
	return condition{"SELECT pz.id FROM citizens AS pz WHERE pz.root_id IN (" + q.sql + ")", q.args}
}

// toCondition holds for cases on which something was sent to a person or an
// address, or whose last message came by an account of ours of that name or
// address.
func (in *Inbox) toCondition(ctx context.Context, v Viewer, text string) (condition, error) {
	folded := strings.ToLower(strings.TrimSpace(text))
	p := peopleCondition(v, text)
	c := condition{
		`c.id IN (SELECT d.case_id FROM deliveries AS d WHERE d.address = ? AND d.case_id > 0)
			OR c.id IN (SELECT d.case_id FROM identities AS ti JOIN deliveries AS d ON d.address = ti.value AND d.kind = ti.kind AND d.scope = ti.scope
				WHERE d.case_id > 0 AND ti.citizen_id IN (` + p.sql + `))`,
		append([]any{folded}, p.args...),
	}
	ours, err := in.accountsNamed(ctx, folded)
	if err == nil && len(ours) > 0 {
		c.sql, c.args = c.sql+" OR c.account_id IN (?)", append(c.args, bun.List(ours))
	}
	return c, err
}

// accountsNamed are our accounts of a name or an address.
func (in *Inbox) accountsNamed(ctx context.Context, folded string) ([]int64, error) {
	list, err := in.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, a := range list {
		var set struct{ Address string }
		_ = json.Unmarshal([]byte(a.Settings), &set) // an account without settings has no address
		if a.Key == folded || strings.EqualFold(a.Name, folded) || strings.EqualFold(set.Address, folded) {
			out = append(out, a.ID)
		}
	}
	return out, nil
}

// assignedCondition holds for the cases of an operator: the viewer, nobody, or
// one by number or name.
func assignedCondition(v Viewer, who string) condition {
	switch who {
	case "me":
		return condition{"c.assignee_id = ? AND c.assignee_id > 0", []any{v.OperatorID}}
	case "none":
		return condition{"c.assignee_id = 0", nil}
	}
	if id, err := strconv.ParseInt(who, 10, 64); err == nil {
		return condition{"c.assignee_id = ?", []any{id}}
	}
	return condition{"c.assignee_id IN (SELECT id FROM operators WHERE login = ? OR lower(name) LIKE ?)", []any{who, "%" + strings.ToLower(who) + "%"}}
}

func (in *Inbox) stateCondition(state string) condition {
	switch state {
	case stateMerged:
		return condition{"c.merged_into > 0", nil}
	case stateUnread:
		return condition{"c.unread", nil}
	case stateFailed:
		return condition{"c.failed", nil}
	case stateOverdue:
		return in.overdue()
	}
	return condition{"c.status = ?", []any{state}}
}

func (in *Inbox) overdue() condition {
	return condition{"c.due_at > 0 AND c.due_at < ? AND c.status IN ('open','waiting')", []any{in.clock.Now()}}
}

// dueCondition holds for cases that are due within days of the calendar.
func (in *Inbox) dueCondition(f textfold.Filter) condition {
	today := textfold.DayOf(in.clock.Now().Time().In(in.set.Zone))
	from, to := f.Day, f.End
	switch f.Value {
	case "overdue":
		return in.overdue()
	case "none":
		return condition{"c.due_at = 0", nil}
	case "today":
		from, to = today, today.Add(1)
	case "tomorrow":
		from, to = today.Add(1), today.Add(2)
	case "week":
		from, to = today, today.Add(7)
	}
	c := condition{sql: "c.due_at > 0"}
	if !from.IsZero() {
		c.sql, c.args = c.sql+" AND c.due_at >= ?", append(c.args, in.midnight(from))
	}
	if !to.IsZero() {
		c.sql, c.args = c.sql+" AND c.due_at < ?", append(c.args, in.midnight(to))
	}
	return c
}

// midnight is the first instant of a day in the municipality's zone.
func (in *Inbox) midnight(d textfold.Day) clock.Instant {
	return clock.At(d.Time(in.set.Zone).In(time.UTC))
}
