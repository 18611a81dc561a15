package web

import (
	"net/http"
	"time"

	"filodiretto/internal/password"
	"filodiretto/web/page"
)

func (s *Server) accessRoutes() {
	s.mux.HandleFunc("GET /me/password", s.staff(s.access))
	s.mux.HandleFunc("POST /me/password", s.staff(s.changePassword))
	s.mux.HandleFunc("POST /me/others", s.staff(s.endOthers))
}

// access is the page of the operator's own password and sessions.
func (s *Server) access(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.showAccess(w, r, c, http.StatusOK, nil)
}

func (s *Server) showAccess(w http.ResponseWriter, r *http.Request, c *caller, status int, faults []page.FieldFault) error {
	out := page.Access{Login: c.op.Login, Faults: faults}
	n, err := s.Router.Sessions(r.Context(), c.OperatorID)
	if err != nil {
		return err
	}
	out.Others = max(0, n-1)
	if out.Shell, err = s.shell(r, c, ""); err != nil {
		return err
	}
	out.Shell.Title = c.say.Text("access.title")
	s.show(w, r, status, c.lang, out)
	return nil
}

// changePassword stores the operator's own new password, for which the present
// one must be told: a browser that was left open is no proof of who sits there.
// Guessing is slowed down as at the log-in.
func (s *Server) changePassword(w http.ResponseWriter, r *http.Request, c *caller) error {
	faults, err := s.newPasswordFaults(r, c)
	if err != nil {
		return err
	}
	if faults != nil {
		return s.showAccess(w, r, c, http.StatusUnprocessableEntity, faults)
	}
	hash, err := s.Hasher.Hash(r.Context(), r.PostFormValue("password"))
	if err != nil {
		return err
	}
	if err := s.Router.SetPassword(r.Context(), c.Viewer, c.OperatorID, hash); err != nil {
		return err
	}
	if err := s.beginSession(r.Context(), c.OperatorID); err != nil {
		return err
	}
	return s.saved(w, r, "/me/password", "password_changed")
}

func (s *Server) newPasswordFaults(r *http.Request, c *caller) ([]page.FieldFault, error) {
	old, fresh := r.PostFormValue("old"), r.PostFormValue("password")
	keys := []string{"name:" + c.op.Login}
	if wait := s.slow.wait(r.Context(), keys); wait > 0 {
		return []page.FieldFault{{Field: "old", Key: "password_slow", Args: map[string]any{"n": int(wait/time.Second) + 1}}}, nil
	}
	op, err := s.Router.OperatorByLogin(r.Context(), c.op.Login)
	if err != nil {
		return nil, err
	}
	ok, err := s.Hasher.Verify(r.Context(), old, op.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		s.slow.failed(r.Context(), keys)
		return []page.FieldFault{{Field: "old", Key: "password_wrong"}}, nil
	}
	s.slow.succeeded(r.Context(), keys)
	var faults []page.FieldFault
	if weak := password.Check(fresh, op.Login, op.Name, s.Config.Municipality.Name); weak != password.None {
		faults = append(faults, page.FieldFault{Field: "password", Text: weak.Text(string(c.lang))})
	} else if fresh == old {
		faults = append(faults, page.FieldFault{Field: "password", Key: "password_same"})
	}
	if fresh != r.PostFormValue("again") {
		faults = append(faults, page.FieldFault{Field: "again", Key: "password_differs"})
	}
	return faults, nil
}

// endOthers ends what the operator left open elsewhere.
func (s *Server) endOthers(w http.ResponseWriter, r *http.Request, c *caller) error {
	if err := s.Router.ShowOut(r.Context(), c.Viewer, c.OperatorID); err != nil {
		return err
	}
	if err := s.beginSession(r.Context(), c.OperatorID); err != nil {
		return err
	}
	return s.saved(w, r, "/me/password", "others_ended")
}
