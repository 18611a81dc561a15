package web

import (
	"errors"
	"net/http"
	"slices"

	"filodiretto/inbox"
	"filodiretto/router"
	"filodiretto/web/page"
)

func (s *Server) adminRoutes() {
	s.mux.HandleFunc("GET /admin", s.heads(s.adminHome))
	s.mux.HandleFunc("GET /admin/offices", s.admin(s.offices))
	s.mux.HandleFunc("GET /admin/offices/new", s.admin(s.newOffice))
	s.mux.HandleFunc("GET /admin/offices/{id}", s.admin(s.office))
	s.mux.HandleFunc("POST /admin/offices", s.admin(s.saveOffice))
	s.mux.HandleFunc("POST /admin/offices/{id}", s.admin(s.saveOffice))
	s.mux.HandleFunc("GET /admin/operators", s.admin(s.operators))
	s.mux.HandleFunc("GET /admin/operators/new", s.admin(s.newOperator))
	s.mux.HandleFunc("GET /admin/operators/{id}", s.admin(s.operator))
	s.mux.HandleFunc("POST /admin/operators", s.admin(s.saveOperator))
	s.mux.HandleFunc("POST /admin/operators/{id}", s.admin(s.saveOperator))
	s.queueRoutes()
	s.ruleRoutes()
	s.textRoutes()
	s.mux.HandleFunc("GET /admin/tokens", s.admin(s.tokens))
	s.mux.HandleFunc("POST /admin/tokens", s.admin(s.makeToken))
	s.mux.HandleFunc("POST /admin/tokens/{id}/revoke", s.admin(s.revokeToken))
	s.mux.HandleFunc("GET /admin/events", s.heads(s.events))
}

// heads wraps a handler for administrators and for heads of offices.
func (s *Server) heads(h staffHandler) http.HandlerFunc {
	return s.staff(func(w http.ResponseWriter, r *http.Request, c *caller) error {
		if !c.Admin && !c.isHead() {
			return inbox.ErrForbidden
		}
		return h(w, r, c)
	})
}

// isHead reports whether the caller heads an office.
func (c *caller) isHead() bool {
	return slices.ContainsFunc(c.dir.RolesOf(c.OperatorID), func(m router.Membership) bool { return m.Role == router.Head })
}

// adminHome leads to the first page that the caller may open.
func (s *Server) adminHome(w http.ResponseWriter, r *http.Request, c *caller) error {
	tab := page.HeadTabs[0]
	if c.Admin {
		tab = page.AllAdminTabs[0]
	}
	http.Redirect(w, r, "/admin/"+string(tab), http.StatusSeeOther)
	return nil
}

func (s *Server) adminShell(r *http.Request, c *caller, tab page.AdminTab) (page.Shell, error) {
	sh, err := s.shell(r, c, page.SectionAdmin)
	sh.Title = c.say.Text("admin." + string(tab))
	return sh, err
}

// formStatus is that of a form: 422 for one that comes back with faults.
func formStatus(faults []page.FieldFault) int {
	if len(faults) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// formFaults says at which input of a form a refusal belongs. inputs names those
// that are not called as the field is. ok is false for an error that words at a
// field do not help with.
func (c *caller) formFaults(err error, inputs map[string]string) (faults []page.FieldFault, ok bool) {
	var invalid *inbox.InvalidError
	switch {
	case errors.As(err, &invalid):
		input, renamed := inputs[invalid.Field]
		if !renamed {
			input = invalid.Field
		}
		return []page.FieldFault{{Field: input, Key: faultKey(c.say, invalid.Field, invalid.Code)}}, true
	case errors.Is(err, inbox.ErrChanged):
		return []page.FieldFault{{Field: "name", Key: "changed"}}, true
	}
	return nil, false
}

// faultKey is the key of the sentence that stands at a field.
func faultKey(say page.Say, field, code string) string {
	switch {
	case code == "too_long":
		return "too_long_field"
	case code == "required" && field != "password": // "name_required" is about persons
		return "required"
	}
	for _, key := range []string{field + "_" + code, code} {
		if say.Known("fault." + key) {
			return key
		}
	}
	return "bad_value"
}

// saved ends a form that was stored: one sentence, and back to the list.
func (s *Server) saved(w http.ResponseWriter, r *http.Request, to, key string, pairs ...any) error {
	s.flash(r, page.LevelOK, key, pairs...)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
