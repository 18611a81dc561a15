package web

import (
	"net/http"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// errandPart lists why people come, service by service.
func errandPart(c *caller, h *queue.House) page.QueuePart {
	out := page.QueuePart{Name: "errands"}
	for _, sv := range h.Services {
		if sv.EndedAt != 0 {
			continue
		}
		out.New = partURL(h, "errands", 0) // an errand belongs to a service
		for _, e := range sv.Open() {
			facts := []string{sv.Names.In(string(c.lang)), c.say.Text("queue_say.papers", "count", len(e.Documents["it"]))}
			if e.Online != "" {
				facts = append(facts, c.say.Text("queue_say.online"))
			}
			out.Rows = append(out.Rows, page.QueueRow{
				Title: e.Names.In(string(c.lang)), Facts: joinFacts(facts), URL: partURL(h, "errands", e.ID), End: partURL(h, "errands", e.ID) + "/end", How: "errand",
			})
		}
	}
	return out
}

// findErrand gives an errand that has not ended.
func findErrand(h *queue.House, id int64) *queue.Errand {
	for _, sv := range h.Services {
		for _, e := range sv.Open() {
			if e.ID == id {
				return e
			}
		}
	}
	return nil
}

// queueErrand is the form of an errand. The key is that of its procedure and is made
// of the name once.
func (s *Server) queueErrand(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	id, ok := rowID(r)
	var e queue.Errand
	if old := findErrand(h, id); old != nil {
		e = *old
	} else if id != 0 || !ok {
		return inbox.ErrNotFound
	}
	service := page.QueueField{Name: "service", Kind: page.FieldSelect}
	for _, sv := range h.Services {
		if sv.EndedAt == 0 && (e.ID == 0 || sv.ID == e.ServiceID) {
			service.Choices = append(service.Choices, page.Choice{Value: formatID(sv.ID), Label: sv.Names.In(string(c.lang)), Chosen: sv.ID == e.ServiceID})
		}
	}
	fields := append(nameFields(e.Names), service)
	for _, l := range page.RoomLangs {
		fields = append(fields, page.QueueField{Name: "bring_" + string(l), Kind: page.FieldLines, Value: strings.Join(e.Documents[string(l)], "\n"), Optional: true})
	}
	f := s.siteForm(h, "errand", partURL(h, "errands", id), append(fields, page.QueueField{Name: "online", Kind: page.FieldText, Value: e.Online, Optional: true})...)
	in := &queueInput{r: r}
	if r.Method == http.MethodPost {
		e.Names, e.Online, e.Documents = in.names(), in.text("online"), queue.Papers{}
		if e.ID == 0 {
			e.ServiceID = parseID(in.text("service"))
		}
		for _, l := range page.RoomLangs {
			if list := lines(in.text("bring_" + string(l))); len(list) > 0 {
				e.Documents[string(l)] = list
			}
		}
	}
	if sv := h.Service(e.ServiceID); sv != nil && e.Key == "" {
		e.Ord = len(sv.Errands)
		e.Key = unusedKey(e.Names.In("it"), "motivo", func(k string) bool { return sv.Errand(k) != nil })
	}
	return s.queueForm(w, r, c, f, in, func() error { _, err := s.Queue.SaveErrand(r.Context(), c.Viewer, h.Site.ID, e); return err })
}

// lines are those of a text that say something.
func lines(text string) []string {
	var out []string
	for l := range strings.Lines(text) {
		out = append(out, strings.TrimSpace(l))
	}
	return slices.DeleteFunc(out, func(l string) bool { return l == "" })
}

func (s *Server) endErrand(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	return s.ended(w, r, c, siteURL(h.Site.ID), s.Queue.EndErrand(r.Context(), c.Viewer, h.Site.ID, pathID(r, "id")), "queue_ended")
}
