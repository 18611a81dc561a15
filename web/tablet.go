package web

import (
	"errors"
	"net/http"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// The tablet of a counter: /tablet/{site}, opened with its token. It shows the
// faces for a minute and a half after a service, so that whoever comes next does
// not vote in the name of who was there before.
func (s *Server) tabletRoutes() {
	s.mux.HandleFunc("GET /tablet/{site}", s.tabletPage)
	s.mux.HandleFunc("POST /tablet/{site}", s.tabletVote)
	s.mux.HandleFunc("POST /tablet/{site}/reason", s.tabletReason)
}

// How soon a tablet looks again, in seconds.
const (
	tabletLooks  = 4
	tabletThanks = 6
	tabletReads  = 60 // while somebody chooses
)

func (s *Server) tabletPage(w http.ResponseWriter, r *http.Request) {
	d, h, done := s.device(w, r, "tablet")
	if done {
		return
	}
	v := s.tablet(d, h)
	_, err := s.Votes.TabletInvitation(r.Context(), d)
	switch {
	case errors.Is(err, inbox.ErrNotFound):
		v.Step, v.Again = page.VoteWait, tabletLooks
	case err != nil:
		s.fail(w, r, err)
		return
	default:
		v.Step, v.Again = page.VoteFaces, tabletReads
	}
	s.showVote(w, r, v)
}

func (s *Server) tablet(d *queue.Device, h *queue.House) page.Vote {
	v := page.Vote{RoomFrame: page.RoomFrame{Site: h.Site.Name, Path: "/tablet/" + h.Site.Key}}
	if c := h.Counter(d.CounterID); c != nil {
		v.About = c.Name
	}
	return v
}

func (s *Server) tabletVote(w http.ResponseWriter, r *http.Request) {
	d, h, done := s.device(w, r, "tablet")
	if done {
		return
	}
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	v := s.tablet(d, h)
	v.Again = tabletReads
	token, err := s.Votes.TabletInvitation(r.Context(), d)
	switch {
	case errors.Is(err, inbox.ErrNotFound): // the time of this visit is over
		http.Redirect(w, r, v.Path, http.StatusSeeOther)
	case err != nil:
		s.fail(w, r, err)
	default:
		if r.PostFormValue("face") != "1" {
			v.Again = tabletThanks
		}
		s.counted(w, r, token, v)
	}
}

func (s *Server) tabletReason(w http.ResponseWriter, r *http.Request) {
	d, h, done := s.device(w, r, "tablet")
	if done {
		return
	}
	v := s.tablet(d, h)
	v.Again = tabletThanks
	s.reasonGiven(w, r, v)
}
