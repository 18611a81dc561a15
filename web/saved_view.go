package web

import (
	"errors"
	"net/http"

	"filodiretto/inbox"
	"filodiretto/internal/textfold"
	"filodiretto/web/page"
)

// saveView keeps a search among the views of whoever made it. A search of which
// something was not understood is not kept: it would show other cases than meant.
func (s *Server) saveView(w http.ResponseWriter, r *http.Request, c *caller) error {
	if !c.worksWithCitizens() {
		return inbox.ErrForbidden
	}
	query := r.PostFormValue("query")
	if _, problems := textfold.Parse(query, s.searchOptions(c)); len(problems) > 0 {
		return s.done(w, r, c, backURL(r, "/search"), &inbox.InvalidError{Field: "query", Code: "unclear"}, "")
	}
	sv, err := s.Inbox.SaveView(r.Context(), c.Viewer, r.PostFormValue("name"), query)
	var invalid *inbox.InvalidError
	if errors.As(err, &invalid) && invalid.Field == "name" {
		err = &inbox.InvalidError{Field: "view_name", Code: invalid.Code}
	}
	if err != nil {
		return s.done(w, r, c, backURL(r, "/search"), err, "")
	}
	return s.done(w, r, c, "/cases?view="+string(pageSaved(sv).View()), nil, "view_saved", "name", sv.Name)
}

// forgetView takes a saved view away.
func (s *Server) forgetView(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.done(w, r, c, "/cases", s.Inbox.ForgetView(r.Context(), c.Viewer, pathID(r, "id")), "view_forgotten")
}

func pageSaved(sv *inbox.SavedView) page.SavedView {
	return page.SavedView{ID: sv.ID, Name: sv.Name, Query: sv.Query}
}

// savedViews are the caller's own, for the left pane.
func (s *Server) savedViews(r *http.Request, c *caller) ([]page.SavedView, error) {
	list, err := s.Inbox.SavedViews(r.Context(), c.Viewer)
	var out []page.SavedView
	for i := range list {
		out = append(out, pageSaved(&list[i]))
	}
	return out, err
}

// savedList is the middle pane with what a saved view finds today, from a cursor
// on. A page may hold fewer rows than others and not be the last.
func (s *Server) savedList(r *http.Request, c *caller, id int64, before, current string) (page.Rows, error) {
	sv, err := s.Inbox.SavedView(r.Context(), c.Viewer, id)
	if err != nil {
		return page.Rows{}, err
	}
	saved := pageSaved(sv)
	q, _ := textfold.Parse(sv.Query, s.searchOptions(c))
	found, err := s.Inbox.SearchFrom(r.Context(), c.Viewer, q, before, rowsPerPage)
	if err != nil {
		return page.Rows{}, err
	}
	cases := make([]*inbox.Case, len(found.Hits))
	for i, h := range found.Hits {
		cases[i] = h.Case
	}
	out := page.Rows{
		View: saved.View(), Saved: &saved, Before: found.Next, Newer: before != "", Total: -1,
		Order: page.OrderRecent, Offices: c.officeChoices(0, c.Offices...),
	}
	if len(q.Words)+len(q.Phrases) > 0 {
		out.Order = page.OrderFit
	}
	out.Rows = s.fillRows(r, c, out.View, cases)
	for i := range out.Rows {
		out.Rows[i].Current = out.Rows[i].Number == current
	}
	return out, nil
}

// inView reports whether a case stands in a view, so that an open page can ask
// for one row instead of the list.
func (s *Server) inView(r *http.Request, c *caller, view page.ViewID, k *inbox.Case) (bool, error) {
	id, ok := view.SavedID()
	if view == page.ViewCopied {
		return s.Inbox.CameToo(r.Context(), c.Viewer, k)
	}
	if !ok {
		return domainView(view).InView(c.Viewer, k, s.clock.Now()), nil
	}
	sv, err := s.Inbox.SavedView(r.Context(), c.Viewer, id)
	if err != nil {
		return false, err
	}
	q, _ := textfold.Parse(sv.Query, s.searchOptions(c))
	return s.Inbox.Fits(r.Context(), c.Viewer, q, k)
}
