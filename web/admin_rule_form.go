package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/router"
	"filodiretto/web/page"
)

// ruleInput is the form of a rule as it was sent, before it is understood: it
// can be given back with everything that was typed.
type ruleInput struct {
	id, version  int64
	name         string
	stop, active bool
	all, any     []conditionInput
	then         []actionInput
	faults       []page.FieldFault
}

type conditionInput struct{ field, op, value string }

type actionInput struct{ do, value string }

// The actions of the form, in its order. They are the members of router.Actions.
const (
	doOffice    = "office"
	doKind      = "kind"
	doPriority  = "priority"
	doAssignee  = "assignee"
	doProcedure = "procedure"
	doDue       = "due_days"
	doReceipt   = "receipt"
	doRegister  = "register"
)

var doings = []string{doOffice, doKind, doPriority, doAssignee, doProcedure, doDue, doReceipt, doRegister}

// readRule takes the form as it is; empty rows are left out.
func readRule(r *http.Request) *ruleInput {
	f := r.PostForm
	in := &ruleInput{id: parseID(f.Get("id")), version: parseID(f.Get("version")), name: strings.TrimSpace(f.Get("name")), stop: f.Get("stop") == "1", active: f.Get("active") == "1"}
	at := func(name string, i int) string {
		if list := f[name]; i < len(list) {
			return strings.TrimSpace(list[i])
		}
		return ""
	}
	conditions := func(group string) (out []conditionInput) {
		for i := range f[group+".field"] {
			x := conditionInput{field: at(group+".field", i), op: at(group+".op", i), value: at(group+".value", i)}
			if x.field != "" || x.value != "" {
				out = append(out, x)
			}
		}
		return out
	}
	in.all, in.any = conditions("all"), conditions("any")
	for i := range f["then.do"] {
		if x := (actionInput{do: at("then.do", i), value: at("then.value", i)}); x.do != "" || x.value != "" {
			in.then = append(in.then, x)
		}
	}
	return in
}

// more adds an empty row where that was asked for, beside the one that is always
// there.
func (in *ruleInput) more(group string) bool {
	switch group {
	case "all":
		in.all = append(in.all, conditionInput{})
	case "any":
		in.any = append(in.any, conditionInput{})
	case "then":
		in.then = append(in.then, actionInput{})
	default:
		return false
	}
	return true
}

// inputOf is a rule as its form holds it.
func inputOf(x *router.Rule) *ruleInput {
	in := &ruleInput{id: x.ID, version: x.Version, name: x.Name, stop: x.Definition.Stop, active: x.Enabled}
	for _, k := range x.Definition.All {
		in.all = append(in.all, conditionInput{k.Field, k.Op, k.Value})
	}
	for _, k := range x.Definition.Any {
		in.any = append(in.any, conditionInput{k.Field, k.Op, k.Value})
	}
	add := func(do, value string, set bool) {
		if set {
			in.then = append(in.then, actionInput{do, value})
		}
	}
	a := x.Definition.Actions
	add(doOffice, a.Office, a.Office != "")
	add(doKind, a.Kind, a.Kind != "")
	if a.Priority != nil {
		add(doPriority, strconv.Itoa(*a.Priority), true)
	}
	add(doAssignee, a.Assignee, a.Assignee != "")
	add(doProcedure, a.Procedure, a.Procedure != "")
	add(doDue, strconv.Itoa(a.DueDays), a.DueDays > 0)
	add(doReceipt, "", a.Receipt)
	add(doRegister, "", a.Register)
	return in
}

// parseRule understands the rows of the form; what is wrong with them stands in
// in.faults. The name may still be empty: a trial needs none.
func (s *Server) parseRule(r *http.Request, c *caller, in *ruleInput) (*router.Rule, error) {
	say, err := s.ruleWords(r, c)
	if err != nil {
		return nil, err
	}
	rule := &router.Rule{ID: in.id, Version: in.version, Name: in.name, Enabled: in.active}
	d := &rule.Definition
	d.Stop = in.stop
	conditions := func(group string, list []conditionInput) (out []router.Condition) {
		for i := range list {
			x := &list[i]
			x.value = say.code(x.field, x.value)
			if !slices.Contains(router.Ops(x.field), x.op) && len(router.Ops(x.field)) == 1 {
				x.op = router.Ops(x.field)[0]
			}
			if x.field == "" {
				in.faults = append(in.faults, page.FieldFault{Field: fmt.Sprintf("%s.%d", group, i), Key: "rule_unknown_field"})
			}
			out = append(out, router.Condition{Field: x.field, Op: x.op, Value: x.value})
		}
		return out
	}
	d.All, d.Any = conditions("all", in.all), conditions("any", in.any)
	in.parseActions(&d.Actions)
	if in.faults != nil {
		return rule, nil
	}
	if err := s.Router.CheckRule(r.Context(), c.Viewer, *rule); err != nil {
		return rule, s.ruleFaults(r, c, in, err)
	}
	return rule, nil
}

// parseActions reads the rows of actions; each may be there once.
func (in *ruleInput) parseActions(a *router.Actions) {
	seen := map[string]bool{}
	for i, x := range in.then {
		fault := func(key string) {
			in.faults = append(in.faults, page.FieldFault{Field: fmt.Sprintf("then.%d", i), Key: key})
		}
		n, nerr := strconv.Atoi(x.value)
		switch {
		case !slices.Contains(doings, x.do):
			fault("rule_unknown_field")
		case seen[x.do]:
			fault("rule_twice")
		case x.do == doReceipt:
			a.Receipt = true
		case x.do == doRegister:
			a.Register = true
		case x.value == "":
			fault("rule_value_required")
		case x.do == doDue && (nerr != nil || n < 1):
			fault("rule_out_of_range")
		case x.do == doPriority && nerr != nil:
			fault("rule_unknown")
		case x.do == doDue:
			a.DueDays = n
		case x.do == doPriority:
			a.Priority = &n
		default:
			*map[string]*string{doOffice: &a.Office, doKind: &a.Kind, doAssignee: &a.Assignee, doProcedure: &a.Procedure}[x.do] = x.value
		}
		seen[x.do] = true
	}
}

// ruleFaults puts a refusal of the house at its row. A rule that somebody else
// changed meanwhile is told as such, and the next attempt goes over it.
func (s *Server) ruleFaults(r *http.Request, c *caller, in *ruleInput, err error) error {
	var invalid *inbox.InvalidError
	switch {
	case errors.Is(err, inbox.ErrChanged):
		x, ferr := s.findRule(r, in.id)
		if ferr != nil {
			return ferr
		}
		in.version = x.Version
		in.faults = append(in.faults, page.FieldFault{Field: "name", Key: "changed"})
		return nil
	case !errors.As(err, &invalid):
		return err
	}
	in.faults = append(in.faults, page.FieldFault{Field: in.place(invalid.Field), Key: ruleFaultKey(c.say, invalid)})
	return nil
}

// place is the row that a member of a definition came from.
func (in *ruleInput) place(field string) string {
	if rest, ok := strings.CutPrefix(field, "conditions."); ok {
		i, _ := strconv.Atoi(rest)
		if i < len(in.all) {
			return fmt.Sprintf("all.%d", i)
		}
		return fmt.Sprintf("any.%d", i-len(in.all))
	}
	if do, ok := strings.CutPrefix(field, "actions."); ok {
		if i := slices.IndexFunc(in.then, func(x actionInput) bool { return x.do == do }); i >= 0 {
			return fmt.Sprintf("then.%d", i)
		}
		return "then"
	}
	if field == "conditions" {
		return "all"
	}
	return field
}

func ruleFaultKey(say page.Say, e *inbox.InvalidError) string {
	switch {
	case e.Field == "actions." && e.Code == "required":
		return "rule_no_action"
	case e.Code == "unknown_kind":
		return "rule_unknown"
	case say.Known("fault.rule_" + e.Code):
		return "rule_" + e.Code
	}
	return faultKey(say, e.Field, e.Code)
}
