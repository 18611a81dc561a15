package web

import (
	"net/http"
	"slices"
	"strconv"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/page"
)

func counterPart(c *caller, h *queue.House) page.QueuePart {
	out := page.QueuePart{Name: "counters", New: partURL(h, "counters", 0)}
	for _, k := range h.Counters {
		if k.EndedAt != 0 {
			continue
		}
		out.Rows = append(out.Rows, page.QueueRow{
			Title: k.Name, Tag: c.say.Text("queue_say.kind_" + k.Kind), Facts: joinFacts([]string{c.office(k.OfficeID), does(h, k.ID, string(c.lang))}),
			URL: partURL(h, "counters", k.ID), End: partURL(h, "counters", k.ID) + "/end", How: "counter",
		})
	}
	return out
}

// queueCounter is the form of a counter with what it does and when.
func (s *Server) queueCounter(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	id, ok := rowID(r)
	e := queue.CounterEdit{Counter: queue.Counter{SiteID: h.Site.ID, Kind: "desk", Ord: len(h.Counters)}}
	if old := h.Counter(id); old != nil && old.EndedAt == 0 {
		e = queue.CounterEdit{Counter: *old, Skills: h.Skills[id], Shifts: h.Shifts[id]}
	} else if id != 0 || !ok {
		return inbox.ErrNotFound
	}
	kinds := page.QueueField{Name: "kind", Kind: page.FieldSelect}
	for _, k := range []string{"desk", "specialist", "reception"} {
		kinds.Choices = append(kinds.Choices, page.Choice{Value: k, Label: c.say.Text("queue_say.kind_" + k), Chosen: k == e.Kind})
	}
	f := s.siteForm(
		h, "counter", partURL(h, "counters", id), page.QueueField{Name: "name", Text: "counter_name", Kind: page.FieldText, Value: e.Name}, kinds,
		page.QueueField{Name: "office", Kind: page.FieldSelect, Choices: c.officeChoices(e.OfficeID)}, skillGrid(c, h, e.Skills), shiftGrid(c, e.Shifts),
	)
	in := &queueInput{r: r}
	if r.Method == http.MethodPost {
		e.Name, e.Kind, e.OfficeID = in.text("name"), in.text("kind"), parseID(in.text("office"))
		e.Skills, e.Shifts = in.skills(h), in.shifts()
		if e.Name == "" {
			in.missing("name")
		}
		if c.dir.Office(e.OfficeID) == nil {
			in.fault("office", "office_required")
		}
	}
	if e.Key == "" {
		e.Key = unusedKey(e.Name, "sportello", func(k string) bool {
			return slices.ContainsFunc(h.Counters, func(x *queue.Counter) bool { return x.Key == k })
		})
	}
	return s.queueForm(w, r, c, f, in, func() error { _, err := s.Queue.SaveCounter(r.Context(), c.Viewer, e); return err })
}

// missing says that a field was left empty.
func (in *queueInput) missing(name string) {
	if in.r.Method == http.MethodPost {
		in.fault(name, "required")
	}
}

func skillName(id int64) string { return "skill_" + formatID(id) }

// skillGrid has a row for each service, with the minutes by which its people stand
// back at this counter.
func skillGrid(c *caller, h *queue.House, skills []queue.Skill) page.QueueField {
	f := page.QueueField{Name: "skills", Kind: page.FieldGrid, Columns: []string{"does", "handicap"}}
	for _, v := range h.Services {
		if v.EndedAt != 0 {
			continue
		}
		does, back := page.QueueField{Name: skillName(v.ID), Kind: page.FieldCheck}, page.QueueField{Name: "back_" + formatID(v.ID), Kind: page.FieldNumber}
		for _, x := range skills {
			if x.ServiceID == v.ID {
				does.Chosen, back.Value = true, weight(x.HandicapMin)
			}
		}
		f.Rows = append(f.Rows, page.QueueFieldRow{Label: v.Names.In(string(c.lang)), Cells: []page.QueueField{does, back}})
	}
	return f
}

func (in *queueInput) skills(h *queue.House) []queue.Skill {
	var out []queue.Skill
	for _, v := range h.Services {
		if v.EndedAt != 0 || !in.yes(skillName(v.ID)) {
			continue
		}
		x := queue.Skill{ServiceID: v.ID}
		if back := "back_" + formatID(v.ID); in.text(back) != "" {
			x.HandicapMin = in.decimal(back, "skills")
		}
		if x.HandicapMin < 0 || x.HandicapMin > 480 {
			in.fault("skills", "queue_range")
		}
		out = append(out, x)
	}
	return out
}

// shiftGrid has a row for each weekday: when the counter is open, and its breaks.
func shiftGrid(c *caller, shifts []queue.Shift) page.QueueField {
	f := page.QueueField{Name: "shifts", Kind: page.FieldGrid, Columns: []string{"open", "break"}}
	for day := 1; day <= 7; day++ {
		row := page.QueueFieldRow{Label: weekday(c.say, day)}
		for _, kind := range f.Columns {
			var rs queue.Ranges
			for _, x := range shifts {
				if x.Weekday == day && x.Kind == kind {
					rs = append(rs, queue.Range{From: x.FromMin, To: x.ToMin})
				}
			}
			row.Cells = append(row.Cells, page.QueueField{Name: kind + "_" + strconv.Itoa(day), Kind: page.FieldText, Value: rangeWords(rs, "-")})
		}
		f.Rows = append(f.Rows, row)
	}
	return f
}

func (in *queueInput) shifts() []queue.Shift {
	var out []queue.Shift
	for day := 1; day <= 7; day++ {
		for _, kind := range []string{"open", "break"} {
			rs, ok := readRanges(in.text(kind + "_" + strconv.Itoa(day)))
			if !ok {
				in.fault("shifts", "queue_shifts_range")
			}
			for _, x := range rs {
				out = append(out, queue.Shift{Weekday: day, Kind: kind, FromMin: x.From, ToMin: x.To})
			}
		}
	}
	return out
}

func (s *Server) endCounter(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	return s.ended(w, r, c, siteURL(h.Site.ID), s.Queue.EndCounter(r.Context(), c.Viewer, h.Site.ID, pathID(r, "id")), "queue_ended")
}
