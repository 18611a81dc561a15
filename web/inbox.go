package web

import (
	"errors"
	"net/http"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/together"
	"filodiretto/web/page"
)

// rowsPerPage is how many cases a list shows at once.
const rowsPerPage = 25

func (s *Server) inboxRoutes() {
	s.mux.HandleFunc("GET "+livePath, s.live)
	s.mux.HandleFunc("GET /cases", s.staff(s.inboxPage))
	s.mux.HandleFunc("GET /cases/rows", s.staff(s.rows))
	s.mux.HandleFunc("GET /cases/row", s.staff(s.row))
	s.mux.HandleFunc("GET /cases/counts", s.staff(s.counts))
	s.mux.HandleFunc("POST /cases/bulk", s.staff(s.bulk))
	s.mux.HandleFunc("GET /search", s.staff(s.search))
	s.mux.HandleFunc("POST /views", s.staff(s.saveView))
	s.mux.HandleFunc("POST /views/{id}/forget", s.staff(s.forgetView))
	s.mux.HandleFunc("GET /help", s.staff(s.help))
}

// viewID is the view of a page, or the office's.
func viewID(name string) page.ViewID {
	for _, v := range page.AllViews {
		if string(v.ID) == name {
			return v.ID
		}
	}
	if _, ok := page.ViewID(name).SavedID(); ok {
		return page.ViewID(name)
	}
	return page.ViewOffice
}

// domainView is a view of the pages as the inbox calls it.
func domainView(v page.ViewID) inbox.View {
	if v == page.ViewSoon {
		return inbox.ViewDueSoon
	}
	return inbox.View(v)
}

// inboxPage is the page that people live in. When only the case is asked for
// (another row was chosen), the rest is not made, unless a sentence waits to be
// told, which stands outside of it.
func (s *Server) inboxPage(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := r.URL.Query()
	view := viewID(q.Get("view"))
	if r.Header.Get("HX-Target") == "work" && !s.sessions.Exists(r.Context(), flashKey) {
		work, err := s.work(r, c, view, q.Get("case"))
		if err != nil {
			return err
		}
		s.show(w, r, http.StatusOK, c.lang, work)
		return nil
	}
	p, err := s.inboxAround(r, c, view, q.Get("case"))
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, p)
	return nil
}

// inboxAround is the whole page with a case open, or none.
func (s *Server) inboxAround(r *http.Request, c *caller, view page.ViewID, ref string) (p page.Inbox, err error) {
	q := r.URL.Query()
	err = together.Do(
		func() (err error) {
			p.Work, err = s.work(r, c, view, ref)
			return err
		},
		func() (err error) {
			if p.Shell, err = s.shell(r, c, page.SectionInbox); err == nil {
				p.Views, err = s.views(r, c, view)
			}
			return err
		},
		func() (err error) {
			p.List, err = s.list(r, c, view, q.Get("before"), ref)
			return err
		},
	)
	if err != nil {
		return p, err
	}
	p.List.Total = total(p.Views, view)
	if p.List.Saved != nil {
		p.Shell.Title = p.List.Saved.Name
	} else {
		p.Shell.Title = c.say.Text("view." + string(view))
	}
	if p.Work.Case != nil {
		p.Shell.Title = p.Work.Case.Head.Number
	}
	if q.Get("pane") == string(page.PaneViews) {
		p.Pane = page.PaneViews
	}
	return p, nil
}

func total(v page.Views, view page.ViewID) int {
	if n, ok := v.Counts[view]; ok {
		return n
	}
	return -1
}

// views is the left pane.
func (s *Server) views(r *http.Request, c *caller, current page.ViewID) (page.Views, error) {
	may := c.may()
	v := page.Views{Current: current, Counts: map[page.ViewID]int{}, ShowQuarantine: may.Quarantine, ShowReception: may.Reception, ShowAll: c.FrontDesk}
	n, err := s.Inbox.Counts(r.Context(), c.Viewer)
	if err != nil {
		return v, err
	}
	for _, x := range page.AllViews {
		if k, ok := n[domainView(x.ID)]; ok {
			v.Counts[x.ID] = k
		}
	}
	if v.Saved, err = s.savedViews(r, c); err != nil {
		return v, err
	}
	w, err := s.waits(r, c)
	v.Unread, v.Quarantine = map[page.ViewID]int{page.ViewMine: w.Mine, page.ViewOffice: w.Office}, w.Quarantined
	return v, err
}

// list is the middle pane: a piece of a view from a cursor on.
func (s *Server) list(r *http.Request, c *caller, view page.ViewID, before, current string) (page.Rows, error) {
	if id, ok := view.SavedID(); ok {
		return s.savedList(r, c, id, before, current)
	}
	p, err := s.Inbox.List(r.Context(), c.Viewer, domainView(view), before, rowsPerPage)
	if err != nil {
		return page.Rows{}, err
	}
	out := page.Rows{View: view, Before: p.Next, Newer: before != "", Total: -1, Order: page.OrderRecent, Offices: c.officeChoices(0, c.Offices...)}
	if slices.Contains([]page.ViewID{page.ViewSoon, page.ViewOverdue, page.ViewSnoozed}, view) {
		out.Order = page.OrderDue
	}
	out.Rows = s.fillRows(r, c, view, p.Cases)
	for i := range out.Rows {
		out.Rows[i].Current = out.Rows[i].Number == current
	}
	return out, nil
}

// rows answers the next page of a list, to be appended.
func (s *Server) rows(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := r.URL.Query()
	l, err := s.list(r, c, viewID(q.Get("view")), q.Get("before"), "")
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, l)
	return nil
}

// row answers one row as it is now, or nothing when its case is not in the view.
func (s *Server) row(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := r.URL.Query()
	view := viewID(q.Get("view"))
	k, err := s.Inbox.CaseByRef(r.Context(), c.Viewer, q.Get("number"))
	if err == nil {
		var in bool
		if in, err = s.inView(r, c, view, k); err == nil && !in {
			err = inbox.ErrNotFound
		}
	}
	if errors.Is(err, inbox.ErrNotFound) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, s.fillRows(r, c, view, []*inbox.Case{k})[0])
	return nil
}

// counts answers the left pane and the mark on the rail as they are now.
func (s *Server) counts(w http.ResponseWriter, r *http.Request, c *caller) error {
	v, err := s.views(r, c, viewID(r.URL.Query().Get("view")))
	if err != nil {
		return err
	}
	n, err := s.waits(r, c)
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, page.Counts{Views: v, Tally: page.Tally{Unread: n.Unread}})
	return nil
}

func (s *Server) help(w http.ResponseWriter, r *http.Request, c *caller) error {
	sh, err := s.shell(r, c, page.SectionHelp)
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, page.Help{Shell: sh, Operators: s.searchOperators(c)})
	return nil
}
