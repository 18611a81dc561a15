package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// agendaConflicts lists the appointments of a site that have no place any more, with
// the next step for each. Nothing is done by itself.
func (s *Server) agendaConflicts(w http.ResponseWriter, r *http.Request, c *caller) error {
	site := parseID(r.URL.Query().Get("site"))
	h, err := s.Queue.House(r.Context(), site)
	if err != nil {
		return err
	}
	list, err := s.Bookings.Conflicts(r.Context(), c.Viewer, site)
	if err != nil {
		return err
	}
	mine, err := s.Bookings.AgendasOf(r.Context(), c.Viewer, site)
	if err != nil {
		return err
	}
	out := page.AgendaConflicts{Site: site, Name: h.Site.Name, Back: "/agenda"}
	for _, x := range list {
		ap := x.Appointment
		i := slices.IndexFunc(mine, func(a *queue.Agenda) bool { return a.ID == ap.AgendaID })
		at := &agendaAt{h: h, agenda: &queue.Agenda{ID: ap.AgendaID}, day: h.Today(ap.StartAt)}
		line := page.AgendaConflict{
			AgendaLine: agendaLine(c, at, ap, 0), Version: ap.Version, Why: x.Why, Next: x.Next, Told: ap.ConflictAt, MayAct: i >= 0 && !ap.Veiled,
		}
		if i >= 0 {
			line.Agenda = mine[i].Names.In(string(c.lang))
		}
		for _, f := range x.Free {
			line.Free = append(line.Free, page.BookTime{At: f.Start, Value: startText(f.Start), Free: f.Free})
		}
		out.Lines = append(out.Lines, line)
	}
	if out.Shell, err = s.shell(r, c, page.SectionAgenda); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// agendaWaiting is the waiting list of an agenda.
func (s *Server) agendaWaiting(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.showWaiting(w, r, c, http.StatusOK, parseID(r.URL.Query().Get("agenda")), page.AgendaJoin{}, nil)
}

func (s *Server) showWaiting(w http.ResponseWriter, r *http.Request, c *caller, status int, id int64, form page.AgendaJoin, faults []page.FieldFault) error {
	list, err := s.Bookings.WaitingList(r.Context(), c.Viewer, id)
	if err != nil {
		return err
	}
	a, err := s.Bookings.Agenda(r.Context(), id)
	if err != nil {
		return err
	}
	h, err := s.Queue.House(r.Context(), a.SiteID)
	if err != nil {
		return err
	}
	at := &agendaAt{agenda: a, day: h.Today(s.clock.Now())}
	out := page.AgendaWaiting{ID: id, Name: a.Names.In(string(c.lang)), Back: at.url(), Form: form, Faults: faults}
	for _, x := range list {
		out.Lines = append(out.Lines, page.AgendaWish{
			ID: x.ID, Person: x.Person, Service: serviceName(h, x.ServiceID, c.lang), From: x.FromDay.At(12*60, h.Calendar.Zone), To: x.ToDay.At(12*60, h.Calendar.Zone),
			Since: x.CreatedAt, Offers: x.Offers, Offered: x.State == queue.Offered, Veiled: x.Veiled,
		})
	}
	if out.Form.Key == "" {
		out.Form.Key = secret.Token(12)
	}
	if out.Form.From == "" {
		out.Form.From, out.Form.To = string(at.day), string(at.day.Add(28))
	}
	for _, sv := range h.Services {
		if a.Offers(sv.ID) && sv.EndedAt == 0 {
			out.Form.Services = append(out.Form.Services, page.Choice{Value: formatID(sv.ID), Label: sv.Names.In(string(c.lang)), Chosen: formatID(sv.ID) == r.PostFormValue("service")})
		}
	}
	if out.Shell, err = s.shell(r, c, page.SectionAgenda); err != nil {
		return err
	}
	s.show(w, r, status, c.lang, out)
	return nil
}

// agendaJoin puts somebody on the waiting list who telephoned or came.
func (s *Server) agendaJoin(w http.ResponseWriter, r *http.Request, c *caller) error {
	v := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	id := parseID(v("agenda"))
	form := page.AgendaJoin{Key: v("key"), Name: v("name"), Email: v("email"), Phone: v("phone"), From: v("from"), To: v("to")}
	_, err := s.Bookings.Join(r.Context(), c.Viewer, queue.JoinRequest{
		AgendaID: id, ServiceID: parseID(v("service")), From: queue.Day(form.From), To: queue.Day(form.To), Key: form.Key, Lang: string(page.Italian),
		Person: form.Name, Email: form.Email, Phone: form.Phone,
	})
	if faults := joinRefusal(c, err); faults != nil {
		return s.showWaiting(w, r, c, http.StatusUnprocessableEntity, id, form, faults)
	}
	if err != nil && !s.agendaRefused(r, c, err) {
		return err
	}
	if err == nil {
		s.flash(r, page.LevelOK, "agenda_joined", "name", form.Name)
	}
	http.Redirect(w, r, "/agenda/waiting?agenda="+formatID(id), http.StatusSeeOther)
	return nil
}

func joinRefusal(c *caller, err error) []page.FieldFault {
	if faults := bookRefusal(c, err); faults != nil {
		return faults
	}
	if x, ok := errors.AsType[*inbox.InvalidError](err); ok {
		switch x.Field {
		case "days":
			return []page.FieldFault{{Field: "from", Key: "agenda_days"}}
		case "citizen":
			return []page.FieldFault{{Field: "email", Key: "agenda_reach"}}
		}
	}
	return nil
}

// agendaLeave takes somebody off the list.
func (s *Server) agendaLeave(w http.ResponseWriter, r *http.Request, c *caller) error {
	err := s.Bookings.LeaveList(r.Context(), c.Viewer, "", pathID(r, "id"))
	if err != nil && !s.agendaRefused(r, c, err) {
		return err
	}
	if err == nil {
		s.flash(r, page.LevelOK, "agenda_left")
	}
	http.Redirect(w, r, "/agenda/waiting?agenda="+formatID(parseID(r.PostFormValue("agenda"))), http.StatusSeeOther)
	return nil
}
