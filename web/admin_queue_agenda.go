package web

import (
	"net/http"
	"slices"
	"strconv"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// agendaPart are the agendas of a site.
func (s *Server) agendaPart(r *http.Request, c *caller, h *queue.House) (page.QueuePart, error) {
	out := page.QueuePart{Name: "agendas"}
	if len(h.Services) > 0 { // an agenda is for services
		out.New = partURL(h, "agendas", 0)
	}
	list, err := s.Bookings.Agendas(r.Context(), h.Site.ID)
	for _, a := range list {
		facts := []string{
			c.say.Text("queue_say.slots", "minutes", a.SlotMin, "capacity", a.Capacity, "public", a.Public), c.say.Text("queue_say.horizon", "days", a.HorizonDays),
		}
		tag := ""
		if k := h.Counter(a.CounterID); k != nil {
			tag = k.Name
		}
		out.Rows = append(out.Rows, page.QueueRow{
			Title: a.Names.In(string(c.lang)), Tag: tag, Facts: joinFacts(facts), URL: partURL(h, "agendas", a.ID), End: partURL(h, "agendas", a.ID) + "/end", How: "agenda",
		})
	}
	return out, err
}

// agendaNumber is a figure of an agenda. orNone says that 0 in the form is "none",
// which is kept as -1.
type agendaNumber struct {
	name        string
	to          *int
	least, most int
	orNone      bool
}

func agendaNumbers(a *queue.Agenda) []agendaNumber {
	const day = 24 * 60
	set := &a.Settings
	return []agendaNumber{
		{"slot_min", &a.SlotMin, 5, 8 * 60, false},
		{"capacity", &a.Capacity, 1, 200, false},
		{"public", &a.Public, 0, 200, false},
		{"lead_min", &a.LeadMin, 0, 30 * day, false},
		{"horizon_days", &a.HorizonDays, 1, 366, false},
		{"hold_min", &set.HoldMin, 1, 60, false},
		{"confirm_min", &set.ConfirmMin, 0, day, true},
		{"change_min", &set.ChangeMin, 0, 7 * day, true},
		{"remind_min", &set.RemindMin, 0, day, true},
		{"most_open", &set.MostOpen, 1, 100, false},
		{"most_day", &set.MostDay, 1, 100, false},
		{"rest_from_min", &set.RestFrom, 1, day, false},
		{"rest_to_min", &set.RestTo, 1, day, false},
		{"offer_min", &set.OfferMin, 5, 2 * day, false},
		{"most_offers", &set.MostOffers, 1, 20, false},
	}
}

// agendaFields are the fields of an agenda.
func agendaFields(c *caller, h *queue.House, a *queue.Agenda) []page.QueueField {
	out := nameFields(a.Names)
	services := page.QueueField{Name: "services", Kind: page.FieldChecks}
	for _, v := range h.Services {
		if v.EndedAt == 0 {
			services.Choices = append(services.Choices, page.Choice{Value: formatID(v.ID), Label: v.Names.In(string(c.lang)), Chosen: slices.Contains(a.Services, v.ID)})
		}
	}
	counter := page.QueueField{Name: "counter", Text: "agenda_counter", Kind: page.FieldSelect, Choices: []page.Choice{{Value: "", Label: c.say.Text("queue_say.any_counter"), Chosen: a.CounterID == 0}}}
	for _, k := range h.Counters {
		if k.EndedAt == 0 {
			counter.Choices = append(counter.Choices, page.Choice{Value: formatID(k.ID), Label: k.Name, Chosen: k.ID == a.CounterID})
		}
	}
	hours := page.QueueField{Name: "hours", Text: "agenda_hours", Kind: page.FieldGrid, Columns: []string{"open"}}
	for day := 1; day <= 7; day++ {
		var rs queue.Ranges
		for _, x := range a.Hours {
			if x.Weekday == day {
				rs = append(rs, queue.Range{From: x.From, To: x.To})
			}
		}
		hours.Rows = append(hours.Rows, page.QueueFieldRow{Label: weekday(c.say, day), Cells: []page.QueueField{{Name: "open_" + strconv.Itoa(day), Kind: page.FieldText, Value: rangeWords(rs, "-")}}})
	}
	out = append(out, services, counter, hours)
	for _, x := range agendaNumbers(a) {
		out = append(out, page.QueueField{Name: x.name, Text: "agenda_" + x.name, Kind: page.FieldNumber, Value: strconv.Itoa(max(0, *x.to))})
	}
	for _, l := range []string{"it", "en"} {
		out = append(out, page.QueueField{Name: "documents_" + l, Kind: page.FieldLines, Value: a.Settings.Documents[l], Optional: true})
	}
	return out
}

// readAgenda takes what was typed into an agenda.
func readAgenda(in *queueInput, a *queue.Agenda) {
	a.Names, a.CounterID, a.Services, a.Hours = in.names(), parseID(in.text("counter")), nil, nil
	for _, id := range in.r.PostForm["services"] {
		a.Services = append(a.Services, parseID(id))
	}
	for day := 1; day <= 7; day++ {
		rs, ok := readRanges(in.text("open_" + strconv.Itoa(day)))
		if !ok {
			in.fault("hours", "queue_shifts_range")
		}
		for _, x := range rs {
			a.Hours = append(a.Hours, queue.AgendaRange{Weekday: day, From: x.From, To: x.To})
		}
	}
	for _, x := range agendaNumbers(a) {
		if *x.to = in.whole(x.name, x.least, x.most); x.orNone && *x.to == 0 {
			*x.to = -1
		}
	}
	a.Settings.Documents = queue.Names{}
	for _, l := range []string{"it", "en"} {
		if text := in.text("documents_" + l); text != "" {
			a.Settings.Documents[l] = text
		}
	}
}

// previewDays is how many days the preview of an agenda shows.
const previewDays = 14

// queueAgenda is the form of an agenda, with what it publishes in the coming days:
// as it is, and as it would be before it is saved.
func (s *Server) queueAgenda(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	id, ok := rowID(r)
	list, err := s.Bookings.Agendas(r.Context(), h.Site.ID)
	if err != nil {
		return err
	}
	a := queue.Agenda{SiteID: h.Site.ID, SlotMin: 15, Capacity: 1, Public: 1, LeadMin: 60, HorizonDays: 30, Settings: queue.DefaultAgendaSettings()}
	if i := slices.IndexFunc(list, func(x *queue.Agenda) bool { return x.ID == id }); i >= 0 {
		a = *list[i]
	} else if id != 0 || !ok {
		return inbox.ErrNotFound
	}
	f := s.siteForm(h, "agenda", partURL(h, "agendas", id), agendaFields(c, h, &a)...)
	f.Version, f.MayPreview = a.Version, true
	in := &queueInput{r: r}
	if r.Method == http.MethodPost {
		readAgenda(in, &a)
		a.Version = seenVersion(r)
	}
	if a.Key == "" {
		a.Key = unusedKey(a.Names.In("it"), "agenda", func(k string) bool {
			return slices.ContainsFunc(list, func(x *queue.Agenda) bool { return x.Key == k })
		})
	}
	if id != 0 {
		if f.Notes, err = s.adviceOn(r, c, id); err != nil {
			return err
		}
	}
	if r.Method == http.MethodPost && r.PostFormValue("preview") == "" || len(in.faults) > 0 {
		return s.queueFormTold(w, r, c, f, in, func() error { _, err := s.Bookings.SaveAgenda(r.Context(), c.Viewer, a); return err }, func() { s.tellBeneath(r, h) })
	}
	if r.Method == http.MethodPost || id != 0 {
		days, err := s.Bookings.Published(r.Context(), c.Viewer, a, h.Today(s.clock.Now()), previewDays)
		if err != nil {
			if in.faults, ok = c.queueFaults(err, f.Fields); !ok {
				return err
			}
		}
		f.Preview = publishedDays(c, h, days)
	}
	f.Faults = in.faults
	typed(f.Fields, r)
	if r.Method == http.MethodGet {
		f.Fields = agendaFields(c, h, &a)
	}
	if f.Shell, err = s.adminShell(r, c, page.AdminQueue); err != nil {
		return err
	}
	s.show(w, r, formStatus(f.Faults), c.lang, f)
	return nil
}

// tellBeneath says how many appointments a change left without a place.
func (s *Server) tellBeneath(r *http.Request, h *queue.House) {
	if n, err := s.Bookings.ConflictCount(r.Context(), theRoom, h.Site.ID); err == nil && n > 0 {
		s.flash(r, page.LevelSoon, "queue_conflicts", "n", n)
	}
}

// adviceOn says what the no-shows of an agenda speak for (queue 4.6).
func (s *Server) adviceOn(r *http.Request, c *caller, id int64) ([]string, error) {
	x, err := s.Bookings.Advise(r.Context(), theRoom, id, 0)
	if err != nil || x.Expected == 0 {
		return nil, err
	}
	share := strconv.Itoa(int(x.NoShow*100 + .5))
	if x.Advised <= x.Capacity {
		return []string{c.say.Text("queue_say.no_show", "n", x.Expected, "share", share)}, nil
	}
	return []string{c.say.Text("queue_say.overbook", "n", x.Expected, "share", share, "places", x.Capacity, "advised", x.Advised)}, nil
}

func publishedDays(c *caller, h *queue.House, days []queue.PublishedDay) []page.QueuePublished {
	var out []page.QueuePublished
	for _, d := range days {
		out = append(out, page.QueuePublished{
			At: d.Day.At(12*60, h.Calendar.Zone), Hours: rangeWords(d.Hours, "–"), Slots: d.Slots, Places: d.Places, Public: d.Public, Inside: d.Places - d.Public, Why: d.Why, Reason: d.Reason,
		})
	}
	return out
}

func (s *Server) endAgenda(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	a, err := s.Bookings.Agenda(r.Context(), pathID(r, "id"))
	if err != nil {
		return err
	}
	if a.SiteID != h.Site.ID {
		return inbox.ErrNotFound
	}
	err = s.Bookings.EndAgenda(r.Context(), c.Viewer, a.ID, a.Version)
	if err == nil {
		s.flash(r, page.LevelOK, "queue_ended")
		s.tellBeneath(r, h)
		http.Redirect(w, r, siteURL(h.Site.ID), http.StatusSeeOther)
		return nil
	}
	return s.done(w, r, c, siteURL(h.Site.ID), err, "")
}

// siteShut gives one day other hours, or none. What follows is shown before it is
// done: a first sending only works it out.
func (s *Server) siteShut(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	f := s.siteForm(
		h, "shut", siteURL(h.Site.ID)+"/shut", page.QueueField{Name: "day", Kind: page.FieldDate, Value: r.URL.Query().Get("day")},
		page.QueueField{Name: "reason", Kind: page.FieldText, Optional: true},
		page.QueueField{
			Name: "hours", Text: "day_hours", Kind: page.FieldGrid, Columns: rangeColumns(fewestRanges),
			Rows: []page.QueueFieldRow{{Label: c.say.Text("queue_say.this_day"), Cells: rangeCells(0, fewestRanges, nil)}},
		},
		page.QueueField{Name: "tell", Kind: page.FieldCheck, Chosen: true},
	)
	f.Version, f.Button = h.Site.Version, "see"
	in := &queueInput{r: r}
	if r.Method == http.MethodGet {
		return s.queueForm(w, r, c, f, in, nil)
	}
	d := queue.SpecialDay{Day: queue.Day(in.text("day")), Intervals: in.readCells(0, fewestRanges), Reason: in.text("reason")}
	sure := string(d.Day) + " " + rangeWords(d.Intervals, "-")
	if r.PostFormValue("sure") == sure && len(in.faults) == 0 {
		var done *queue.ShutDone
		return s.queueFormTold(w, r, c, f, in, func() (err error) {
			done, err = s.Bookings.ShutDay(r.Context(), c.Viewer, h.Site.ID, seenVersion(r), d, in.yes("tell"))
			return err
		}, func() {
			s.flash(r, page.LevelOK, "queue_shut", "conflicts", done.Conflicts, "told", done.Told, "call", done.ToCall)
		})
	}
	would, err := s.Bookings.WouldShut(r.Context(), c.Viewer, h.Site.ID, d)
	if err != nil {
		var ok bool
		if in.faults, ok = c.queueFaults(err, f.Fields); !ok {
			return err
		}
	} else {
		f.Sure, f.Button, f.Notes = sure, "shut", shutNotes(c, would)
	}
	f.Faults = in.faults
	typed(f.Fields, r)
	if f.Shell, err = s.adminShell(r, c, page.AdminQueue); err != nil {
		return err
	}
	s.show(w, r, formStatus(f.Faults), c.lang, f)
	return nil
}

// shutNotes are the consequences of other hours, in words.
func shutNotes(c *caller, x *queue.Shutting) []string {
	reach := 0
	for _, b := range x.Booked {
		if b.Told {
			reach++
		}
	}
	shut := c.say.Text("queue_say.shut")
	words := func(r queue.Ranges) string {
		if len(r) == 0 {
			return shut
		}
		return rangeWords(r, "–")
	}
	out := []string{
		c.say.Text("queue_say.would_hours", "was", words(x.Was), "is", words(x.Is)),
		c.say.Text("queue_say.would_booked", "n", len(x.Booked), "told", reach, "call", len(x.Booked)-reach),
		c.say.Text("queue_say.would_unfilled", "n", x.Unfilled),
	}
	if x.DayOpen {
		out = append(out, c.say.Text("queue_say.would_waiting", "n", x.Waiting))
	}
	return out
}

// giveUpSite gives a site up for good, once what ends with it was shown.
func (s *Server) giveUpSite(w http.ResponseWriter, r *http.Request, c *caller, h *queue.House) error {
	x, err := s.Bookings.WouldClose(r.Context(), c.Viewer, h.Site.ID)
	if err != nil {
		return err
	}
	blocked := x.Ahead > 0 || x.DayOpen
	if r.Method == http.MethodPost && !blocked {
		err := s.Queue.CloseSite(r.Context(), c.Viewer, h.Site.ID, seenVersion(r))
		if err == nil {
			s.flash(r, page.LevelOK, "queue_given_up", "name", h.Site.Name)
			http.Redirect(w, r, "/admin/queue", http.StatusSeeOther)
			return nil
		}
		if !s.agendaRefused(r, c, err) {
			return err
		}
		http.Redirect(w, r, siteURL(h.Site.ID)+"/give-up", http.StatusSeeOther)
		return nil
	}
	f := s.siteForm(h, "give_up", siteURL(h.Site.ID)+"/give-up")
	f.Version, f.Button = h.Site.Version, "give_up"
	f.Notes = []string{c.say.Text("queue_say.ends", "devices", x.Devices, "agendas", x.Agendas), c.say.Text("queue_say.ends_stay")}
	if x.Ahead > 0 {
		f.Notes = append(f.Notes, c.say.Text("queue_say.ahead", "n", x.Ahead))
	}
	if x.Wishes > 0 {
		f.Notes = append(f.Notes, c.say.Text("queue_say.wishes", "n", x.Wishes))
	}
	if x.DayOpen {
		f.Notes = append(f.Notes, c.say.Text("queue_say.day_open"))
	}
	if blocked {
		f.Button = ""
	}
	if f.Shell, err = s.adminShell(r, c, page.AdminQueue); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, f)
	return nil
}
