package router

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/textfold"
)

const mostConditions = 50

// CheckRule tells what is wrong with a rule, as SaveRule would, and stores nothing.
func (r *Router) CheckRule(ctx context.Context, v inbox.Viewer, rule Rule) error {
	dir, err := r.mayRule(ctx, v)
	if err != nil {
		return err
	}
	return rule.Definition.check(dir)
}

// check tells what is wrong with a definition, naming the member.
func (d Definition) check(dir *Directory) error {
	if len(d.All)+len(d.Any) > mostConditions {
		return &inbox.InvalidError{Field: "conditions", Code: "too_many"}
	}
	for i, c := range slices.Concat(d.All, d.Any) {
		if code := c.check(dir); code != "" {
			return &inbox.InvalidError{Field: fmt.Sprintf("conditions.%d", i), Code: code}
		}
	}
	return d.Actions.check(dir)
}

func (c Condition) check(dir *Directory) string {
	switch {
	case !slices.Contains(Fields, c.Field):
		return "unknown_field"
	case !slices.Contains(Ops(c.Field), c.Op):
		return "unknown_op"
	case strings.TrimSpace(c.Value) == "":
		return "value_required"
	}
	switch c.Field {
	case FieldWords, FieldSubject:
		if len(textfold.Words(c.Value)) == 0 {
			return "only_common_words"
		}
	case FieldKind:
		if !slices.Contains(inbox.CaseKinds, inbox.CaseKind(c.Value)) {
			return "unknown_kind"
		}
	case FieldHour:
		if _, _, ok := hours(c.Value); !ok {
			return "bad_hours"
		}
	case FieldDay:
		if _, ok := days(c.Value); !ok {
			return "bad_days"
		}
	case FieldFiles:
		if n, err := strconv.Atoi(c.Value); err != nil || n < 1 {
			return "bad_number"
		}
	}
	return ""
}

func (a Actions) check(dir *Directory) error {
	bad := func(field, code string) error { return &inbox.InvalidError{Field: "actions." + field, Code: code} }
	switch {
	case a.Office != "" && dir.OfficeByKey(a.Office) == nil:
		return bad("office", "unknown")
	case a.Kind != "" && !slices.Contains(inbox.CaseKinds, inbox.CaseKind(a.Kind)):
		return bad("kind", "unknown")
	case a.Priority != nil && (*a.Priority < 0 || *a.Priority > 2):
		return bad("priority", "unknown")
	case a.DueDays < 0 || a.DueDays > 3650:
		return bad("due_days", "out_of_range")
	case a.Assignee != "" && a.Assignee != RoundRobin && dir.operatorByLogin(a.Assignee) == nil:
		return bad("assignee", "unknown")
	case a == Actions{}:
		return bad("", "required")
	}
	return nil
}

func (d *Directory) operatorByLogin(login string) *Operator {
	for i := range d.Operators {
		if o := &d.Operators[i]; o.Login == login && o.DisabledAt.IsZero() {
			return o
		}
	}
	return nil
}

// hours reads "8-14": from the first hour, before the second. "20-6" goes over midnight.
func hours(s string) (from, to int, ok bool) {
	a, b, found := strings.Cut(s, "-")
	from, err1 := strconv.Atoi(strings.TrimSpace(a))
	to, err2 := strconv.Atoi(strings.TrimSpace(b))
	return from, to, found && err1 == nil && err2 == nil && from >= 0 && from <= 23 && to >= 1 && to <= 24 && from != to
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// days reads "mon,tue" as a set indexed by time.Weekday.
func days(s string) (set [7]bool, ok bool) {
	for _, name := range strings.Split(s, ",") {
		i := slices.Index(dayNames, strings.ToLower(strings.TrimSpace(name)))
		if i < 0 {
			return set, false
		}
		set[i] = true
	}
	return set, true
}
