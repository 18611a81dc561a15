package web

import (
	"net/http"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/router"
	"filodiretto/templates"
	"filodiretto/web/page"
)

func (s *Server) readyLines(r *http.Request, c *caller) ([]page.ReadyLine, error) {
	list, err := s.Router.ReadyTexts(r.Context(), c.Viewer)
	if err != nil {
		return nil, err
	}
	var out []page.ReadyLine
	for _, t := range list {
		out = append(out, page.ReadyLine{ID: t.ID, Short: t.Short, Name: t.Name, Lang: page.Lang(t.Lang), Office: c.office(t.OfficeID), Changed: t.UpdatedAt, By: c.operator(t.UpdatedBy)})
	}
	return out, nil
}

// findReady is a ready text that the caller may change.
func (s *Server) findReady(r *http.Request, c *caller) (*router.ReadyText, error) {
	list, err := s.Router.ReadyTexts(r.Context(), c.Viewer)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(t router.ReadyText) bool { return t.ID == pathID(r, "id") })
	if i < 0 {
		return nil, inbox.ErrNotFound
	}
	return &list[i], nil
}

func (s *Server) newReady(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.showReady(w, r, c, router.ReadyText{Lang: s.Config.Municipality.Language}, nil)
}

func (s *Server) readyText(w http.ResponseWriter, r *http.Request, c *caller) error {
	t, err := s.findReady(r, c)
	if err != nil {
		return err
	}
	return s.showReady(w, r, c, *t, nil)
}

func (s *Server) showReady(w http.ResponseWriter, r *http.Request, c *caller, t router.ReadyText, faults []page.FieldFault) error {
	f := page.ReadyForm{ID: t.ID, Name: t.Name, Short: t.Short, Body: t.Body, Seen: formatInstant(t.UpdatedAt), Faults: faults, Preview: s.readyPreview(c, t)}
	for _, o := range c.officeChoices(t.OfficeID) {
		if c.Admin || c.Member(parseID(o.Value)) {
			f.Offices = append(f.Offices, o)
		}
	}
	for _, l := range page.AllLangs {
		f.Langs = append(f.Langs, page.Choice{Value: string(l), Label: c.say.Text("lang." + string(l)), Chosen: string(l) == t.Lang})
	}
	for _, v := range readyVars {
		name := v.it
		if c.lang == page.English {
			name = v.en
		}
		f.Variables = append(f.Variables, page.TextVariable{Name: "{" + name + "}", Meaning: c.say.Text("ready_var." + v.en)})
	}
	var err error
	if f.Shell, err = s.adminShell(r, c, page.AdminTexts); err != nil {
		return err
	}
	s.show(w, r, formStatus(faults), c.lang, f)
	return nil
}

// readyVars are what ready texts may ask for, as Server.knownOf fills it in.
var readyVars = []struct{ it, en string }{
	{"numero", "case_number"}, {"oggetto", "case_subject"}, {"nome", "name"}, {"ufficio", "office"}, {"operatore", "operator"}, {"comune", "municipality"},
}

// readyExample are values to show a ready text with, as those of the notices.
func (s *Server) readyExample(c *caller, t router.ReadyText) map[string]string {
	e, _ := templates.Lookup(templates.Receipt)
	k := &inbox.Case{Person: "Lucia Ferrante", OfficeID: t.OfficeID}
	known := s.knownOf(c, k)
	for _, x := range readyVars {
		if v, ok := e.Find(x.en); ok && (known[x.en] == "" || x.en == "case_number") {
			known[x.en], known[x.it] = v.Example(t.Lang), v.Example(t.Lang)
		}
	}
	return known
}

func readReady(r *http.Request) router.ReadyText {
	id := pathID(r, "id")
	if r.PathValue("id") == "" {
		id = parseID(r.PostFormValue("id"))
	}
	return router.ReadyText{
		ID: id, Name: r.PostFormValue("name"), Short: r.PostFormValue("short"), OfficeID: parseID(r.PostFormValue("office")),
		Lang: r.PostFormValue("lang"), Body: r.PostFormValue("body"), UpdatedAt: clock.Instant(parseID(r.PostFormValue("seen"))),
	}
}

// saveReady makes a ready text or changes one. Over what a colleague changed
// meanwhile the form comes back, and the next attempt goes over it.
func (s *Server) saveReady(w http.ResponseWriter, r *http.Request, c *caller) error {
	t := readReady(r)
	if r.PathValue("id") == "" {
		t.ID, t.UpdatedAt = 0, 0
	}
	_, err := s.Router.SaveReadyText(r.Context(), c.Viewer, t)
	if err == nil {
		return s.saved(w, r, "/admin/texts", "saved")
	}
	faults, ok := c.formFaults(err, nil)
	if !ok {
		return err
	}
	if faults[0].Key == "changed" {
		now, err := s.findReady(r, c)
		if err != nil {
			return err
		}
		t.UpdatedAt = now.UpdatedAt
	}
	return s.showReady(w, r, c, t, faults)
}

func (s *Server) deleteReady(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.done(w, r, c, "/admin/texts", s.Router.DeleteReadyText(r.Context(), c.Viewer, pathID(r, "id")), "deleted")
}
