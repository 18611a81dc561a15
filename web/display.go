package web

import (
	"net/http"

	"filodiretto/web/page"
)

func (s *Server) displayRoutes() {
	s.mux.HandleFunc("GET /display/{site}", s.displayPage)
	s.mux.HandleFunc("GET /display/{site}/state", s.displayAsks)
	s.mux.HandleFunc("GET /display/{site}/events", s.displayEvents)
	s.mux.HandleFunc("GET /display/{site}/say/{call}/{lang}", s.displaySays)
}

// displayPage is the wall screen. It takes a device's token, because the code of
// presence that it shows is for who stands before it, and for nobody at home.
func (s *Server) displayPage(w http.ResponseWriter, r *http.Request) {
	d, h, done := s.device(w, r, "display")
	if done {
		return
	}
	now, err := s.roomNow(r.Context(), h.Site.ID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	set := deviceSet(d)
	langs := set.langs(h)
	boot := page.DisplayBoot{
		Base: "/display/" + h.Site.Key, Langs: langs, Texts: s.render.Phrases("display.", "room."), Voice: s.voice != nil,
		Speak: !set.Silent, Volume: set.loud(), State: s.displayState(now),
	}
	boot.State.Notices = set.Notices
	boot.Notices = set.Notices
	s.show(w, r, http.StatusOK, langs[0], page.Display{Lang: langs[0], Town: s.Config.Municipality.Name, Boot: boot})
}

func (s *Server) displayAsks(w http.ResponseWriter, r *http.Request) {
	_, h, done := s.device(w, r, "display")
	if done {
		return
	}
	now, err := s.roomNow(r.Context(), h.Site.ID)
	if err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	s.sayJSON(w, r, http.StatusOK, s.displayState(now))
}

// displayEvents is the stream of the display: the whole state at each change, and a
// beat while it is true.
func (s *Server) displayEvents(w http.ResponseWriter, r *http.Request) {
	_, h, done := s.device(w, r, "display")
	if done {
		return
	}
	s.crowd.Follow(w, r, h.Site.ID, 0)
}
