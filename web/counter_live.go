package web

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"filodiretto/internal/live"
)

// roomEvents tells a staff page of one room that something happened there, as
// server-sent events without contents: the page asks for the truth again.
func (s *Server) roomEvents(w http.ResponseWriter, r *http.Request) {
	c, err := s.caller(r)
	if errors.Is(err, errLogin) {
		s.toLogin(w, r)
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	site := pathID(r, "site")
	if _, err := s.Queue.Room(r.Context(), c.Viewer, site); err != nil {
		s.fail(w, r, err)
		return
	}
	events, cancel := s.Hub.Subscribe(func(e live.Event) bool { return e.Topic == "queue" && e.ID == site })
	defer cancel()
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	st := &stream{w: w, rc: http.NewResponseController(w)}
	// What happened before the subscription is asked for again, once.
	ok := st.send(fmt.Sprintf("retry: %d\nevent: room\ndata: {}\n\n", (comeBack + rand.N(comeBack)).Milliseconds()))
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for ok {
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			if _, still := s.stillIn(r); !still {
				return
			}
			ok = st.send(": here\n\n")
		case _, open := <-events:
			if !open || !pause(r, breath) {
				return
			}
			for drained := false; !drained; { // a burst is one
				select {
				case _, open = <-events:
					drained = !open
				default:
					drained = true
				}
			}
			ok = open && st.send("event: room\ndata: {}\n\n")
		}
	}
}
