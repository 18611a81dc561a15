package web

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"filodiretto/inbox"
)

const livePath = "/live"

// Timing of the streams.
const (
	heartbeat   = 20 * time.Second        // proxies cut streams that are silent for longer
	breath      = 50 * time.Millisecond   // after the first event of a burst the others are gathered
	sendWithin  = 10 * time.Second        // a browser that takes nothing for longer is gone
	comeBack    = 1000 * time.Millisecond // when a browser tries again, plus up to as much
	mostPerTell = 500                     // cases in one go; with more the page reads everything again
)

// live sends one operator what changes, as server-sent events (package page says
// which). It ends with the session, with the server, and when something may have
// been missed: then the browser comes back and asks for all that it shows.
func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	c, err := s.caller(r)
	if errors.Is(err, errLogin) {
		s.toLogin(w, r)
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := newOpenPage(c.Viewer)
	if !s.announcer.open(p) {
		s.fault(w, r, http.StatusServiceUnavailable, "")
		return
	}
	defer s.announcer.leave(p)
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep the events back
	st := &stream{w: w, rc: http.NewResponseController(w)}
	if st.send(fmt.Sprintf("retry: %d\n\n", (comeBack + rand.N(comeBack)).Milliseconds())) {
		s.follow(r, p, st)
	}
}

// follow passes on what the page is told until one side ends.
func (s *Server) follow(r *http.Request, p *openPage, st *stream) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for ok := true; ok; {
		select {
		case <-r.Context().Done():
			return
		case <-p.ended:
			return
		case <-beat.C:
			v, still := s.stillIn(r)
			if !still {
				return
			}
			p.sees(v)
			ok = st.send(": here\n\n")
		case <-p.ready:
			ok = st.tell(p.take()) && pause(r, breath)
		}
	}
}

// pause waits, unless the request ends.
func pause(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-r.Context().Done():
		return false
	case <-t.C:
		return true
	}
}

// stillIn looks whether the session goes on, and with which rights.
func (s *Server) stillIn(r *http.Request) (inbox.Viewer, bool) {
	if _, found, err := (store{s.DB}).FindCtx(r.Context(), s.sessions.Token(r.Context())); err != nil || !found {
		return inbox.Viewer{}, false
	}
	dir, err := s.Router.Directory(r.Context())
	if err != nil {
		return inbox.Viewer{}, false
	}
	return dir.Viewer(s.sessions.GetInt64(r.Context(), operatorKey))
}

// stream writes server-sent events.
type stream struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

func (st *stream) send(text string) bool {
	if err := st.rc.SetWriteDeadline(time.Now().Add(sendWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return false
	}
	if _, err := st.w.Write([]byte(text)); err != nil {
		return false
	}
	return st.rc.Flush() == nil
}

// tell writes what changed. false ends the stream.
func (st *stream) tell(refs []string, counts, health bool) bool {
	if len(refs) > mostPerTell {
		return false
	}
	slices.Sort(refs)
	var b strings.Builder
	for _, ref := range refs {
		fmt.Fprintf(&b, "event: case\ndata: {\"number\":%q}\n\n", ref)
	}
	if counts {
		b.WriteString("event: counts\ndata: {}\n\n")
	}
	if health {
		b.WriteString("event: health\ndata: {}\n\n")
	}
	return b.Len() == 0 || st.send(b.String())
}
