package web

import (
	"cmp"
	"net/http"
	"strings"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/web/page"
)

// agendaBook books for somebody: a person of the files, or a name with what was said
// of how to reach them. The key of the form makes a double click one appointment.
func (s *Server) agendaBook(w http.ResponseWriter, r *http.Request, c *caller) error {
	at, out, err := s.agendaFrame(r, c)
	if err != nil {
		return err
	}
	if at == nil {
		return inbox.ErrNotFound
	}
	v := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	start, person := v("start"), parseID(v("person"))
	form, err := s.agendaForm(r, c, at, start, "", person)
	if err != nil {
		return err
	}
	form.Form, form.Note = page.VisitForm{Name: v("name"), Email: v("email"), Phone: v("phone")}, v("note")
	form.Key = cmp.Or(v("key"), form.Key)
	req := queue.BookRequest{
		HoldRequest: queue.HoldRequest{AgendaID: at.agenda.ID, ServiceID: parseID(v("service")), Start: parseStart(start), Key: form.Key, Lang: string(page.Italian)},
		CitizenID:   person, Person: form.Form.Name, Email: form.Form.Email, Phone: form.Form.Phone, Class: order.Class(v("class")), Note: form.Note,
	}
	if form.Chosen != nil {
		req.Person, req.Email, req.Phone = form.Chosen.Name, "", ""
	}
	b, err := s.Bookings.Book(r.Context(), c.Viewer, req)
	if err == nil {
		s.flashBooked(r, b)
		http.Redirect(w, r, at.url("ap", formatID(b.Appointment.ID)), http.StatusSeeOther)
		return nil
	}
	if form.Faults = bookRefusal(c, err); form.Faults == nil {
		if !s.agendaRefused(r, c, err) {
			return err
		}
		http.Redirect(w, r, at.url("slot", start), http.StatusSeeOther)
		return nil
	}
	chosenIn(form.Services, v("service"))
	chosenIn(form.Classes, v("class"))
	out.Book = form
	s.show(w, r, http.StatusUnprocessableEntity, c.lang, *out)
	return nil
}

// flashBooked says that somebody has a place, and whether they were told.
func (s *Server) flashBooked(r *http.Request, b *queue.Booking) {
	if b.Told.Held != "" || b.Appointment.CitizenID == 0 && b.Appointment.IdentityID == 0 {
		s.flash(r, page.LevelSoon, "agenda_booked_quiet", "name", b.Appointment.Person)
		return
	}
	s.flash(r, page.LevelOK, "agenda_booked", "name", b.Appointment.Person)
}

// agendaSlot gives a slot a capacity of its own, or the agenda's again.
func (s *Server) agendaSlot(w http.ResponseWriter, r *http.Request, c *caller) error {
	at, _, err := s.agendaFrame(r, c)
	if err != nil {
		return err
	}
	if at == nil {
		return inbox.ErrNotFound
	}
	in := &queueInput{r: r}
	capacity, public := in.whole("capacity", 0, 200), in.whole("public", 0, 200)
	follow := r.PostFormValue("follow") == "1"
	if len(in.faults) > 0 && !follow {
		s.flash(r, page.LevelLate, "agenda_capacity")
	} else if err := s.Bookings.SetSlot(r.Context(), c.Viewer, at.agenda.ID, parseStart(r.PostFormValue("start")), capacity, min(public, capacity), follow); err != nil {
		if !s.agendaRefused(r, c, err) {
			return err
		}
	} else {
		s.flash(r, page.LevelOK, "saved")
	}
	http.Redirect(w, r, at.url("slot", r.PostFormValue("start")), http.StatusSeeOther)
	return nil
}

// agendaAct does one of the verbs with an appointment, and goes back to its day.
func (s *Server) agendaAct(w http.ResponseWriter, r *http.Request, c *caller) error {
	id, version := pathID(r, "id"), parseID(r.PostFormValue("version"))
	ap, err := s.Bookings.Appointment(r.Context(), c.Viewer, id)
	if err != nil {
		return err
	}
	do := map[string]func() (*queue.Appointment, error){
		"arrive": func() (*queue.Appointment, error) { return s.agendaArrive(r, c, id) },
		"missed": func() (*queue.Appointment, error) {
			out, err := s.Bookings.Missed(r.Context(), c.Viewer, id, version)
			if err == nil {
				s.flash(r, page.LevelOK, "agenda_missed", "name", ap.Person)
			}
			return out, err
		},
		"move":   func() (*queue.Appointment, error) { return s.agendaMove(r, c, id, version) },
		"cancel": func() (*queue.Appointment, error) { return s.agendaCancel(r, c, id, version) },
		"tell":   func() (*queue.Appointment, error) { return s.agendaTell(r, c, id, version) },
	}[r.PathValue("verb")]
	if do == nil {
		return inbox.ErrNotFound
	}
	now, err := do()
	if err != nil && !s.agendaRefused(r, c, err) {
		return err
	}
	if now != nil {
		ap = now
	}
	http.Redirect(w, r, s.afterAct(r, ap), http.StatusSeeOther)
	return nil
}

// afterAct is where somebody goes on after a verb: where they were, else the day of
// the appointment with it opened.
func (s *Server) afterAct(r *http.Request, ap *queue.Appointment) string {
	if back := r.PostFormValue("back"); back == "conflicts" {
		return "/agenda/conflicts?site=" + formatID(ap.SiteID)
	}
	at := &agendaAt{agenda: &queue.Agenda{ID: ap.AgendaID}, day: queue.DayOf(ap.StartAt, s.zone), week: r.PostFormValue("view") == "week"}
	if ap.State == queue.AppointmentCancel {
		return at.url()
	}
	return at.url("ap", formatID(ap.ID))
}

func (s *Server) agendaArrive(r *http.Request, c *caller, id int64) (*queue.Appointment, error) {
	in, err := s.Bookings.CheckIn(r.Context(), c.Viewer, id)
	if err != nil {
		return nil, err
	}
	key := "agenda_arrived"
	switch {
	case in.Early:
		key = "agenda_arrived_early"
	case in.Late:
		key = "agenda_arrived_late"
	}
	s.flash(r, page.LevelOK, key, "label", in.Ticket.Label)
	return in.Appointment, nil
}

func (s *Server) agendaMove(r *http.Request, c *caller, id, version int64) (*queue.Appointment, error) {
	b, err := s.Bookings.Change(r.Context(), c.Viewer, queue.ChangeRequest{ID: id, Version: version, Start: parseStart(r.PostFormValue("start"))})
	if err != nil {
		return nil, err
	}
	s.flashTold(r, b, "agenda_moved")
	return b.Appointment, nil
}

func (s *Server) agendaCancel(r *http.Request, c *caller, id, version int64) (*queue.Appointment, error) {
	silent := r.PostFormValue("tell") != "1"
	b, err := s.Bookings.Cancel(r.Context(), c.Viewer, queue.CancelRequest{ID: id, Version: version, Reason: strings.TrimSpace(r.PostFormValue("reason")), Silent: silent})
	if err != nil {
		return nil, err
	}
	if silent {
		s.flash(r, page.LevelOK, "agenda_cancelled_silent", "name", b.Appointment.Person)
	} else {
		s.flashTold(r, b, "agenda_cancelled")
	}
	return b.Appointment, nil
}

func (s *Server) agendaTell(r *http.Request, c *caller, id, version int64) (*queue.Appointment, error) {
	b, err := s.Bookings.TellConflict(r.Context(), c.Viewer, id, version)
	if err != nil {
		return nil, err
	}
	s.flashTold(r, b, "agenda_told")
	return b.Appointment, nil
}

// flashTold says what was done, and whether the person was told: whoever was not is
// to be telephoned.
func (s *Server) flashTold(r *http.Request, b *queue.Booking, key string) {
	ap := b.Appointment
	if b.Told.Held != "" || ap.CitizenID == 0 && ap.IdentityID == 0 {
		s.flash(r, page.LevelSoon, key+"_quiet", "name", ap.Person)
		return
	}
	s.flash(r, page.LevelOK, key, "name", ap.Person)
}
