package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/password"
	"filodiretto/router"
	"filodiretto/web/page"
)

// operators is the list of everybody who works here.
func (s *Server) operators(w http.ResponseWriter, r *http.Request, c *caller) error {
	out := page.Operators{}
	for i := range c.dir.Operators {
		out.Operators = append(out.Operators, c.operatorLine(&c.dir.Operators[i], 0))
	}
	var err error
	if out.Shell, err = s.adminShell(r, c, page.AdminOperators); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// operatorLine is an operator with the roles in one office, or in all for 0.
func (c *caller) operatorLine(o *router.Operator, office int64) page.OperatorLine {
	l := page.OperatorLine{ID: o.ID, Name: o.Name, Login: o.Login, LastSeen: o.SeenAt, Disabled: !o.DisabledAt.IsZero()}
	for _, m := range c.dir.RolesOf(o.ID) {
		if office != 0 && m.OfficeID != office {
			continue
		}
		if !hasRole(l.Roles, roles[m.Role]) {
			l.Roles = append(l.Roles, roles[m.Role])
		}
		if name := c.office(m.OfficeID); name != "" && !slices.Contains(l.Offices, name) {
			l.Offices = append(l.Offices, name)
		}
	}
	slices.SortFunc(l.Roles, func(a, b page.Role) int { return slices.Index(page.AllRoles, a) - slices.Index(page.AllRoles, b) })
	slices.Sort(l.Offices)
	return l
}

func (s *Server) newOperator(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.showOperator(w, r, c, router.Operator{Lang: s.Config.Municipality.Language}, nil, true, nil)
}

func (s *Server) operator(w http.ResponseWriter, r *http.Request, c *caller) error {
	o := c.dir.Operator(pathID(r, "id"))
	if o == nil {
		return inbox.ErrNotFound
	}
	return s.showOperator(w, r, c, *o, c.dir.RolesOf(o.ID), o.DisabledAt.IsZero(), nil)
}

// officeRoles are the roles that people have in an office, in the order of the
// form's columns.
var officeRoles = []router.Role{router.Head, router.FrontOffice, router.BackOffice, router.Reception, router.Communication}

func (s *Server) showOperator(w http.ResponseWriter, r *http.Request, c *caller, o router.Operator, has []router.Membership, active bool, faults []page.FieldFault) error {
	f := page.OperatorForm{ID: o.ID, Name: o.Name, Login: o.Login, Lang: page.Lang(o.Lang), Away: o.Away, Active: active, Faults: faults}
	f.Admin = slices.ContainsFunc(has, func(m router.Membership) bool { return m.Role == router.Administrator })
	for _, x := range officeRoles {
		f.Roles = append(f.Roles, roles[x])
	}
	for i := range c.dir.Offices {
		office := &c.dir.Offices[i]
		row := page.OfficeRoles{Name: office.Name}
		for _, x := range officeRoles {
			row.Roles = append(row.Roles, page.Choice{
				Value:  formatID(office.ID) + ":" + string(x),
				Label:  c.say.Text("said.role_in", "role", c.say.Text("role."+string(roles[x])), "office", office.Name),
				Chosen: slices.ContainsFunc(has, func(m router.Membership) bool { return m.OfficeID == office.ID && m.Role == x }),
			})
		}
		f.Offices = append(f.Offices, row)
	}
	var err error
	if f.Shell, err = s.adminShell(r, c, page.AdminOperators); err != nil {
		return err
	}
	s.show(w, r, formStatus(f.Faults), c.lang, f)
	return nil
}

// saveOperator makes an operator or changes one, with all roles at once. The
// password is never stored as it is, and never shown again.
func (s *Server) saveOperator(w http.ResponseWriter, r *http.Request, c *caller) error {
	o, active := router.Operator{}, r.PostFormValue("active") == "1"
	if r.PathValue("id") != "" {
		old := c.dir.Operator(pathID(r, "id"))
		if old == nil {
			return inbox.ErrNotFound
		}
		o = *old
	}
	o.Login, o.Name = strings.ToLower(strings.TrimSpace(r.PostFormValue("login"))), strings.TrimSpace(r.PostFormValue("name"))
	o.Lang, o.Away, o.Password = r.PostFormValue("lang"), r.PostFormValue("away") == "1", ""
	switch {
	case active:
		o.DisabledAt = 0
	case o.DisabledAt.IsZero():
		o.DisabledAt = s.clock.Now()
	}
	has := readRoles(r.PostForm["role"])
	faults := s.operatorFaults(r, c, &o, has, active)
	if faults == nil {
		var err error
		if faults, err = s.storeOperator(r, c, o, has); err != nil {
			return err
		}
	}
	if faults != nil {
		return s.showOperator(w, r, c, o, has, active, faults)
	}
	return s.saved(w, r, "/admin/operators", "saved")
}

// operatorFaults is what can be told before anything is stored, all at once.
func (s *Server) operatorFaults(r *http.Request, c *caller, o *router.Operator, has []router.Membership, active bool) (faults []page.FieldFault) {
	if o.Name == "" {
		faults = append(faults, page.FieldFault{Field: "name", Key: "required"})
	}
	if o.Login == "" {
		faults = append(faults, page.FieldFault{Field: "login", Key: "required"})
	}
	pass := r.PostFormValue("password")
	if pass == "" {
		if o.ID == 0 {
			faults = append(faults, page.FieldFault{Field: "password", Key: "password_required"})
		}
	} else if weak := password.Check(pass, o.Login, o.Name, s.Config.Municipality.Name); weak != password.None {
		faults = append(faults, page.FieldFault{Field: "password", Text: weak.Text(string(c.lang))})
	}
	if active && len(has) == 0 {
		faults = append(faults, page.FieldFault{Field: "role", Key: "no_role"})
	}
	return faults
}

// storeOperator hashes the password and stores. Faults are for the form.
func (s *Server) storeOperator(r *http.Request, c *caller, o router.Operator, has []router.Membership) ([]page.FieldFault, error) {
	if pass := r.PostFormValue("password"); pass != "" {
		hash, err := s.Hasher.Hash(r.Context(), pass)
		if err != nil {
			return nil, err
		}
		o.Password = hash
	}
	_, err := s.Router.SaveOperator(r.Context(), c.Viewer, o, has)
	if err == nil && o.ID == c.OperatorID {
		err = s.beginSession(r.Context(), o.ID) // who changes themselves stays in
	}
	var invalid *inbox.InvalidError
	if errors.As(err, &invalid) && invalid.Field == "roles" && invalid.Code != "last_administrator" {
		return []page.FieldFault{{Field: "role", Key: "no_role"}}, nil
	}
	if faults, ok := c.formFaults(err, map[string]string{"roles": "role"}); ok {
		return faults, nil
	}
	return nil, err
}

// readRoles reads "OFFICE:ROLE"; what is none is left out, and doubles too.
func readRoles(values []string) []router.Membership {
	var out []router.Membership
	for _, v := range values {
		office, role, found := strings.Cut(v, ":")
		m := router.Membership{OfficeID: parseID(office), Role: router.Role(role)}
		if found && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}
