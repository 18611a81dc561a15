package web

import (
	"net/http"
	"slices"
	"time"

	"filodiretto/inbox"
	"filodiretto/router"
	"filodiretto/web/page"
)

func (s *Server) ruleRoutes() {
	s.mux.HandleFunc("GET /admin/rules", s.heads(s.rules))
	s.mux.HandleFunc("GET /admin/rules/new", s.heads(s.newRule))
	s.mux.HandleFunc("GET /admin/rules/row", s.heads(s.ruleRow))
	s.mux.HandleFunc("POST /admin/rules/try", s.heads(s.tryRule))
	s.mux.HandleFunc("GET /admin/rules/{id}", s.heads(s.rule))
	s.mux.HandleFunc("POST /admin/rules", s.heads(s.saveRule))
	s.mux.HandleFunc("POST /admin/rules/{id}", s.heads(s.saveRule))
	s.mux.HandleFunc("POST /admin/rules/{id}/move", s.heads(s.moveRule))
	s.mux.HandleFunc("POST /admin/rules/{id}/active", s.heads(s.switchRule))
	s.mux.HandleFunc("POST /admin/rules/{id}/delete", s.heads(s.deleteRule))
}

// ruleDays is over how many days the pages look back at what rules did.
const ruleDays = 30

// rules is the ordered list of rules in words.
func (s *Server) rules(w http.ResponseWriter, r *http.Request, c *caller) error {
	list, err := s.Router.Rules(r.Context())
	if err != nil {
		return err
	}
	hits, err := s.Router.RuleHits(r.Context(), c.Viewer, s.clock.Now().Add(-ruleDays*24*time.Hour))
	if err != nil {
		return err
	}
	say, err := s.ruleWords(r, c)
	if err != nil {
		return err
	}
	out := page.Rules{Days: ruleDays}
	for i, x := range list {
		d := x.Definition
		out.Rules = append(out.Rules, page.RuleLine{
			ID: x.ID, Name: x.Name, All: say.conditions(d.All), Any: say.conditions(d.Any), Then: say.actions(d.Actions),
			Stops: d.Stop, Active: x.Enabled, Hits: hits[x.ID], First: i == 0, Last: i == len(list)-1,
		})
	}
	if out.Shell, err = s.adminShell(r, c, page.AdminRules); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// findRule is a rule as it stands.
func (s *Server) findRule(r *http.Request, id int64) (*router.Rule, error) {
	list, err := s.Router.Rules(r.Context())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(x router.Rule) bool { return x.ID == id })
	if i < 0 {
		return nil, inbox.ErrNotFound
	}
	return &list[i], nil
}

func (s *Server) newRule(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.showRule(w, r, c, &ruleInput{active: true}, nil)
}

func (s *Server) rule(w http.ResponseWriter, r *http.Request, c *caller) error {
	x, err := s.findRule(r, pathID(r, "id"))
	if err != nil {
		return err
	}
	return s.showRule(w, r, c, inputOf(x), nil)
}

// showRule draws the form of a rule, with what a trial gave if there was one.
func (s *Server) showRule(w http.ResponseWriter, r *http.Request, c *caller, in *ruleInput, trial *page.RuleTrial) error {
	say, err := s.ruleWords(r, c)
	if err != nil {
		return err
	}
	f := page.RuleForm{ID: in.id, Version: in.version, Name: in.name, Stop: in.stop, Active: in.active, Faults: in.faults, Trial: trial}
	f.All, f.Any, f.Actions = say.rows("all", in.all, in.faults), say.rows("any", in.any, in.faults), say.actionRows(in.then, in.faults)
	if f.Shell, err = s.adminShell(r, c, page.AdminRules); err != nil {
		return err
	}
	s.show(w, r, formStatus(in.faults), c.lang, f)
	return nil
}

// ruleRow gives a row of the form back after its first choice, with what fits it.
func (s *Server) ruleRow(w http.ResponseWriter, r *http.Request, c *caller) error {
	say, err := s.ruleWords(r, c)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	n := int(min(parseID(q.Get("n")), 1000))
	switch group := q.Get("group"); group {
	case "all", "any":
		row := say.conditionRow(group, n, conditionInput{field: q.Get(group + ".field"), op: q.Get(group + ".op")})
		s.show(w, r, http.StatusOK, c.lang, row)
	case "then":
		s.show(w, r, http.StatusOK, c.lang, say.actionRow(n, actionInput{do: q.Get("then.do")}))
	default:
		return inbox.ErrNotFound
	}
	return nil
}

// saveRule makes a rule or changes one, or gives the form back with one row more.
func (s *Server) saveRule(w http.ResponseWriter, r *http.Request, c *caller) error {
	in := readRule(r)
	if in.id = pathID(r, "id"); r.PathValue("id") != "" {
		if _, err := s.findRule(r, in.id); err != nil {
			return err
		}
	}
	if in.more(r.PostFormValue("add")) {
		return s.showRule(w, r, c, in, nil)
	}
	rule, err := s.parseRule(r, c, in)
	if err != nil {
		return err
	}
	if in.name == "" {
		in.faults = append([]page.FieldFault{{Field: "name", Key: "required"}}, in.faults...)
	}
	if in.faults == nil {
		_, err := s.Router.SaveRule(r.Context(), c.Viewer, *rule)
		if err == nil {
			return s.saved(w, r, "/admin/rules", "saved")
		}
		if err := s.ruleFaults(r, c, in, err); err != nil {
			return err
		}
	}
	return s.showRule(w, r, c, in, nil)
}

func (s *Server) moveRule(w http.ResponseWriter, r *http.Request, c *caller) error {
	dir := 1
	if r.PostFormValue("dir") == "up" {
		dir = -1
	}
	return s.done(w, r, c, "/admin/rules", s.Router.MoveRule(r.Context(), c.Viewer, pathID(r, "id"), dir), "moved")
}

func (s *Server) switchRule(w http.ResponseWriter, r *http.Request, c *caller) error {
	x, err := s.findRule(r, pathID(r, "id"))
	if err != nil {
		return err
	}
	key := "rule_off"
	if x.Enabled = r.PostFormValue("on") == "1"; x.Enabled {
		key = "rule_on"
	}
	_, err = s.Router.SaveRule(r.Context(), c.Viewer, *x)
	return s.done(w, r, c, "/admin/rules", err, key, "name", x.Name)
}

func (s *Server) deleteRule(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.done(w, r, c, "/admin/rules", s.Router.DeleteRule(r.Context(), c.Viewer, pathID(r, "id")), "deleted")
}
