package web

import (
	"net/http"

	"filodiretto/queue"
	"filodiretto/web/page"
)

// noticeDone is that somebody has seen to what a device told.
func (s *Server) noticeDone(w http.ResponseWriter, r *http.Request, c *caller) error {
	site := pathID(r, "site")
	if err := s.Queue.NoticeDone(r.Context(), c.Viewer, site, pathID(r, "id")); err != nil {
		return err
	}
	http.Redirect(w, r, "/queue?site="+formatID(site), http.StatusSeeOther)
	return nil
}

// devicesTell is what the devices of a room want of its staff.
func devicesTell(c *caller, room *queue.RoomView) ([]page.RoomNotice, []page.Ailing) {
	var told []page.RoomNotice
	var ailing []page.Ailing
	for i := range room.Notices {
		n := &room.Notices[i]
		out := page.RoomNotice{ID: n.ID, Kind: n.Kind, Device: n.Device, Label: n.Label, At: n.At}
		if n.Kind == queue.RefusedNotice {
			out.Reason = c.say.Either("queue.refused_", n.Reason, c.say.Text("queue.refused_other"))
		}
		told = append(told, out)
	}
	for i := range room.Ailing {
		d := &room.Ailing[i]
		ailing = append(ailing, page.Ailing{Device: d.Name, Problem: c.say.Either("queue_say.problem_", d.Problem, d.Problem)})
	}
	return told, ailing
}
