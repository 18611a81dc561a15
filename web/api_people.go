package web

import (
	"net/http"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/password"
	"filodiretto/router"
	"filodiretto/web/openapi"
)

// apiOffice is a part of the Comune that answers.
type apiOffice struct {
	ID       apiID    `json:"id"`
	Key      string   `json:"key"`
	Name     string   `json:"name"`
	Level    string   `json:"level"`
	Reserved bool     `json:"reserved"`
	SignName string   `json:"sign_name"`
	Members  []apiWho `json:"members"`
}

var officeProps = []openapi.Prop{
	openapi.Req("key", openapi.Filled(32), "Stable: small letters, digits, _ and -."),
	openapi.Req("name", openapi.Filled(200), ""),
	openapi.Req("level", openapi.OneOf("front", "back"), "Front offices meet citizens."),
	openapi.Opt("reserved", openapi.Bool(), "Its cases are seen by its members alone."),
	openapi.Opt("sign_name", openapi.Text(200), "How its letters are signed; the name when empty."),
}

var officeSchema = openapi.Named("Office", "A part of the Comune that answers.", openapi.Object(append(slices.Clone(officeProps),
	openapi.Req("id", openapi.ID(), ""), openapi.Req("members", openapi.List(whoSchema), "Who works there now."))...))

// apiOperator is somebody who works with the program.
type apiOperator struct {
	ID         apiID         `json:"id"`
	Login      string        `json:"login"`
	Name       string        `json:"name"`
	Lang       string        `json:"lang"`
	Away       bool          `json:"away"`
	Roles      []apiRole     `json:"roles"`
	SeenAt     clock.Instant `json:"seen_at"`
	DisabledAt clock.Instant `json:"disabled_at"`
}

var operatorSchema = openapi.Named("Operator", "Somebody who works with the program.", openapi.Object(
	openapi.Req("id", openapi.ID(), ""), openapi.Req("login", openapi.Text(0), ""), openapi.Req("name", openapi.Text(0), ""), openapi.Req("lang", openapi.Text(0), ""),
	openapi.Req("away", openapi.Bool(), "Gets no cases by turn."), openapi.Req("roles", openapi.List(roleSchema), ""),
	openapi.Req("seen_at", timeOrNull, "Last log-in."), openapi.Req("disabled_at", timeOrNull, "")))

var operatorProps = []openapi.Prop{
	openapi.Req("login", openapi.Filled(64), ""),
	openapi.Req("name", openapi.Filled(200), ""),
	openapi.Opt("lang", openapi.OneOf("it", "en"), ""),
	openapi.Opt("away", openapi.Bool(), ""),
	openapi.Req("roles", openapi.UpTo(100, openapi.Object(openapi.Opt("office", idOrNull, "null for an administrator."), openapi.Req("role", openapi.OneOf(router.Roles...), ""))), ""),
}

var passwordProp = openapi.Opt("password", openapi.Text(password.MaxLength), "At least 12 characters. Needed for a new operator; left out, the old one stays.")

func (a *api) peopleOps() []apiOp {
	withDisabled := openapi.Object(append(slices.Clone(operatorProps), passwordProp, openapi.Opt("disabled", openapi.Bool(), "May not work any more; tokens and sessions end."))...)
	return []apiOp{
		op(openapi.Operation{
			Method: "GET", Path: "/offices", ID: "listOffices", Tag: "settings", Scope: "read", Summary: "All offices and who works there",
			Out: openapi.Object(openapi.Req("items", openapi.List(officeSchema), "")),
		}, apiRead(a.offices)),
		op(openapi.Operation{
			Method: "POST", Path: "/offices", ID: "createOffice", Tag: "settings", Scope: "admin", Summary: "Add an office", OK: http.StatusCreated,
			Body: openapi.Object(officeProps...), Out: officeSchema,
		}, apiDo(a.saveOffice)),
		op(openapi.Operation{
			Method: "PUT", Path: "/offices/{id}", ID: "replaceOffice", Tag: "settings", Scope: "admin", Summary: "Change an office",
			Body: openapi.Object(officeProps...), Out: officeSchema,
		}, apiDo(a.saveOffice)),
		op(openapi.Operation{
			Method: "GET", Path: "/operators", ID: "listOperators", Tag: "settings", Scope: "admin", Summary: "All who work with the program, with their roles",
			Out: openapi.Object(openapi.Req("items", openapi.List(operatorSchema), "")),
		}, apiRead(a.operators)),
		op(openapi.Operation{
			Method: "POST", Path: "/operators", ID: "createOperator", Tag: "settings", Scope: "admin", Summary: "Add an operator", OK: http.StatusCreated,
			Body: openapi.Object(append(slices.Clone(operatorProps), passwordProp)...), Out: operatorSchema,
		}, apiDo(a.saveOperator)).after(a.hashPassword),
		op(openapi.Operation{
			Method: "PUT", Path: "/operators/{id}", ID: "replaceOperator", Tag: "settings", Scope: "admin", Summary: "Change an operator",
			Body: withDisabled, Out: operatorSchema,
		}, apiDo(a.saveOperator)).after(a.hashPassword),
		op(openapi.Operation{
			Method: "PATCH", Path: "/me", ID: "setPreferences", Tag: "this API", Scope: "write", Summary: "Change the operator's own choices",
			Body: openapi.Object(openapi.Opt("lang", openapi.OneOf("it", "en"), ""), openapi.Opt("away", openapi.Bool(), "Gets no cases by turn."), openapi.Opt("keys_off", openapi.Bool(), "Single-letter keys of the pages are off.")),
			Out:  meSchema,
		}, apiDo(a.setPreferences)),
	}
}

func (q *apiCall) viewOffice(o *router.Office) apiOffice {
	out := apiOffice{ID: apiID(o.ID), Key: o.Key, Name: o.Name, Level: o.Level, Reserved: o.Reserved, SignName: o.SignName, Members: []apiWho{}}
	for _, p := range q.dir.InOffice(o.ID) {
		out.Members = append(out.Members, apiWho{apiID(p.ID), p.Name})
	}
	return out
}

func (a *api) offices(q *apiCall) (apiItems[apiOffice], error) {
	out := apiItems[apiOffice]{Items: make([]apiOffice, len(q.dir.Offices))}
	for i := range q.dir.Offices {
		out.Items[i] = q.viewOffice(&q.dir.Offices[i])
	}
	return out, nil
}

type officeIn struct {
	Key      string `json:"key"`
	Name     string `json:"name"`
	Level    string `json:"level"`
	Reserved bool   `json:"reserved"`
	SignName string `json:"sign_name"`
}

func (a *api) saveOffice(q *apiCall, in officeIn) (apiOffice, error) {
	o, err := a.Router.SaveOffice(q.ctx, q.Viewer, router.Office{ID: q.id("id"), Key: in.Key, Name: in.Name, Level: in.Level, Reserved: in.Reserved, SignName: in.SignName})
	if err != nil {
		return apiOffice{}, err
	}
	return q.viewOffice(o), nil
}

func (q *apiCall) viewRoles(list []router.Membership) []apiRole {
	out := make([]apiRole, len(list))
	for i, m := range list {
		out[i] = apiRole{q.officeRef(m.OfficeID), m.Role}
	}
	return out
}

func (q *apiCall) viewOperator(o *router.Operator, roles []router.Membership) apiOperator {
	return apiOperator{apiID(o.ID), o.Login, o.Name, o.Lang, o.Away, q.viewRoles(roles), o.SeenAt, o.DisabledAt}
}

// mustAdmin lets administrators pass. The scope alone is not enough: who lost the
// role keeps the token.
func (q *apiCall) mustAdmin() error {
	if !q.Admin {
		return inbox.ErrForbidden
	}
	return nil
}

func (a *api) operators(q *apiCall) (apiItems[apiOperator], error) {
	if err := q.mustAdmin(); err != nil {
		return apiItems[apiOperator]{}, err
	}
	out := apiItems[apiOperator]{Items: make([]apiOperator, len(q.dir.Operators))}
	for i := range q.dir.Operators {
		out.Items[i] = q.viewOperator(&q.dir.Operators[i], q.dir.RolesOf(q.dir.Operators[i].ID))
	}
	return out, nil
}

type roleIn struct {
	Office apiID       `json:"office"`
	Role   router.Role `json:"role"`
}

type operatorIn struct {
	Login    string   `json:"login"`
	Name     string   `json:"name"`
	Lang     string   `json:"lang"`
	Away     bool     `json:"away"`
	Roles    []roleIn `json:"roles"`
	Password string   `json:"password"`
	Disabled bool     `json:"disabled"`
}

// saveOperator makes an operator, or changes the one in the address.
func (a *api) saveOperator(q *apiCall, in operatorIn) (apiOperator, error) {
	if err := q.mustAdmin(); err != nil {
		return apiOperator{}, err
	}
	o := router.Operator{ID: q.id("id"), Login: in.Login, Name: in.Name, Lang: in.Lang, Away: in.Away}
	if err := a.disabledSince(q, &o, in.Disabled); err != nil {
		return apiOperator{}, err
	}
	roles := make([]router.Membership, len(in.Roles))
	for i, r := range in.Roles {
		if r.Office != 0 && q.dir.Office(int64(r.Office)) == nil {
			return apiOperator{}, &inbox.InvalidError{Field: "roles", Code: "unknown_office"}
		}
		roles[i] = router.Membership{OfficeID: int64(r.Office), Role: r.Role}
	}
	o.Password = q.hashed
	saved, err := a.Router.SaveOperator(q.ctx, q.Viewer, o, roles)
	if err != nil {
		return apiOperator{}, err
	}
	return q.viewOperator(saved, roles), nil
}

// disabledSince fills in what the form does not say of an operator who is there.
func (a *api) disabledSince(q *apiCall, o *router.Operator, disabled bool) error {
	if o.ID == 0 {
		return nil
	}
	old := q.dir.Operator(o.ID)
	if old == nil {
		return inbox.ErrNotFound
	}
	o.SeenAt, o.DisabledAt = old.SeenAt, old.DisabledAt
	switch {
	case !disabled:
		o.DisabledAt = 0
	case old.DisabledAt.IsZero():
		o.DisabledAt = a.clock.Now()
	}
	return nil
}

// hashPassword makes the hash of a new password before any transaction begins: it
// takes long on purpose. Weak ones are refused.
func (a *api) hashPassword(q *apiCall) error {
	var in operatorIn
	if err := q.into(&in); err != nil {
		return err
	}
	if err := q.mustAdmin(); err != nil || in.Password == "" {
		return err
	}
	if weak := password.Check(in.Password, in.Login, in.Name); weak != "" {
		return &inbox.InvalidError{Field: "password", Code: string(weak)}
	}
	var err error
	q.hashed, err = a.Hasher.Hash(q.ctx, in.Password)
	return err
}

type preferencesIn struct {
	Lang    *string `json:"lang"`
	Away    *bool   `json:"away"`
	KeysOff *bool   `json:"keys_off"`
}

func (a *api) setPreferences(q *apiCall, in preferencesIn) (meView, error) {
	o := *q.dir.Operator(q.OperatorID)
	p := router.Preferences{Lang: o.Lang, KeysOff: o.KeysOff, Away: o.Away}
	if in.Lang != nil {
		p.Lang = *in.Lang
	}
	if in.Away != nil {
		p.Away = *in.Away
	}
	if in.KeysOff != nil {
		p.KeysOff = *in.KeysOff
	}
	if err := a.Router.SetPreferences(q.ctx, q.Viewer, p); err != nil {
		return meView{}, err
	}
	var err error
	if q.dir, err = a.Router.Directory(q.ctx); err != nil {
		return meView{}, err
	}
	return a.me(q)
}
