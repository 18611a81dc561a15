package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"filodiretto/inbox"
	"filodiretto/web/page"
)

// mostBulk is how many cases one action may touch.
const mostBulk = 200

// bulk does one thing to many cases. What may not be done to one of them does
// not keep it from the others; how many it was done to is told.
func (s *Server) bulk(w http.ResponseWriter, r *http.Request, c *caller) error {
	refs := r.PostForm["number"]
	to := "/cases?view=" + url.QueryEscape(string(viewID(r.PostFormValue("view"))))
	do, err := s.bulkAction(r, c)
	if err != nil {
		return s.done(w, r, c, to, err, "")
	}
	n := 0
	for _, ref := range refs[:min(len(refs), mostBulk)] {
		k, err := s.Inbox.CaseByRef(r.Context(), c.Viewer, ref)
		if err == nil {
			err = do(k)
		}
		switch {
		case err == nil:
			n++
		case errors.Is(err, inbox.ErrNotFound), errors.Is(err, inbox.ErrForbidden), errors.Is(err, inbox.ErrInvalid), errors.Is(err, inbox.ErrChanged):
		default:
			return err
		}
	}
	if n < len(refs) {
		s.flash(r, page.LevelSoon, "bulk_some", "done", n, "n", len(refs))
	} else {
		s.flash(r, page.LevelOK, "bulk", "n", n)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// bulkAction is what is to be done to each case.
func (s *Server) bulkAction(r *http.Request, c *caller) (func(*inbox.Case) error, error) {
	ctx, v := r.Context(), c.Viewer
	switch r.PostFormValue("do") {
	case "mine":
		return func(k *inbox.Case) error { _, err := s.Inbox.Assign(ctx, v, k.ID, k.Version, v.OperatorID); return err }, nil
	case "read":
		return func(k *inbox.Case) error {
			if !c.mayWork(k) {
				return inbox.ErrForbidden
			}
			return s.Inbox.MarkRead(ctx, v, k)
		}, nil
	case "office":
		office, reason := parseID(r.PostFormValue("office")), r.PostFormValue("reason")
		if c.dir.Office(office) == nil {
			return nil, &inbox.InvalidError{Field: "office", Code: "unknown"}
		}
		if reason == "" {
			reason = c.say.Text("bulk.office") + ": " + c.office(office)
		}
		return func(k *inbox.Case) error {
			_, err := s.Desk.HandOver(ctx, v, k.ID, k.Version, office, reason)
			return err
		}, nil
	case "snooze":
		until, err := s.snoozeUntil(r.PostFormValue("until"), r.PostFormValue("at"))
		return func(k *inbox.Case) error { _, err := s.Inbox.Snooze(ctx, v, k.ID, k.Version, until); return err }, err
	case "close":
		outcome := r.PostFormValue("outcome")
		if !slices.Contains(page.CloseOutcomes, outcome) {
			return nil, &inbox.InvalidError{Field: "outcome", Code: "unknown"}
		}
		return func(k *inbox.Case) error {
			_, err := s.Inbox.Close(ctx, v, k.ID, k.Version, k.LastInID, outcome)
			return err
		}, nil
	}
	return nil, &inbox.InvalidError{Field: "do", Code: "unknown"}
}
