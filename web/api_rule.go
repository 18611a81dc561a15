package web

import (
	"net/http"
	"slices"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/router"
	"filodiretto/web/openapi"
)

var conditionSchema = openapi.Named("Condition", "Compares one fact of the case.", openapi.Object(
	openapi.Req("field", openapi.OneOf(router.Fields...), ""),
	openapi.Req("op", openapi.OneOf(router.OpIs, router.OpIsNot, router.OpContains, router.OpAny, router.OpAll, router.OpNone, router.OpIn, router.OpNotIn, router.OpAtLeast), "Which of them depends on the field."),
	openapi.Req("value", openapi.Filled(1000), "")))

var actionsSchema = openapi.Named("Actions", "What a rule does.", openapi.Object(
	openapi.Opt("office", openapi.Text(32), "Key."),
	openapi.Opt("kind", openapi.OneOf(append([]inbox.CaseKind{""}, inbox.CaseKinds...)...), ""),
	openapi.Opt("priority", openapi.Between(0, 2).OrNull(), ""),
	openapi.Opt("assignee", openapi.Text(64), "Login, or round_robin."),
	openapi.Opt("procedure", openapi.Text(100), ""),
	openapi.Opt("due_days", openapi.Between(0, 3650), "Calendar days from the message."),
	openapi.Opt("receipt", openapi.Bool(), "Send the automatic receipt."),
	openapi.Opt("register", openapi.Bool(), "Its messages must be entered in the protocol register.")))

var definitionSchema = openapi.Named("Definition", "What a rule says: it fits when all of all and, if there are any, one of any hold.", openapi.Object(
	openapi.Opt("all", openapi.UpTo(50, conditionSchema), ""),
	openapi.Opt("any", openapi.UpTo(50, conditionSchema), ""),
	openapi.Req("actions", actionsSchema, ""),
	openapi.Opt("stop", openapi.Bool(), "No rule after it is looked at.")))

var ruleProps = []openapi.Prop{
	openapi.Req("name", openapi.Filled(200), ""),
	openapi.Req("enabled", openapi.Bool(), ""),
	openapi.Req("definition", definitionSchema, ""),
}

var ruleSchema = openapi.Named("Rule", "Says what to do with a new case that fits. Rules are tried in order.", openapi.Object(append(ruleProps,
	openapi.Req("id", openapi.ID(), ""),
	openapi.Req("position", openapi.Int(), ""),
	openapi.Req("version", openapi.Int(), ""),
	openapi.Req("updated_at", timeOrNull, ""))...))

type apiRule struct {
	ID         apiID             `json:"id"`
	Position   int               `json:"position"`
	Name       string            `json:"name"`
	Enabled    bool              `json:"enabled"`
	Definition router.Definition `json:"definition"`
	Version    int64             `json:"version"`
	UpdatedAt  clock.Instant     `json:"updated_at"`
}

func viewRule(r *router.Rule) apiRule {
	return apiRule{apiID(r.ID), r.Ord, r.Name, r.Enabled, r.Definition, r.Version, r.UpdatedAt}
}

func (a *api) ruleOps() []apiOp {
	withVersion := openapi.Object(append(slices.Clone(ruleProps), versionProp)...)
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/rules", ID: "listRules", Tag: "settings", Scope: "read", Summary: "All rules in their order; for administrators and heads",
			Out: openapi.Object(openapi.Req("items", openapi.List(ruleSchema), "")),
		}, apiRead(a.rules)),
		op(openapi.Operation{
			Method: "POST", Path: "/rules", ID: "createRule", Tag: "settings", Scope: "write", Summary: "Add a rule at the end", OK: http.StatusCreated,
			Body: openapi.Object(ruleProps...), Out: ruleSchema,
		}, apiDo(a.createRule)),
		op(openapi.Operation{
			Method: "PUT", Path: "/rules/{id}", ID: "replaceRule", Tag: "settings", Scope: "write", Summary: "Change a rule",
			Params: []openapi.Param{ifMatch}, Body: withVersion, Out: ruleSchema, Faults: []int{http.StatusPreconditionRequired},
		}, apiDo(a.replaceRule)),
		op(openapi.Operation{Method: "DELETE", Path: "/rules/{id}", ID: "deleteRule", Tag: "settings", Scope: "write", Summary: "Take a rule away"}, apiEmpty(a.deleteRule)),
		op(openapi.Operation{
			Method: "POST", Path: "/rules/{id}/move", ID: "moveRule", Tag: "settings", Scope: "write", Summary: "Move a rule by one place",
			Body: openapi.Object(openapi.Req("to", openapi.OneOf("up", "down"), "")),
		}, apiEmpty(a.moveRule)),
		op(openapi.Operation{
			Method: "POST", Path: "/rules/try", ID: "tryRules", Tag: "settings", Scope: "read", Summary: "What rules would have done with the cases of the last days; changes nothing",
			Body: openapi.Object(openapi.Opt("rules", openapi.UpTo(200, openapi.Object(ruleProps...)), "Those in force when left out."),
				openapi.Opt("since", openapi.Time(), "30 days ago when left out."), openapi.Opt("limit", openapi.Between(1, 5000), "")),
			Out: openapi.Object(openapi.Req("items", openapi.List(trialSchema), "")),
		}, apiDo(a.tryRules)).withoutKey(),
	}
}

// mayRule lets administrators and heads pass: whoever sees the rules may change them.
func (q *apiCall) mayRule() error {
	if q.Admin || slices.ContainsFunc(q.dir.RolesOf(q.OperatorID), func(m router.Membership) bool { return m.Role == router.Head }) {
		return nil
	}
	return inbox.ErrForbidden
}

func (a *api) rules(q *apiCall) (apiItems[apiRule], error) {
	if err := q.mayRule(); err != nil {
		return apiItems[apiRule]{}, err
	}
	list, err := a.Router.Rules(q.ctx)
	out := apiItems[apiRule]{Items: make([]apiRule, len(list))}
	for i := range list {
		out.Items[i] = viewRule(&list[i])
	}
	return out, err
}

type ruleIn struct {
	Name       string            `json:"name"`
	Enabled    bool              `json:"enabled"`
	Definition router.Definition `json:"definition"`
	Version    int64             `json:"version"`
}

func (a *api) createRule(q *apiCall, in ruleIn) (apiRule, error) {
	return q.rule(a.Router.SaveRule(q.ctx, q.Viewer, router.Rule{Name: in.Name, Enabled: in.Enabled, Definition: in.Definition}))
}

func (a *api) replaceRule(q *apiCall, in ruleIn) (apiRule, error) {
	v, err := q.needVersion(in.Version)
	if err != nil {
		return apiRule{}, err
	}
	old, err := a.ruleByID(q)
	if err != nil {
		return apiRule{}, err
	}
	old.Name, old.Enabled, old.Definition, old.Version = in.Name, in.Enabled, in.Definition, v
	return q.rule(a.Router.SaveRule(q.ctx, q.Viewer, *old))
}

func (a *api) ruleByID(q *apiCall) (*router.Rule, error) {
	if err := q.mayRule(); err != nil {
		return nil, err
	}
	list, err := a.Router.Rules(q.ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(r router.Rule) bool { return r.ID == q.id("id") })
	if i < 0 {
		return nil, inbox.ErrNotFound
	}
	return &list[i], nil
}

func (q *apiCall) rule(r *router.Rule, err error) (apiRule, error) {
	if err != nil {
		return apiRule{}, err
	}
	q.etag = etag(r.Version)
	return viewRule(r), nil
}

func (a *api) deleteRule(q *apiCall, _ nothing) error {
	return a.Router.DeleteRule(q.ctx, q.Viewer, q.id("id"))
}

type moveIn struct {
	To string `json:"to"`
}

func (a *api) moveRule(q *apiCall, in moveIn) error {
	dir := 1
	if in.To == "up" {
		dir = -1
	}
	return a.Router.MoveRule(q.ctx, q.Viewer, q.id("id"), dir)
}

type tryIn struct {
	Rules []ruleIn      `json:"rules"`
	Since clock.Instant `json:"since"`
	Limit int           `json:"limit"`
}

type apiTrial struct {
	Ref      string         `json:"ref"`
	Subject  string         `json:"subject"`
	Was      *apiOfficeRef  `json:"was"`
	Office   *apiOfficeRef  `json:"office"`
	Kind     inbox.CaseKind `json:"kind"`
	Priority int            `json:"priority"`
	Assigned bool           `json:"assigned"`
	Receipt  bool           `json:"receipt"`
	Register bool           `json:"register"`
	Rules    []apiID        `json:"rules"`
}

var trialSchema = openapi.Named("Trial", "What rules would have done with a case.", openapi.Object(
	openapi.Req("ref", openapi.Text(0), ""),
	openapi.Req("subject", openapi.Text(0), "Empty for cases of other offices."),
	openapi.Req("was", officeRefSchema.OrNull(), "Where it is today."),
	openapi.Req("office", officeRefSchema.OrNull(), "Where the rules would send it."),
	openapi.Req("kind", openapi.Text(0), ""),
	openapi.Req("priority", openapi.Int(), ""),
	openapi.Req("assigned", openapi.Bool(), "It would be given to a person."),
	openapi.Req("receipt", openapi.Bool(), ""),
	openapi.Req("register", openapi.Bool(), "Its messages would have to be registered."),
	openapi.Req("rules", openapi.List(idOrNull), "Those that applied; null for one that was only tried.")))

func (a *api) tryRules(q *apiCall, in tryIn) (apiItems[apiTrial], error) {
	var rules []router.Rule
	for _, r := range in.Rules {
		rules = append(rules, router.Rule{Name: r.Name, Enabled: r.Enabled, Definition: r.Definition})
	}
	if in.Since.IsZero() {
		in.Since = a.clock.Now().Add(-30 * 24 * time.Hour)
	}
	if in.Limit == 0 {
		in.Limit = 500
	}
	list, err := a.Router.TryRules(q.ctx, q.Viewer, rules, in.Since, in.Limit)
	out := apiItems[apiTrial]{Items: make([]apiTrial, len(list))}
	for i, t := range list {
		out.Items[i] = apiTrial{t.Ref, t.Subject, q.officeRef(t.Was), q.officeRef(t.Office), t.Kind, t.Priority, t.Assignee, t.Receipt, t.Register, apiIDs(t.Rules)}
	}
	return out, err
}
