package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/web/page"
)

func groupPart(c *caller, h *queue.House) page.QueuePart {
	out := page.QueuePart{Name: "groups", New: partURL(h, "groups", 0)}
	for _, g := range h.Groups {
		out.Rows = append(out.Rows, page.QueueRow{Title: g.Names.In(string(c.lang)), Tag: c.say.Text("queue_say.series", "series", g.Series), URL: partURL(h, "groups", g.ID)})
	}
	return out
}

// queueGroup is the form of a group of services.
func (s *Server) queueGroup(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	id, ok := rowID(r)
	g := queue.Group{SiteID: h.Site.ID, Ord: len(h.Groups)}
	if old := h.Group(id); old != nil {
		g = *old
	} else if id != 0 || !ok {
		return inbox.ErrNotFound
	}
	f := s.siteForm(h, "group", partURL(h, "groups", id), append(nameFields(g.Names), page.QueueField{Name: "series", Kind: page.FieldText, Value: g.Series})...)
	in := &queueInput{r: r}
	g.Names, g.Series = in.names(), strings.ToUpper(in.text("series"))
	if g.Key == "" {
		g.Key = unusedKey(g.Names.In("it"), "gruppo", func(k string) bool {
			return slices.ContainsFunc(h.Groups, func(x *queue.Group) bool { return x.Key == k })
		})
	}
	return s.queueForm(w, r, c, f, in, func() error { _, err := s.Queue.SaveGroup(r.Context(), c.Viewer, g); return err })
}

func servicePart(c *caller, h *queue.House) page.QueuePart {
	out := page.QueuePart{Name: "services"}
	if len(h.Groups) > 0 { // a service belongs to a group
		out.New = partURL(h, "services", 0)
	}
	for _, v := range h.Services {
		if v.EndedAt != 0 {
			continue
		}
		facts := []string{c.say.Text("queue_say.minutes", "minutes", weight(v.Minutes)), c.office(v.OfficeID)}
		if v.Kiosk {
			facts = append(facts, c.say.Text("queue_say.kiosk"))
		}
		if v.Remote {
			facts = append(facts, c.say.Text("queue_say.remote"))
		}
		if v.PerDay > 0 {
			facts = append(facts, c.say.Text("queue_say.per_day", "count", v.PerDay))
		}
		out.Rows = append(out.Rows, page.QueueRow{
			Title: v.Names.In(string(c.lang)), Tag: h.Group(v.GroupID).Series, Facts: joinFacts(facts), URL: partURL(h, "services", v.ID),
			End: partURL(h, "services", v.ID) + "/end", How: "service",
		})
	}
	return out
}

func joinFacts(facts []string) string {
	return strings.Join(slices.DeleteFunc(facts, func(s string) bool { return s == "" }), " · ")
}

func groupField(c *caller, h *queue.House, chosen int64) page.QueueField {
	f := page.QueueField{Name: "group", Kind: page.FieldSelect}
	for _, g := range h.Groups {
		f.Choices = append(f.Choices, page.Choice{Value: formatID(g.ID), Label: g.Series + " · " + g.Names.In(string(c.lang)), Chosen: g.ID == chosen})
	}
	return f
}

// queueService is the form of a service. What it has besides, such as its
// procedures, stays.
func (s *Server) queueService(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	id, ok := rowID(r)
	v := queue.Service{SiteID: h.Site.ID, Minutes: 10, Kiosk: true, Remote: true, Ord: len(h.Services)}
	if old := h.Service(id); old != nil && old.EndedAt == 0 {
		v = *old
	} else if id != 0 || !ok {
		return inbox.ErrNotFound
	}
	f := s.siteForm(h, "service", partURL(h, "services", id), append(
		nameFields(v.Names), groupField(c, h, v.GroupID), page.QueueField{Name: "office", Kind: page.FieldSelect, Choices: c.officeChoices(v.OfficeID)},
		page.QueueField{Name: "minutes", Kind: page.FieldNumber, Value: weight(v.Minutes)},
		page.QueueField{Name: "per_day", Kind: page.FieldNumber, Value: strconv.Itoa(v.PerDay)},
		page.QueueField{Name: "kiosk", Text: "service_kiosk", Kind: page.FieldCheck, Chosen: v.Kiosk},
		page.QueueField{Name: "remote", Kind: page.FieldCheck, Chosen: v.Remote},
	)...)
	in := &queueInput{r: r}
	if r.Method == http.MethodPost {
		v.Names, v.GroupID, v.OfficeID = in.names(), parseID(in.text("group")), parseID(in.text("office"))
		v.Minutes, v.PerDay, v.Kiosk, v.Remote = in.decimal("minutes", "minutes"), in.whole("per_day", 0, 100_000), in.yes("kiosk"), in.yes("remote")
		if c.dir.Office(v.OfficeID) == nil {
			in.fault("office", "office_required")
		}
	}
	if v.Key == "" {
		v.Key = unusedKey(v.Names.In("it"), "servizio", func(k string) bool {
			return slices.ContainsFunc(h.Services, func(x *queue.Service) bool { return x.Key == k })
		})
	}
	return s.queueForm(w, r, c, f, in, func() error { _, err := s.Queue.SaveService(r.Context(), c.Viewer, v); return err })
}

func (s *Server) endService(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	return s.ended(w, r, c, siteURL(h.Site.ID), s.Queue.EndService(r.Context(), c.Viewer, h.Site.ID, pathID(r, "id")), "queue_ended")
}

func classPart(c *caller, h *queue.House) page.QueuePart {
	out := page.QueuePart{Name: "classes", New: partURL(h, "classes", 0)}
	for _, k := range h.Classes {
		row := page.QueueRow{Title: k.Names.In(string(c.lang)), Facts: joinFacts(classWords(c, k)), URL: partURL(h, "classes", k.ID)}
		if k.Kiosk {
			row.Tag = c.say.Text("queue_say.kiosk")
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// classWords says what a class is worth: "vale 25 minuti di attesa", "matura 2
// volte più in fretta".
func classWords(c *caller, k *queue.Class) []string {
	head, pace := "queue_say.head_none", "queue_say.pace_none"
	switch {
	case k.HeadMin > 0:
		head = "queue_say.head"
	case k.HeadMin < 0:
		head = "queue_say.head_back"
	}
	switch {
	case k.Slope > 1:
		pace = "queue_say.pace"
	case k.Slope < 1:
		pace = "queue_say.pace_slow"
	}
	out := []string{c.say.Text(head, "minutes", weight(max(k.HeadMin, -k.HeadMin))), c.say.Text(pace, "times", weight(k.Slope))}
	if k.Absolute {
		out = append(out, c.say.Text("queue_say.absolute"))
	}
	return out
}

// queueClass is the form of a class of precedence.
func (s *Server) queueClass(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	id, ok := rowID(r)
	k := queue.Class{SiteID: h.Site.ID, Slope: 1, Level: 1, Ord: len(h.Classes)}
	if old := h.Class(id); old != nil {
		k = *old
	} else if id != 0 || !ok {
		return inbox.ErrNotFound
	}
	f := s.siteForm(h, "class", partURL(h, "classes", id), append(
		nameFields(k.Names), page.QueueField{Name: "head_min", Kind: page.FieldNumber, Value: weight(k.HeadMin)},
		page.QueueField{Name: "slope", Kind: page.FieldNumber, Value: weight(k.Slope)},
		page.QueueField{Name: "level", Kind: page.FieldNumber, Value: strconv.Itoa(k.Level)},
		page.QueueField{Name: "absolute", Kind: page.FieldCheck, Chosen: k.Absolute},
		page.QueueField{Name: "kiosk", Text: "class_kiosk", Kind: page.FieldCheck, Chosen: k.Kiosk},
	)...)
	in := &queueInput{r: r}
	if r.Method == http.MethodPost {
		k.Names, k.HeadMin, k.Slope = in.names(), in.decimal("head_min", "head_min"), in.decimal("slope", "slope")
		k.Level, k.Absolute, k.Kiosk = in.whole("level", 0, 100), in.yes("absolute"), in.yes("kiosk")
	}
	if k.Key == "" {
		k.Key = order.Class(unusedKey(k.Names.In("it"), "classe", func(key string) bool { return h.ClassOf(order.Class(key)) != nil }))
	}
	return s.queueForm(w, r, c, f, in, func() error { _, err := s.Queue.SaveClass(r.Context(), c.Viewer, k); return err })
}
