package web

import (
	"errors"
	"net/http"
	"net/url"

	"filodiretto/inbox"
	"filodiretto/web/page"
)

func (s *Server) caseRoutes() {
	const base = "/cases/{year}/{seq}"
	s.mux.HandleFunc("GET "+base, s.staff(s.caseAddress))
	s.mux.HandleFunc("GET "+base+"/live", s.staff(s.caseLive))
	s.mux.HandleFunc("GET "+base+"/earlier", s.staff(s.caseEarlier))
	s.mux.HandleFunc("POST "+base+"/assign", s.staff(s.assign))
	s.mux.HandleFunc("POST "+base+"/office", s.staff(s.handOver))
	s.mux.HandleFunc("POST "+base+"/accept", s.staff(s.answerHandover))
	s.mux.HandleFunc("POST "+base+"/withdraw", s.staff(s.withdrawHandover))
	s.mux.HandleFunc("POST "+base+"/kind", s.staff(s.setKind))
	s.mux.HandleFunc("POST "+base+"/snooze", s.staff(s.snooze))
	s.mux.HandleFunc("POST "+base+"/wake", s.staff(s.wake))
	s.mux.HandleFunc("POST "+base+"/close", s.staff(s.closeCase))
	s.mux.HandleFunc("POST "+base+"/reopen", s.staff(s.reopen))
	s.mux.HandleFunc("POST "+base+"/merge", s.staff(s.mergeCase))
	s.mux.HandleFunc("POST "+base+"/unmerge", s.staff(s.unmergeCase))
	s.mux.HandleFunc("POST "+base+"/suggestions/{id}", s.staff(s.decideSuggestion))
	s.mux.HandleFunc("POST "+base+"/deliveries/{id}/retry", s.staff(s.retryDelivery))
	s.mux.HandleFunc("POST "+base+"/deliveries/{id}/arrived", s.staff(s.markArrived))
	s.mux.HandleFunc("POST "+base+"/dealt", s.staff(s.dealWithFailure))
	s.mux.HandleFunc("POST "+base+"/presence", s.staff(s.setPresence))
	s.trustRoutes(base)
}

// pathCase is the case that the address names, if the caller may see it.
func (s *Server) pathCase(r *http.Request, c *caller) (*inbox.Case, error) {
	return s.Inbox.CaseByRef(r.Context(), c.Viewer, pathRef(r))
}

// pathRef is the number in the address.
func pathRef(r *http.Request) string { return r.PathValue("year") + "/" + r.PathValue("seq") }

// caseURL is the page of a case within a view.
func caseURL(view page.ViewID, ref string) string {
	q := url.Values{"case": {ref}}
	if view != "" {
		q.Set("view", string(view))
	}
	return "/cases?" + q.Encode()
}

// caseAddress leads from the plain address of a case, as texts and API name it,
// to the page that shows it.
func (s *Server) caseAddress(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	http.Redirect(w, r, caseURL("", k.Ref()), http.StatusSeeOther)
	return nil
}

// work is the right part of the inbox: the chosen case with its person. What
// cannot be shown is told in the pane, without saying why.
func (s *Server) work(r *http.Request, c *caller, view page.ViewID, ref string) (page.Work, error) {
	out := page.Work{View: view}
	if ref == "" {
		return out, nil
	}
	p, err := s.Inbox.CasePage(r.Context(), c.Viewer, ref)
	if errors.Is(err, inbox.ErrNotFound) {
		out.Missing = ref
		return out, nil
	}
	if err != nil {
		return out, err
	}
	f := s.filling(r, c, view, p.CaseView)
	f.compose = p.Compose
	if cursor := r.URL.Query().Get("older"); cursor != "" {
		earlier, err := s.Inbox.EarlierInCase(r.Context(), c.Viewer, ref, cursor)
		if err != nil {
			return out, err
		}
		earlier.Suggestions, earlier.Parent = p.Suggestions, p.Parent
		f.cv, f.earlier = earlier, true
	}
	if out.Case, err = f.whole(); err != nil {
		return out, err
	}
	out.Person = s.personPane(c, view, p)
	if r.URL.Query().Get("pane") == string(page.PanePerson) {
		out.Pane = page.PanePerson
	}
	return out, nil
}

// caseEarlier answers what stands on a case before what is shown, to be put above it.
func (s *Server) caseEarlier(w http.ResponseWriter, r *http.Request, c *caller) error {
	cv, err := s.Inbox.EarlierInCase(r.Context(), c.Viewer, pathRef(r), r.URL.Query().Get("older"))
	if err != nil {
		return err
	}
	t, err := s.filling(r, c, viewOrNone(r.URL.Query().Get("view")), cv).timeline()
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, page.Earlier{Timeline: t})
	return nil
}

// caseLive answers what may have changed of an open case. The composer's text
// stays the browser's; only what stops it is told.
func (s *Server) caseLive(w http.ResponseWriter, r *http.Request, c *caller) error {
	cv, err := s.Inbox.ViewCaseByRef(r.Context(), c.Viewer, pathRef(r))
	if err != nil {
		return err
	}
	f := s.filling(r, c, backView(r), cv)
	whole, err := f.parts()
	if err != nil {
		return err
	}
	out := page.CaseLive{Head: whole.Head, Handover: whole.Handover, Suggestions: whole.Suggestions, Forwarded: whole.Forwarded, Timeline: whole.Timeline, Alike: whole.Alike, HasComposer: c.worksWithCitizens()}
	seen := whole.Timeline.Last
	if q := r.URL.Query().Get("seen"); q != "" {
		seen = parseID(q)
	}
	if out.Stop, err = s.stop(r, c, cv.Case, seen); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}
