package web

import (
	"net/http"

	"filodiretto/queue"
	"filodiretto/web/page"
)

// noticeDone is that somebody has seen to what a device told: back to the live room, or
// to the counter at which they sit.
func (s *Server) noticeDone(w http.ResponseWriter, r *http.Request, c *caller) error {
	site := pathID(r, "site")
	if err := s.Queue.NoticeDone(r.Context(), c.Viewer, site, pathID(r, "id")); err != nil {
		return err
	}
	to := "/queue?site=" + formatID(site)
	if at := parseID(r.PostFormValue("counter")); at != 0 {
		to = counterURL(at)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// mostToldAtCounter is how many notices stand at a counter, above those who wait for it.
const mostToldAtCounter = 3

// devicesTell is what the devices of a room want of its staff: all of it in the live
// room (counter is 0), the oldest at a counter.
func devicesTell(c *caller, site, counter int64, notices []queue.Notice, ailing []queue.Device) page.Told {
	out := page.Told{Site: site, Counter: counter}
	if most := len(notices) - mostToldAtCounter; counter != 0 && most > 0 {
		out.More, notices = most, notices[:mostToldAtCounter]
	}
	for i := range notices {
		n := &notices[i]
		x := page.RoomNotice{ID: n.ID, Kind: n.Kind, Device: n.Device, Label: n.Label, At: n.At}
		if n.Kind == queue.RefusedNotice {
			x.Reason = c.say.Either("queue.refused_", n.Reason, c.say.Text("queue.refused_other"))
		}
		out.Notices = append(out.Notices, x)
	}
	for i := range ailing {
		d := &ailing[i]
		out.Ailing = append(out.Ailing, page.Ailing{Device: d.Name, Problem: c.say.Either("queue_say.problem_", d.Problem, d.Problem)})
	}
	return out
}
