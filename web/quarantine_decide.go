package web

import (
	"errors"
	"net/http"

	"filodiretto/inbox"
	"filodiretto/web/page"
)

func (s *Server) releaseQuarantined(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	k, err := s.Inbox.Release(r.Context(), c.Viewer, id, 0, "")
	switch {
	case err != nil:
		return s.done(w, r, c, quarantineURL(id), err, "released")
	case k == nil:
		return s.done(w, r, c, "/quarantine", nil, "released_elsewhere")
	default:
		return s.done(w, r, c, caseURL("", k.Ref()), nil, "released")
	}
}

// attachQuarantined puts an item into a case that exists.
func (s *Server) attachQuarantined(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	k, err := s.Inbox.CaseByRef(r.Context(), c.Viewer, r.PostFormValue("case"))
	if errors.Is(err, inbox.ErrNotFound) {
		return s.showQuarantined(w, r, c, http.StatusUnprocessableEntity, &page.FieldFault{Field: "case", Key: "bad_number"})
	}
	if err != nil {
		return err
	}
	to := caseURL("", k.Ref())
	if _, err = s.Inbox.Release(r.Context(), c.Viewer, id, k.ID, ""); err != nil {
		to = quarantineURL(id)
	}
	return s.done(w, r, c, to, err, "attached", "number", k.Ref())
}

// rejectQuarantined keeps an item out, with a way back.
func (s *Server) rejectQuarantined(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	reject, key := s.Inbox.Reject, "rejected"
	if r.PostFormValue("hold") != "" {
		reject, key = s.Inbox.RejectAndHold, "rejected_held"
	}
	if err := reject(r.Context(), c.Viewer, id, r.PostFormValue("reason")); err != nil {
		return s.done(w, r, c, quarantineURL(id), err, key)
	}
	s.flashUndo(r, quarantineURL(id)+"/wait", key)
	return s.done(w, r, c, "/quarantine", nil, "")
}

// rejectStorm keeps out all that waits of one sender, for a reason that a person gives
// (mail rule 58), with a way back for all of it.
func (s *Server) rejectStorm(w http.ResponseWriter, r *http.Request, c *caller) error {
	n, one, err := s.Inbox.RejectStorm(r.Context(), c.Viewer, parseID(r.PostFormValue("account")), r.PostFormValue("address"), r.PostFormValue("reason"))
	if err == nil {
		s.flashUndo(r, quarantineURL(one)+"/wait?together=1", "storm_rejected", "n", n)
	}
	return s.done(w, r, c, "/quarantine", err, "")
}

// putBack lets wait again what was rejected: by mistake, or too soon.
func (s *Server) putBack(w http.ResponseWriter, r *http.Request, c *caller) error {
	did, err := s.Inbox.WaitAgain(r.Context(), c.Viewer, pathID(r, "id"), r.FormValue("together") != "")
	to := "/quarantine"
	key := "put_back"
	if did.Freed > 0 {
		key = "put_back_freed"
	}
	if did.Count == 1 {
		to = quarantineURL(pathID(r, "id"))
	}
	return s.done(w, r, c, to, err, key, "n", did.Count)
}

// parseQuarantined reads an item with the parser of today (mail rule 20).
func (s *Server) parseQuarantined(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	filed, err := s.Inbox.ReadAgain(r.Context(), c.Viewer, id)
	key, to := "parsed_same", quarantineURL(id)
	if filed {
		key = "released"
	}
	return s.done(w, r, c, to, err, key)
}
