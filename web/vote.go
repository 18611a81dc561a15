package web

import (
	"errors"
	"net/http"
	"strconv"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/page"
)

func (s *Server) voteRoutes() {
	s.mux.HandleFunc("GET /p/vote/{token}", s.votePage)
	s.mux.HandleFunc("POST /p/vote/{token}", s.vote)
	s.mux.HandleFunc("POST /p/vote/{token}/reason", s.voteReason)
}

// votePage shows the three faces for an invitation. It names no person and no
// operator, and a vote is shown to nobody (italian-pa 8).
func (s *Server) votePage(w http.ResponseWriter, r *http.Request) {
	facts, err := s.Votes.LookVote(r.Context(), r.PathValue("token"))
	switch {
	case errors.Is(err, inbox.ErrNotFound):
		s.showVote(w, r, page.Vote{Step: page.VoteOver})
	case err != nil:
		s.fail(w, r, err)
	default:
		s.showVote(w, r, page.Vote{Step: page.VoteFaces, RoomFrame: s.voteFrame(r, facts)})
	}
}

// voteFrame names the site that a vote is about, and not what the person came for.
func (s *Server) voteFrame(r *http.Request, f *queue.VoteFacts) page.RoomFrame {
	out := page.RoomFrame{Path: "/p/vote/" + r.PathValue("token")}
	if h, err := s.Queue.House(r.Context(), f.SiteID); err == nil {
		out.Site = h.Site.Name
	}
	return out
}

func (s *Server) showVote(w http.ResponseWriter, r *http.Request, v page.Vote) {
	s.publicHeaders(w)
	v.Lang, v.Town = s.roomLang(w, r), s.Config.Municipality.Name
	if v.Path == "" {
		v.Path = r.URL.Path
	}
	st := http.StatusOK
	if v.Step == page.VoteOver {
		st = http.StatusNotFound
	}
	s.show(w, r, st, v.Lang, v)
}

func (s *Server) vote(w http.ResponseWriter, r *http.Request) {
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	s.counted(w, r, r.PathValue("token"), page.Vote{RoomFrame: page.RoomFrame{Path: "/p/vote/" + r.PathValue("token")}})
}

// counted counts a face and goes on to the reason, or to thanks.
func (s *Server) counted(w http.ResponseWriter, r *http.Request, token string, v page.Vote) {
	face, _ := strconv.Atoi(r.PostFormValue("face"))
	more, err := s.Votes.Vote(r.Context(), token, queue.Face(face))
	switch {
	case errors.Is(err, inbox.ErrNotFound):
		v.Step = page.VoteOver
	case err != nil:
		s.fail(w, r, err)
		return
	case more != "":
		v.Step, v.More = page.VoteReason, more
	default:
		v.Step = page.VoteThanks
	}
	s.showVote(w, r, v)
}

func (s *Server) voteReason(w http.ResponseWriter, r *http.Request) {
	s.reasonGiven(w, r, page.Vote{RoomFrame: page.RoomFrame{Path: "/p/vote/" + r.PathValue("token")}})
}

// reasonGiven adds the reason of a red face; the vote counts without one too, so
// that a reason that comes too late is thanked for all the same.
func (s *Server) reasonGiven(w http.ResponseWriter, r *http.Request, v page.Vote) {
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	if reason := r.PostFormValue("reason"); reason != "none" {
		if err := s.Votes.GiveReason(r.Context(), r.PostFormValue("more"), reason); err != nil && !errors.Is(err, inbox.ErrNotFound) {
			s.fail(w, r, err)
			return
		}
	}
	v.Step = page.VoteThanks
	s.showVote(w, r, v)
}
