package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/web/page"
)

func (s *Server) peopleRoutes() {
	s.mux.HandleFunc("GET /people", s.staff(s.people))
	s.mux.HandleFunc("POST /people", s.staff(s.newPerson))
	s.mux.HandleFunc("GET /people/{id}", s.staff(s.person))
	s.mux.HandleFunc("POST /people/{id}", s.staff(s.editPerson))
	s.mux.HandleFunc("POST /people/{id}/identities", s.staff(s.addIdentity))
	s.mux.HandleFunc("POST /people/{id}/identities/{iid}/end", s.staff(s.endIdentity))
	s.mux.HandleFunc("POST /people/{id}/identities/{iid}/proof", s.staff(s.proveIdentity))
	s.mux.HandleFunc("POST /people/{id}/same", s.staff(s.samePerson))
	s.mux.HandleFunc("POST /people/{id}/apart", s.staff(s.otherPerson))
	s.mux.HandleFunc("POST /people/{id}/together", s.staff(s.notApart))
	s.mux.HandleFunc("POST /people/{id}/merges/{mid}/undo", s.staff(s.undoMerge))
	s.mux.HandleFunc("POST /people/{id}/wishes", s.staff(s.setWishes))
	s.mux.HandleFunc("POST /people/{id}/notes", s.staff(s.addPersonNote))
	s.mux.HandleFunc("GET /people/{id}/link", s.staff(s.linkFragment))
	s.mux.HandleFunc("POST /people/{id}/link", s.staff(s.makeLink))
}

func personURL(id int64) string { return "/people/" + formatID(id) }

// people is the list of persons: those found, or the newest.
func (s *Server) people(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := r.URL.Query()
	out := page.People{Query: q.Get("q")}
	return s.showPeople(w, r, c, http.StatusOK, out, parseID(q.Get("before")))
}

func (s *Server) showPeople(w http.ResponseWriter, r *http.Request, c *caller, status int, out page.People, before int64) error {
	if !c.worksWithCitizens() {
		return inbox.ErrForbidden
	}
	out.Total = -1
	var err error
	if out.Query != "" {
		out.People, err = s.findPeople(r, c, out.Query, 50)
		out.Total = len(out.People)
	} else {
		var list []inbox.PersonSummary
		var next int64
		if list, next, err = s.Inbox.NewestPeople(r.Context(), c.Viewer, before, rowsPerPage); err == nil {
			out.People, err = s.personLines(r, c, list)
		}
		if next > 0 {
			out.Before = formatID(next)
		}
	}
	if err != nil {
		return err
	}
	if out.Shell, err = s.shell(r, c, page.SectionPeople); err != nil {
		return err
	}
	out.Shell.Query = out.Query
	s.show(w, r, status, c.lang, out)
	return nil
}

// newPerson opens a file by hand. Somebody who is known already is offered
// instead of a second one.
func (s *Server) newPerson(w http.ResponseWriter, r *http.Request, c *caller) error {
	f := page.PersonForm{Name: r.PostFormValue("name"), Phone: r.PostFormValue("phone"), Email: r.PostFormValue("email"), CF: r.PostFormValue("cf")}
	n := inbox.NewCitizen{Name: f.Name}
	for _, id := range []inbox.NewIdentity{{Kind: "cf", Value: f.CF}, {Kind: "phone", Value: f.Phone}, {Kind: "email", Value: f.Email}} {
		if strings.TrimSpace(id.Value) == "" {
			continue
		}
		if id.Kind == "cf" && r.PostFormValue("sure") == "1" {
			id.OverrideReason = overrideReason(r, c)
		}
		n.Identities = append(n.Identities, id)
	}
	z, err := s.Inbox.CreateCitizen(r.Context(), c.Viewer, n)
	if err == nil {
		http.Redirect(w, r, personURL(z.ID), http.StatusSeeOther)
		return nil
	}
	out := page.People{Form: f}
	if err := s.personFault(r, c, &out, err); err != nil {
		return err
	}
	return s.showPeople(w, r, c, http.StatusUnprocessableEntity, out, 0)
}

// personFault says on the form why a file was not opened.
func (s *Server) personFault(r *http.Request, c *caller, out *page.People, err error) error {
	var taken *inbox.TakenError
	var warning *inbox.WarningError
	var invalid *inbox.InvalidError
	switch {
	case errors.As(err, &taken):
		known, err := s.knownLine(r, c, taken.CitizenID)
		if err != nil {
			return err
		}
		out.Form.Known, out.Fault = known, &page.FieldFault{Field: "email", Key: "taken"}
	case errors.As(err, &warning):
		out.Form.Warn = warning.Code
	case errors.As(err, &invalid):
		out.Fault = personField(invalid)
	default:
		return err
	}
	return nil
}

// personField names the input of a form on a person that is wrong.
func personField(e *inbox.InvalidError) *page.FieldFault {
	key, ok := map[string]string{"name": "name_required", "phone": "bad_phone", "email": "bad_email", "cf": "bad_cf"}[e.Field]
	if !ok {
		key = "bad_value"
	}
	if e.Code == "known" {
		key = "taken"
	}
	return &page.FieldFault{Field: e.Field, Key: key}
}

// overrideReason is why a doubtful codice fiscale is kept: what was written, or
// that the operator confirmed it.
func overrideReason(r *http.Request, c *caller) string {
	if why := strings.TrimSpace(r.PostFormValue("why")); why != "" {
		return why
	}
	return c.say.Text("reception.cf_sure")
}

// findPeople searches persons and says of each what the list shows.
func (s *Server) findPeople(r *http.Request, c *caller, query string, limit int) ([]page.PersonLine, error) {
	hits, err := s.Inbox.SearchCitizens(r.Context(), c.Viewer, query, limit)
	if err != nil {
		return nil, err
	}
	list := make([]inbox.PersonSummary, len(hits))
	for i := range hits {
		list[i] = hits[i].PersonSummary
	}
	return s.personLines(r, c, list)
}

// personLines makes lines of persons with one question for all their facts.
func (s *Server) personLines(r *http.Request, c *caller, list []inbox.PersonSummary) ([]page.PersonLine, error) {
	roots := make([]int64, len(list))
	for i := range list {
		roots[i] = list[i].ID
	}
	facts, err := s.Inbox.PeopleFacts(r.Context(), c.Viewer, roots)
	if err != nil {
		return nil, err
	}
	out := make([]page.PersonLine, len(list))
	for i := range list {
		out[i] = s.personLine(c, &list[i], facts[list[i].ID])
	}
	return out, nil
}

func (s *Server) personLine(c *caller, p *inbox.PersonSummary, f inbox.PersonFacts) page.PersonLine {
	x := page.PersonLine{ID: p.ID, Name: c.known(p.Name), Open: f.Open, Due: dueAt(f.Due, false, s.clock.Now()), Last: f.Last}
	for i := range p.Identities {
		id := &p.Identities[i]
		switch id.Kind {
		case "address":
			x.Address = id.Shown()
			continue
		case "cf":
			continue
		}
		if ch := identityChannel(id.Kind); !slices.Contains(x.Channels, ch) {
			x.Channels = append(x.Channels, ch)
		}
		if x.Handle == "" && id.Shown() != p.Name && (id.Kind != "telegram" || id.Handle != "") { // a bare number tells nobody anything
			x.Handle = id.Shown()
		}
	}
	return x
}

func identityChannel(kind string) page.Channel {
	if ch, ok := channelOfIdentity[kind]; ok {
		return ch
	}
	return page.Channel(kind)
}

// knownLine is one person as a form offers them.
func (s *Server) knownLine(r *http.Request, c *caller, id int64) (*page.PersonLine, error) {
	p, err := s.Inbox.PersonSummary(r.Context(), c.Viewer, id)
	if err != nil {
		return nil, err
	}
	list, err := s.personLines(r, c, []inbox.PersonSummary{*p})
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// person is a citizen's whole file, or its story alone when only that is asked for.
func (s *Server) person(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := r.URL.Query()
	show := historyFilter(q.Get("show"))
	if r.Header.Get("HX-Target") == "history" {
		h, err := s.history(r, c, pathID(r, "id"), show, q.Get("before"))
		if err != nil {
			return err
		}
		s.show(w, r, http.StatusOK, c.lang, h)
		return nil
	}
	return s.showPerson(w, r, c, http.StatusOK, nil)
}

// showPerson draws the file; change puts in what came back from a form.
func (s *Server) showPerson(w http.ResponseWriter, r *http.Request, c *caller, status int, change func(*page.Person)) error {
	q := r.URL.Query()
	p, err := s.Inbox.Person(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return err
	}
	out := s.fillPerson(c, p)
	out.Link = s.linkState(p.ID, p.Link)
	if out.MayLink, err = s.mayLink(r.Context()); err != nil {
		return err
	}
	if out.History, err = s.history(r, c, p.ID, historyFilter(q.Get("show")), q.Get("before")); err != nil {
		return err
	}
	if err := s.fillComparisons(r, c, p, parseID(q.Get("compare")), &out); err != nil {
		return err
	}
	if out.Tickets, err = s.ticketLines(r, c, p.ID); err != nil {
		return err
	}
	if id := pathID(r, "id"); id != p.ID {
		out.MergedInto = &page.PersonLine{ID: p.ID, Name: p.Name}
	}
	if change != nil {
		change(&out)
	}
	if out.Shell, err = s.shell(r, c, page.SectionPeople); err != nil {
		return err
	}
	out.Shell.Title = p.Name
	s.show(w, r, status, c.lang, out)
	return nil
}

func historyFilter(name string) page.HistoryFilter {
	if f := page.HistoryFilter(name); slices.Contains(page.AllHistoryFilters, f) {
		return f
	}
	return page.HistoryAll
}

func historyURL(id int64, show page.HistoryFilter, before string) string {
	return personURL(id) + "?" + url.Values{"show": {string(show)}, "before": {before}}.Encode()
}
