package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/web/page"
)

func (s *Server) bookingRoutes() {
	s.mux.HandleFunc("GET /p/book", s.bookSites)
	s.mux.HandleFunc("GET /p/book/{site}", s.bookServices)
	s.mux.HandleFunc("GET /p/book/{site}/{service}", s.bookSlots)
	s.mux.HandleFunc("POST /p/book/{site}/{service}", s.bookHold)
	s.mux.HandleFunc("GET /p/book/{site}/{service}/{start}", s.bookForm)
	s.mux.HandleFunc("POST /p/book/{site}/{service}/{start}", s.book)
	s.mux.HandleFunc("GET /p/book/{site}/{service}/wait", s.waitForm)
	s.mux.HandleFunc("POST /p/book/{site}/{service}/wait", s.waitAsk)
	s.mux.HandleFunc("POST /p/book/{site}/{service}/{start}/longer", s.bookLonger)
}

// daysShown is how many days with free times stand on a page, and daysLooked how
// many days are looked through for them.
const (
	daysShown  = 7
	daysLooked = 31
)

// aCitizen acts for themselves: with a token, a hold of their browser, or nothing.
var aCitizen = inbox.Viewer{}

// bookSites lists the sites that have an agenda; where there is one, it leads on.
func (s *Server) bookSites(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	s.keepLang(w, r)
	sites, err := s.Queue.Sites(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	v := page.BookStart{Site: s.site(r)}
	only := ""
	for _, site := range sites {
		h, err := s.Queue.House(r.Context(), site.ID)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		list, err := s.offered(r, h)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if len(list) == 0 {
			continue
		}
		only = "/p/book/" + site.Key
		names := make([]string, 0, len(list))
		for _, o := range list {
			names = append(names, o.service.Names.In(string(v.Lang)))
		}
		v.Groups = append(v.Groups, page.BookGroup{Name: site.Name, Hint: site.Address, Lines: []page.BookLine{{Name: strings.Join(names, ", "), URL: only}}})
	}
	if len(v.Groups) == 1 {
		http.Redirect(w, r, only, http.StatusSeeOther)
		return
	}
	s.show(w, r, http.StatusOK, v.Lang, v)
}

// offer is a service that can be booked, by the first agenda that has it.
type offer struct {
	service *queue.Service
	agenda  *queue.Agenda
}

// offered are the services of a site that citizens can book, in their order.
func (s *Server) offered(r *http.Request, h *queue.House) ([]offer, error) {
	agendas, err := s.Bookings.Agendas(r.Context(), h.Site.ID)
	if err != nil {
		return nil, err
	}
	var out []offer
	for _, sv := range h.Services {
		i := slices.IndexFunc(agendas, func(a *queue.Agenda) bool { return a.Public > 0 && a.Offers(sv.ID) })
		if i >= 0 && sv.EndedAt == 0 {
			out = append(out, offer{sv, agendas[i]})
		}
	}
	return out, nil
}

func (s *Server) bookServices(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	s.keepLang(w, r)
	h, err := s.Queue.SiteByKey(r.Context(), r.PathValue("site"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	list, err := s.offered(r, h)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	v := page.BookStart{Site: s.site(r), Place: whereOf(h)}
	for _, g := range h.Groups {
		group := page.BookGroup{Name: g.Names.In(string(v.Lang))}
		for _, o := range list {
			if o.service.GroupID != g.ID {
				continue
			}
			line := page.BookLine{Name: o.service.Names.In(string(v.Lang)), URL: "/p/book/" + h.Site.Key + "/" + o.service.Key}
			today := h.Today(s.clock.Now())
			free, err := s.Bookings.FreeSlots(r.Context(), aCitizen, o.agenda.ID, today, today.Add(min(o.agenda.HorizonDays, daysLooked)))
			if err != nil {
				s.fail(w, r, err)
				return
			}
			if len(free) > 0 {
				line.First = free[0].Start
			}
			group.Lines = append(group.Lines, line)
		}
		if group.Lines != nil {
			v.Groups = append(v.Groups, group)
		}
	}
	s.show(w, r, http.StatusOK, v.Lang, v)
}

// whereOf is a site with its address.
func whereOf(h *queue.House) string {
	if h.Site.Address == "" {
		return h.Site.Name
	}
	return h.Site.Name + ", " + h.Site.Address
}

// wanted is the service of the address, with its agenda. ok is false when the
// answer is given.
func (s *Server) wanted(w http.ResponseWriter, r *http.Request) (h *queue.House, o offer, ok bool) {
	s.publicHeaders(w)
	h, err := s.Queue.SiteByKey(r.Context(), r.PathValue("site"))
	if err != nil {
		s.fail(w, r, err)
		return nil, o, false
	}
	list, err := s.offered(r, h)
	if err != nil {
		s.fail(w, r, err)
		return nil, o, false
	}
	i := slices.IndexFunc(list, func(o offer) bool { return o.service.Key == r.PathValue("service") })
	if i < 0 {
		s.fail(w, r, inbox.ErrNotFound)
		return nil, o, false
	}
	return h, list[i], true
}

func (s *Server) bookSlots(w http.ResponseWriter, r *http.Request) {
	s.keepLang(w, r)
	if h, o, ok := s.wanted(w, r); ok {
		s.showSlots(w, r, http.StatusOK, h, o, "")
	}
}

func (s *Server) showSlots(w http.ResponseWriter, r *http.Request, st int, h *queue.House, o offer, fault string) {
	path := "/p/book/" + h.Site.Key + "/" + o.service.Key
	v := page.BookSlots{
		Site: s.site(r), Place: whereOf(h), Back: "/p/book/" + h.Site.Key, Path: path, Key: secret.Token(12), Fault: fault,
	}
	v.Service, v.Documents = o.service.Names.In(string(v.Lang)), documentsOf(o.agenda, v.Lang)
	if err := s.freeDays(r, h, o.agenda, path, &v); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, st, v.Lang, v)
}

// freeDays fills in the days with free times from the one that the address names.
func (s *Server) freeDays(r *http.Request, h *queue.House, a *queue.Agenda, path string, v *page.BookSlots) error {
	today := h.Today(s.clock.Now())
	from, err := queue.ParseDay(r.URL.Query().Get("from"))
	if err != nil || from < today {
		from = today
	}
	last := today.Add(a.HorizonDays)
	free, err := s.Bookings.FreeSlots(r.Context(), aCitizen, a.ID, from, min(last, from.Add(daysLooked)))
	if err != nil {
		return err
	}
	on := queue.Day("")
	for _, f := range free {
		if d := h.Today(f.Start); d != on {
			if len(v.Days) == daysShown {
				v.Later = path + "?from=" + string(d)
				break
			}
			v.Days, on = append(v.Days, page.BookDay{At: f.Start}), d
		}
		day := &v.Days[len(v.Days)-1]
		day.Times = append(day.Times, page.BookTime{At: f.Start, Value: strconv.FormatInt(int64(f.Start), 10), Free: f.Free})
	}
	if next := from.Add(daysLooked + 1); v.Later == "" && next <= last {
		v.Later = path + "?from=" + string(next)
	}
	if from > today {
		v.Earlier = path + "?from=" + string(max(today, from.Add(-daysShown)))
	}
	return nil
}

// documentsOf are the lines of what to bring.
func documentsOf(a *queue.Agenda, l page.Lang) []string {
	return linesOf(a.Settings.Documents.In(string(l)))
}

func linesOf(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// bookFault is the sentence for what could not be done, under "book.fault_"; empty
// for what is no refusal.
func bookFault(err error) string {
	var refused *queue.RefusedError
	switch {
	case errors.As(err, &refused):
		switch refused.Code {
		case queue.SlotFull, queue.NoSuchSlot, queue.TooSoon, queue.TooFar, queue.HoldLapsed, queue.MostOpen, queue.MostDay, queue.TooLateToChange,
			queue.WrongDay, queue.NotBooked, queue.OnTheList, queue.WrongCode, queue.TooManyTries:
			return refused.Code
		}
		return "other"
	case errors.Is(err, inbox.ErrChanged):
		return "changed"
	}
	return ""
}

// holdKey is the same for one place and one browser until it lapses: a reload, or
// the other of two taps, holds nothing more.
func holdKey(key string, start clock.Instant) string {
	return key + ":" + strconv.FormatInt(int64(start), 10)
}

// bookHold keeps a place and leads to the form.
func (s *Server) bookHold(w http.ResponseWriter, r *http.Request) {
	h, o, ok := s.wanted(w, r)
	if !ok {
		return
	}
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	start, _ := strconv.ParseInt(r.PostFormValue("start"), 10, 64)
	if _, err := s.holdPlace(w, r, o, clock.Instant(start), r.PostFormValue("key")); err != nil {
		s.bookRefused(w, r, h, o, err)
		return
	}
	http.Redirect(w, r, "/p/book/"+h.Site.Key+"/"+o.service.Key+"/"+strconv.FormatInt(start, 10), http.StatusSeeOther)
}

func (s *Server) bookRefused(w http.ResponseWriter, r *http.Request, h *queue.House, o offer, err error) {
	if fault := bookFault(err); fault != "" {
		s.showSlots(w, r, http.StatusConflict, h, o, fault)
		return
	}
	s.fail(w, r, err)
}

func (s *Server) holdPlace(w http.ResponseWriter, r *http.Request, o offer, start clock.Instant, key string) (*queue.Appointment, error) {
	ap, err := s.Bookings.Hold(r.Context(), aCitizen, queue.HoldRequest{
		AgendaID: o.agenda.ID, ServiceID: o.service.ID, Start: start, Key: holdKey(key, start), Holder: s.holder(w, r), Lang: string(s.publicLang(r)),
	})
	if err == nil {
		s.keepHold(w, ap)
	}
	return ap, err
}
