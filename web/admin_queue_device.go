package web

import (
	"net/http"
	"net/url"
	"slices"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// deviceKinds are what may stand in a room; each has its page at /<kind>/<site>.
var deviceKinds = []string{"kiosk", "display", "tablet"}

func (s *Server) devicePart(r *http.Request, c *caller, h *queue.House) (page.QueuePart, error) {
	out := page.QueuePart{Name: "devices", New: partURL(h, "devices", 0)}
	list, err := s.Queue.Devices(r.Context(), c.Viewer, h.Site.ID)
	for _, d := range list {
		facts := []string{c.say.Text("queue_say.not_seen")}
		if d.SeenAt != 0 {
			facts = []string{c.say.Text("queue_say.seen", "when", c.say.Moment(d.SeenAt))}
		}
		tag := c.say.Text("queue_say.device_" + d.Kind)
		if v := deviceVersion(c, d); v != "" {
			facts = append(facts, v)
		}
		if d.PageVersion != "" && d.PageVersion != release() {
			tag = c.say.Text("queue_say.device_old", "kind", tag)
		}
		if k := h.Counter(d.CounterID); k != nil {
			facts = append(facts, k.Name)
		}
		if d.Band != 0 {
			facts = append(facts, c.say.Text("queue_say.alone"))
		}
		if d.Problem != "" {
			facts = append(facts, c.say.Either("queue_say.problem_", d.Problem, d.Problem))
		}
		out.Rows = append(out.Rows, page.QueueRow{
			Title: d.Name, Tag: tag, Facts: joinFacts(facts), URL: partURL(h, "devices", d.ID),
			End: partURL(h, "devices", d.ID) + "/revoke", How: "device",
		})
	}
	return out, err
}

// shownVersion is how much of a version people are shown: enough to tell two apart.
const shownVersion = 8

// deviceVersion says which version of its page a device runs, in words: today's, or
// an older one, which it leaves by itself; empty while it has not said.
func deviceVersion(c *caller, d *queue.Device) string {
	switch d.PageVersion {
	case "":
		return ""
	case release():
		return c.say.Text("queue_say.page_new", "version", d.PageVersion[:shownVersion])
	}
	return c.say.Text("queue_say.page_old", "version", d.PageVersion[:min(shownVersion, len(d.PageVersion))])
}

// findDevice is a device of the site that was not revoked.
func (s *Server) findDevice(r *http.Request, c *caller, h *queue.House, id int64) (*queue.Device, error) {
	list, err := s.Queue.Devices(r.Context(), c.Viewer, h.Site.ID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(d *queue.Device) bool { return d.ID == id })
	if i < 0 {
		return nil, inbox.ErrNotFound
	}
	return list[i], nil
}

// queueDevice is the form of a device. The address of a new one is shown this once:
// the answer is the page itself, so that the token is kept nowhere.
func (s *Server) queueDevice(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	id, ok := rowID(r)
	if !ok {
		return inbox.ErrNotFound
	}
	d := &queue.Device{Kind: "kiosk"}
	if id != 0 {
		var err error
		if d, err = s.findDevice(r, c, h, id); err != nil {
			return err
		}
	}
	e := queue.DeviceEdit{ID: id, SiteID: h.Site.ID, Kind: d.Kind, Name: d.Name, CounterID: d.CounterID, Settings: d.Settings, Alone: d.Band != 0}
	f := s.siteForm(h, "device", partURL(h, "devices", id), deviceFields(c, h, &e)...)
	set := deviceSet(d)
	if id != 0 {
		f.Notes = deviceNotes(c, d)
		f.Fields = append(f.Fields, setFields(c, h, d.Kind, set)...)
		if printerKind(set) == "server" {
			f.Try = partURL(h, "devices", id) + "/test"
		}
	}
	in := &queueInput{r: r}
	if r.Method == http.MethodPost {
		e.Name, e.CounterID, e.Alone = in.text("name"), 0, in.yes("alone")
		if id == 0 {
			e.Kind = in.text("kind")
		}
		if e.Kind == "tablet" {
			e.CounterID = parseID(in.text("counter"))
		}
		if e.Name == "" {
			in.missing("name")
		}
		if id != 0 {
			var err error
			if e.Settings, err = in.deviceSet(d.Kind, set).json(); err != nil {
				return err
			}
		}
		if id == 0 && len(in.faults) == 0 {
			_, token, err := s.Queue.SaveDevice(r.Context(), c.Viewer, e)
			if err == nil {
				return s.deviceMade(w, r, c, h, &e, token)
			}
			if in.faults, ok = c.queueFaults(err, f.Fields); !ok {
				return err
			}
		}
	}
	return s.queueForm(w, r, c, f, in, func() error { _, _, err := s.Queue.SaveDevice(r.Context(), c.Viewer, e); return err })
}

// deviceNotes are when a device was last seen and what it runs.
func deviceNotes(c *caller, d *queue.Device) []string {
	if d.SeenAt == 0 {
		return []string{c.say.Text("queue_say.not_seen")}
	}
	out := []string{c.say.Text("queue_say.seen", "when", c.say.Moment(d.SeenAt))}
	if v := deviceVersion(c, d); v != "" {
		out = append(out, v)
	}
	return out
}

func deviceFields(c *caller, h *queue.House, e *queue.DeviceEdit) []page.QueueField {
	kinds := page.QueueField{Name: "kind", Text: "device_kind", Kind: page.FieldSelect}
	for _, k := range deviceKinds {
		kinds.Choices = append(kinds.Choices, page.Choice{Value: k, Label: c.say.Text("queue_say.device_" + k), Chosen: k == e.Kind, Disabled: e.ID != 0 && k != e.Kind})
	}
	counters := page.QueueField{Name: "counter", Kind: page.FieldSelect, Choices: []page.Choice{{Value: "", Label: "–"}}}
	for _, k := range h.Counters {
		if k.EndedAt == 0 {
			counters.Choices = append(counters.Choices, page.Choice{Value: formatID(k.ID), Label: k.Name, Chosen: k.ID == e.CounterID})
		}
	}
	out := []page.QueueField{{Name: "name", Text: "device_name", Kind: page.FieldText, Value: e.Name}, kinds}
	if e.ID == 0 || e.Kind == "tablet" {
		out = append(out, counters)
	}
	if e.ID == 0 || e.Kind == "kiosk" {
		out = append(out, page.QueueField{Name: "alone", Kind: page.FieldCheck, Chosen: e.Alone})
	}
	return out
}

func (s *Server) deviceMade(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House, e *queue.DeviceEdit, token string) error {
	out := page.QueueDeviceMade{
		Site: h.Site.Name, Name: e.Name, Kind: e.Kind, Back: siteURL(h.Site.ID),
		URL: s.publicURL("/"+e.Kind+"/"+h.Site.Key) + "?token=" + url.QueryEscape(token),
	}
	var err error
	if out.Shell, err = s.adminShell(r, c, page.AdminQueue); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

func (s *Server) revokeDevice(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	return s.done(w, r, c, siteURL(h.Site.ID), s.Queue.RevokeDevice(r.Context(), c.Viewer, h.Site.ID, pathID(r, "id")), "queue_revoked")
}
