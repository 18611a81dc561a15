package web

import (
	"errors"
	"net/http"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// arrivalDesk is the card for those who come with an appointment: who is expected
// today, found by name, telephone, code or number. nil for who receives nowhere, and
// where no appointment is expected today.
func (s *Server) arrivalDesk(r *http.Request, c *caller, query string) (*page.ArrivalDesk, error) {
	sites, err := s.Queue.Sites(r.Context())
	if err != nil {
		return nil, err
	}
	out := &page.ArrivalDesk{Query: query, Key: secret.Token(12)}
	found := false
	for _, x := range sites {
		h, err := s.Queue.House(r.Context(), x.ID)
		if err != nil {
			return nil, err
		}
		list, err := s.Bookings.ExpectedToday(r.Context(), c.Viewer, x.ID, query)
		if errors.Is(err, inbox.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		agendas, err := s.Bookings.Agendas(r.Context(), x.ID)
		if err != nil {
			return nil, err
		}
		found = found || len(agendas) > 0
		site := page.ArrivalSite{ID: x.ID, Name: x.Name}
		for i := range list {
			site.Lines = append(site.Lines, s.arrivalLine(c, h, &list[i], query))
		}
		if query == "" && len(site.Lines) > soonest {
			site.More, site.Lines = len(site.Lines)-soonest, site.Lines[:soonest]
		}
		out.Sites = append(out.Sites, site)
	}
	if !found {
		return nil, nil
	}
	return out, nil
}

// soonest is how many of those expected stand on the card before anything is typed.
const soonest = 5

func (s *Server) arrivalLine(c *caller, h *queue.House, x *queue.Expected, query string) page.ArrivalLine {
	at := &agendaAt{h: h, agenda: &queue.Agenda{ID: x.AgendaID}, day: h.Today(x.StartAt)}
	line := agendaLine(c, at, x.Appointment, 0)
	line.Label = x.Label
	out := page.ArrivalLine{AgendaLine: line, MayArrive: x.State == queue.BookedSlot || x.State == queue.AppointmentMissed, Late: s.clock.Now() > x.StartAt.Add(h.Policy.Late)}
	if x.Veiled {
		out.Code = strings.TrimSpace(query) // by which it was found
	}
	return out
}

// receptionArrivals answers who is expected while one types.
func (s *Server) receptionArrivals(w http.ResponseWriter, r *http.Request, c *caller) error {
	if !c.FrontDesk {
		return inbox.ErrForbidden
	}
	d, err := s.arrivalDesk(r, c, strings.TrimSpace(r.URL.Query().Get("arrival")))
	if err != nil {
		return err
	}
	if d == nil {
		d = &page.ArrivalDesk{}
	}
	s.show(w, r, http.StatusOK, c.lang, page.ArrivalList{ArrivalDesk: *d})
	return nil
}

// arrived checks somebody in: the ticket has the appointment's place in the queue.
// The answer is the page itself, as with a number that is given, so that the address
// of the ticket's page is kept nowhere.
func (s *Server) arrived(w http.ResponseWriter, r *http.Request, c *caller) error {
	if !c.FrontDesk {
		return inbox.ErrForbidden
	}
	var in *queue.CheckedIn
	var err error
	if code := strings.TrimSpace(r.PostFormValue("code")); code != "" {
		in, err = s.Bookings.CheckInByCode(r.Context(), c.Viewer, parseID(r.PostFormValue("site")), code)
	} else {
		in, err = s.Bookings.CheckIn(r.Context(), c.Viewer, parseID(r.PostFormValue("appointment")))
	}
	if err != nil {
		if !s.agendaRefused(r, c, err) {
			return err
		}
		http.Redirect(w, r, "/reception", http.StatusSeeOther)
		return nil
	}
	out := newReception(c, page.HowVisit)
	if out.Arrivals, err = s.arrivalDesk(r, c, ""); err != nil {
		return err
	}
	if out.Arrivals == nil {
		out.Arrivals = &page.ArrivalDesk{}
	}
	given := &page.NumberGiven{Label: in.Ticket.Label, Again: in.Repeated}
	if in.Secret != "" {
		given.URL = s.publicURL("/p/t/" + in.Secret)
	}
	now, err := s.roomNow(r.Context(), in.Appointment.SiteID)
	if err != nil {
		return err
	}
	given.Wait, given.Today = now.stepWait(in.Step)
	if !in.Appointment.Veiled {
		given.Service = serviceName(now.House, in.Appointment.ServiceID, c.lang)
	}
	out.Arrivals.Given, out.Arrivals.Person, out.Arrivals.At = given, in.Appointment.Person, in.Appointment.StartAt
	out.Arrivals.Early, out.Arrivals.Late = in.Early, in.Late
	return s.showReception(w, r, c, http.StatusOK, out, 0)
}
