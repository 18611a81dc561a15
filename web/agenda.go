package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/web/page"
)

func (s *Server) agendaRoutes() {
	s.mux.HandleFunc("GET /agenda", s.staff(s.agenda))
	s.mux.HandleFunc("GET /agenda/people", s.staff(s.agendaPeople))
	s.mux.HandleFunc("POST /agenda/book", s.staff(s.agendaBook))
	s.mux.HandleFunc("POST /agenda/slots", s.staff(s.agendaSlot))
	s.mux.HandleFunc("POST /agenda/appointments/{id}/{verb}", s.staff(s.agendaAct))
	s.mux.HandleFunc("GET /agenda/conflicts", s.staff(s.agendaConflicts))
	s.mux.HandleFunc("GET /agenda/waiting", s.staff(s.agendaWaiting))
	s.mux.HandleFunc("POST /agenda/waiting", s.staff(s.agendaJoin))
	s.mux.HandleFunc("POST /agenda/waiting/{id}/leave", s.staff(s.agendaLeave))
}

// agendaAt is which agenda and days somebody looks at.
type agendaAt struct {
	h      *queue.House
	agenda *queue.Agenda
	day    queue.Day
	week   bool
}

// url is the address of the days, with more about what is opened beside them.
func (at *agendaAt) url(more ...string) string {
	q := url.Values{"agenda": {formatID(at.agenda.ID)}, "day": {string(at.day)}}
	if at.week {
		q.Set("view", "week")
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] == "" {
			q.Del(more[i])
			continue
		}
		q.Set(more[i], more[i+1])
	}
	return "/agenda?" + q.Encode()
}

// first and last are the days that are shown.
func (at *agendaAt) first() queue.Day {
	if at.week {
		return at.day.Add(1 - at.day.Weekday())
	}
	return at.day
}

func (at *agendaAt) last() queue.Day {
	if at.week {
		return at.first().Add(6)
	}
	return at.day
}

func startText(at clock.Instant) string { return strconv.FormatInt(int64(at), 10) }

func parseStart(s string) clock.Instant {
	n, _ := strconv.ParseInt(s, 10, 64)
	return clock.Instant(n)
}

// workedAgenda is an agenda with its site.
type workedAgenda struct {
	h      *queue.House
	agenda *queue.Agenda
}

// agendasOf are all agendas that the caller works, site by site.
func (s *Server) agendasOf(r *http.Request, c *caller) ([]workedAgenda, error) {
	sites, err := s.Queue.Sites(r.Context())
	if err != nil {
		return nil, err
	}
	var out []workedAgenda
	for _, site := range sites {
		h, err := s.Queue.House(r.Context(), site.ID)
		if err != nil {
			return nil, err
		}
		list, err := s.Bookings.AgendasOf(r.Context(), c.Viewer, site.ID)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			out = append(out, workedAgenda{h, a})
		}
	}
	return out, nil
}

// agenda is a day or a week of one agenda.
func (s *Server) agenda(w http.ResponseWriter, r *http.Request, c *caller) error {
	at, out, err := s.agendaFrame(r, c)
	if err != nil {
		return err
	}
	if at == nil { // none
		s.show(w, r, http.StatusOK, c.lang, *out)
		return nil
	}
	if err := s.agendaOpened(r, c, at, out); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, *out)
	return nil
}

// agendaFrame is the page without what is opened beside the list. at is nil when the
// caller works no agenda.
func (s *Server) agendaFrame(r *http.Request, c *caller) (*agendaAt, *page.Agenda, error) {
	if !c.worksWithCitizens() {
		return nil, nil, inbox.ErrForbidden
	}
	q := r.URL.Query()
	if r.Method == http.MethodPost {
		q = r.PostForm
	}
	all, err := s.agendasOf(r, c)
	if err != nil {
		return nil, nil, err
	}
	out := &page.Agenda{}
	if out.Shell, err = s.shell(r, c, page.SectionAgenda); err != nil || len(all) == 0 {
		return nil, out, err
	}
	i := 0
	if id := parseID(q.Get("agenda")); id != 0 {
		if i = slices.IndexFunc(all, func(x workedAgenda) bool { return x.agenda.ID == id }); i < 0 {
			return nil, nil, inbox.ErrNotFound
		}
	}
	at := &agendaAt{h: all[i].h, agenda: all[i].agenda, week: q.Get("view") == "week"}
	today := at.h.Today(s.clock.Now())
	if at.day, err = queue.ParseDay(q.Get("day")); err != nil {
		at.day = today
	}
	for _, x := range all {
		other := agendaAt{agenda: x.agenda, day: at.day, week: at.week}
		out.Choices = append(out.Choices, page.AgendaChoice{Name: x.agenda.Names.In(string(c.lang)), Site: x.h.Site.Name, URL: other.url(), Current: x.agenda.ID == at.agenda.ID})
	}
	return at, out, s.agendaDays(r, c, at, out)
}

// agendaDays fills in the days and what stands above them.
func (s *Server) agendaDays(r *http.Request, c *caller, at *agendaAt, out *page.Agenda) error {
	days, err := s.Bookings.Days(r.Context(), c.Viewer, at.agenda.ID, at.first(), at.last())
	if err != nil {
		return err
	}
	zone, now := at.h.Calendar.Zone, s.clock.Now()
	step := 1
	if at.week {
		step = 7
	}
	out.ID, out.Site, out.Name, out.SiteName, out.Week = at.agenda.ID, at.h.Site.ID, at.agenda.Names.In(string(c.lang)), at.h.Site.Name, at.week
	out.At, out.Until, out.Day = at.first().At(12*60, zone), at.last().At(12*60, zone), string(at.day)
	to := func(d queue.Day) string { return (&agendaAt{agenda: at.agenda, day: d, week: at.week}).url() }
	out.Prev, out.Next, out.Today = to(at.day.Add(-step)), to(at.day.Add(step)), to(at.h.Today(now))
	out.DayURL, out.WeekURL, out.Close = at.url("view", ""), at.url("view", "week"), at.url()
	special, err := s.Queue.SpecialDays(r.Context(), at.h.Site.ID, at.first())
	if err != nil {
		return err
	}
	for _, d := range days {
		line := s.agendaDay(r, c, at, d, now)
		if len(d.Slots) > 0 && len(line.Slots) == 0 {
			line.Why = "over"
		}
		if len(d.Slots) == 0 {
			line.Why = noSlots(at, d.Day)
			for _, x := range special {
				if x.Day == d.Day && line.Why == "shut" {
					line.Reason = x.Reason
				}
			}
		}
		out.Days = append(out.Days, line)
		countAgenda(out, &line)
	}
	if out.Conflicts, err = s.Bookings.ConflictCount(r.Context(), c.Viewer, at.h.Site.ID); err != nil {
		return err
	}
	list, err := s.Bookings.WaitingList(r.Context(), c.Viewer, at.agenda.ID)
	out.Waiting = len(list)
	return err
}

// noSlots tells why there are none on a day, under "agenda.none_".
func noSlots(at *agendaAt, d queue.Day) string {
	ranges, differs := at.h.Calendar.Days[d]
	switch {
	case differs && len(ranges) == 0:
		return "shut"
	case !differs && queue.Holiday(d, at.h.Calendar.Patron):
		return "holiday"
	}
	return "hours"
}

func countAgenda(out *page.Agenda, d *page.AgendaDay) {
	count := func(l *page.AgendaLine) {
		switch queue.BookingState(l.State) {
		case queue.BookedSlot, queue.HeldSlot:
			out.Booked++
		case queue.Arrived, queue.AppointmentDone:
			out.Arrived++
		case queue.AppointmentMissed:
			out.Missed++
		}
	}
	for i := range d.Slots {
		if !d.Slots[i].Past {
			out.Free += d.Slots[i].Free
		}
		for j := range d.Slots[i].Lines {
			count(&d.Slots[i].Lines[j])
		}
	}
	for i := range d.Others {
		count(&d.Others[i])
	}
}

func (s *Server) agendaDay(r *http.Request, c *caller, at *agendaAt, d *queue.AgendaDay, now clock.Instant) page.AgendaDay {
	day := agendaAt{h: at.h, agenda: at.agenda, day: d.Day}
	out := page.AgendaDay{At: d.Day.At(12*60, at.h.Calendar.Zone), Today: at.h.Today(now) == d.Day, URL: day.url()}
	chosen := parseID(r.URL.Query().Get("ap"))
	within := agendaAt{h: at.h, agenda: at.agenda, day: d.Day, week: at.week}
	for _, sl := range d.Slots {
		if out.Today && sl.Start <= now && len(sl.Appointments) == 0 && startText(sl.Start) != r.URL.Query().Get("slot") {
			continue // gone by unused
		}
		line := page.AgendaSlotLine{
			Start: sl.Start, End: sl.End, URL: within.url("slot", startText(sl.Start)), Free: sl.Free, Public: min(sl.Free, sl.FreePublic), Capacity: sl.Capacity, ForPublic: sl.Public, Own: sl.Own,
			Taken: len(sl.Appointments), Resting: sl.Resting, Past: sl.Start <= now, Current: parseStart(r.URL.Query().Get("slot")) == sl.Start,
		}
		for _, ap := range sl.Appointments {
			line.Lines = append(line.Lines, agendaLine(c, &within, ap, chosen))
		}
		out.Slots = append(out.Slots, line)
	}
	for _, ap := range d.Others {
		out.Others = append(out.Others, agendaLine(c, &within, ap, chosen))
	}
	return out
}

func agendaLine(c *caller, at *agendaAt, ap *queue.Appointment, chosen int64) page.AgendaLine {
	return page.AgendaLine{
		ID: ap.ID, URL: at.url("ap", formatID(ap.ID)), At: ap.StartAt, Person: ap.Person, Service: serviceName(at.h, ap.ServiceID, c.lang), State: string(ap.State),
		Until: ap.HoldUntil, Code: ap.Code, Note: ap.Note, Online: ap.Public && ap.ByOperator == 0, Sure: ap.ConfirmedAt != 0, Veiled: ap.Veiled, Current: ap.ID == chosen,
	}
}

// agendaRefused leaves the reason of a refusal for the next page, as refused does,
// for the codes of the agenda too.
func (s *Server) agendaRefused(r *http.Request, c *caller, err error) bool {
	if refused, ok := errors.AsType[*queue.RefusedError](err); ok {
		for _, key := range []string{"agenda_" + refused.Code, "room_" + refused.Code, "agenda_other"} {
			if c.say.Known("flash." + key) {
				s.flash(r, page.LevelLate, key)
				return true
			}
		}
	}
	return s.refused(r, c, err)
}
