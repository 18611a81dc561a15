package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/router"
	"filodiretto/web/page"
)

// ruleWords says rules in words of one language, and reads such words back.
type ruleWords struct {
	c        *caller
	accounts []inbox.Account
	kinds    []string // of channels
	register bool     // there is one
}

func (s *Server) ruleWords(r *http.Request, c *caller) (*ruleWords, error) {
	list, err := s.Inbox.Accounts(r.Context())
	if err != nil {
		return nil, err
	}
	w := &ruleWords{c: c, accounts: list, register: s.Register.On()}
	for _, d := range s.Drivers {
		w.kinds = append(w.kinds, d.Kind)
	}
	return w, nil
}

// values are the known values of a fact; closed says that there are no others.
func (w *ruleWords) values(field string) (list []page.Choice, closed bool) {
	say := w.c.say
	add := func(code, label string) { list = append(list, page.Choice{Value: code, Label: label}) }
	switch field {
	case router.FieldChannel:
		for _, k := range w.kinds {
			add(k, say.Either("channel.name_", k, k))
		}
	case router.FieldAccount:
		for i := range w.accounts {
			add(w.accounts[i].Key, w.accounts[i].Name)
		}
	case router.FieldKind:
		for _, k := range inbox.CaseKinds {
			add(string(k), say.Text("kind."+string(k)))
		}
	case router.FieldLang:
		for _, l := range say.Keys("langname.") {
			add(l, say.Text("langname."+l))
		}
	default:
		return nil, false
	}
	return list, true
}

// doingValues are the known values of an action.
func (w *ruleWords) doingValues(do string) (list []page.Choice, closed bool) {
	add := func(code, label string) { list = append(list, page.Choice{Value: code, Label: label}) }
	switch do {
	case doOffice:
		for i := range w.c.dir.Offices {
			add(w.c.dir.Offices[i].Key, w.c.dir.Offices[i].Name)
		}
	case doKind:
		return w.values(router.FieldKind)
	case doPriority:
		for _, n := range []string{"0", "1", "2"} {
			add(n, w.c.say.Text("rule_priority."+n))
		}
	case doAssignee:
		add(router.RoundRobin, w.c.say.Text("said.turn"))
		for i := range w.c.dir.Operators {
			if o := &w.c.dir.Operators[i]; o.DisabledAt.IsZero() {
				add(o.Login, o.Name)
			}
		}
	default:
		return nil, false
	}
	return list, true
}

// label is a value in words: "Reclamo" for complaint, "lunedì, martedì" for
// mon,tue. One that is not known stays as it is.
func (w *ruleWords) label(field, value string) string {
	if field == router.FieldDay {
		var out []string
		for _, d := range strings.Split(value, ",") {
			out = append(out, w.weekday(strings.TrimSpace(d)))
		}
		return strings.Join(out, ", ")
	}
	list, _ := w.values(field)
	return labelOf(list, value)
}

func labelOf(list []page.Choice, value string) string {
	for _, x := range list {
		if x.Value == value {
			return x.Label
		}
	}
	return value
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (w *ruleWords) weekday(code string) string {
	if i := slices.Index(weekdays, code); i >= 0 {
		return w.c.say.Text("time.weekday_" + strconv.Itoa(i))
	}
	return code
}

// code reads a value that was typed in words; the code itself is read too.
func (w *ruleWords) code(field, typed string) string {
	if field == router.FieldDay {
		var out []string
		for _, d := range strings.Split(typed, ",") {
			if d = strings.ToLower(strings.TrimSpace(d)); d != "" {
				out = append(out, w.weekdayCode(d))
			}
		}
		return strings.Join(out, ",")
	}
	list, _ := w.values(field)
	for _, x := range list {
		if strings.EqualFold(x.Label, typed) {
			return x.Value
		}
	}
	return typed
}

// weekdayCode reads a day by its name or by its first three letters.
func (w *ruleWords) weekdayCode(typed string) string {
	for i, code := range weekdays {
		name := []rune(w.c.say.Text("time.weekday_" + strconv.Itoa(i)))
		if typed == strings.ToLower(string(name)) || typed == strings.ToLower(string(name[:3])) {
			return code
		}
	}
	return typed
}

func (w *ruleWords) conditions(list []router.Condition) (out []string) {
	for _, k := range list {
		id := "rule_say." + k.Field + "_" + k.Op
		if !w.c.say.Known(id) { // of a newer program
			out = append(out, strings.Join([]string{k.Field, k.Op, k.Value}, " "))
			continue
		}
		out = append(out, w.c.say.Text(id, "value", w.label(k.Field, k.Value)))
	}
	return out
}

func (w *ruleWords) actions(a router.Actions) (out []string) {
	for _, x := range inputOf(&router.Rule{Definition: router.Definition{Actions: a}}).then {
		list, _ := w.doingValues(x.do)
		switch {
		case x.do == doAssignee && x.value == router.RoundRobin:
			out = append(out, w.c.say.Text("rule_done.turn"))
		case x.do == doDue:
			out = append(out, w.c.say.Text("rule_done.due_days", "n", a.DueDays))
		default:
			out = append(out, w.c.say.Text("rule_done."+x.do, "value", labelOf(list, x.value)))
		}
	}
	return out
}

// rows are the rows of a group of conditions, with an empty one at the end.
func (w *ruleWords) rows(group string, list []conditionInput, faults []page.FieldFault) (out []page.RuleCondition) {
	for i, x := range append(slices.Clone(list), conditionInput{}) {
		row := w.conditionRow(group, i, x)
		row.Fault = faultAt(faults, fmt.Sprintf("%s.%d", group, i))
		out = append(out, row)
	}
	return out
}

func (w *ruleWords) conditionRow(group string, n int, x conditionInput) page.RuleCondition {
	row := page.RuleCondition{Group: group, N: n, Value: x.value, Hint: w.c.say.Either("rule_hint.", x.field, "")}
	for _, f := range router.Fields {
		row.Fields = append(row.Fields, page.Choice{Value: f, Label: w.c.say.Text("rule_field." + f), Chosen: f == x.field})
	}
	ops := []string{router.OpIs, router.OpIsNot, router.OpAny, router.OpAll, router.OpNone, router.OpContains, router.OpIn, router.OpNotIn, router.OpAtLeast}
	if row.Open = true; slices.Contains(router.Fields, x.field) {
		row.Open = false
		ops = router.Ops(x.field)
		row.Values, row.Closed = w.values(x.field)
		row.Value = w.label(x.field, x.value)
	}
	for _, o := range ops {
		row.Ops = append(row.Ops, page.Choice{Value: o, Label: w.c.say.Text("rule_op." + o), Chosen: o == x.op})
	}
	if row.Closed {
		row.Values = chosen(row.Values, x.value)
	}
	return row
}

func (w *ruleWords) actionRows(list []actionInput, faults []page.FieldFault) (out []page.RuleAction) {
	for i, x := range append(slices.Clone(list), actionInput{}) {
		row := w.actionRow(i, x)
		row.Fault = faultAt(faults, fmt.Sprintf("then.%d", i))
		out = append(out, row)
	}
	return out
}

func (w *ruleWords) actionRow(n int, x actionInput) page.RuleAction {
	row := page.RuleAction{N: n, Value: x.value, Bare: x.do == doReceipt || x.do == doRegister, Hint: w.c.say.Either("rule_hint.", x.do, "")}
	for _, d := range doings {
		if d == doRegister && !w.register && d != x.do {
			continue // it would do nothing
		}
		row.Kinds = append(row.Kinds, page.Choice{Value: d, Label: w.c.say.Text("rule_do." + d), Chosen: d == x.do})
	}
	if row.Values, row.Closed = w.doingValues(x.do); row.Closed {
		row.Values = chosen(row.Values, x.value)
	}
	return row
}

// chosen marks a value; one that is no longer known is added, so that saving the
// form again does not lose it unseen.
func chosen(list []page.Choice, value string) []page.Choice {
	for i := range list {
		if list[i].Value == value {
			list[i].Chosen = true
			return list
		}
	}
	if value != "" {
		list = append(list, page.Choice{Value: value, Label: value, Chosen: true})
	}
	return list
}

func faultAt(faults []page.FieldFault, field string) *page.FieldFault {
	for i := range faults {
		if faults[i].Field == field {
			return &faults[i]
		}
	}
	return nil
}
