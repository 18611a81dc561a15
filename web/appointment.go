package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// The links of the agenda's messages. A GET shows and changes nothing, whoever or
// whatever opens the link; each does one thing, and what is wrong, over or used
// looks alike (queue 3, row 17).
func (s *Server) appointmentRoutes() {
	s.mux.HandleFunc("GET /p/appointment/{token}", s.appointmentPage)
	// "confirm" and "cancel" before a token are more specific than what follows one
	s.mux.HandleFunc("GET /p/appointment/{token}/{what}", s.one(map[string]http.HandlerFunc{"calendar.ics": s.appointmentFile, "change": s.appointmentTimes}))
	s.mux.HandleFunc("POST /p/appointment/{token}/{what}", s.one(map[string]http.HandlerFunc{
		"change": s.appointmentMove, "cancel": s.appointmentCancel, "here": s.appointmentHere, "sooner": s.appointmentSooner,
	}))
	s.mux.HandleFunc("GET /p/appointment/confirm/{token}", s.confirmPage)
	s.mux.HandleFunc("POST /p/appointment/confirm/{token}", s.confirm)
	s.mux.HandleFunc("GET /p/appointment/cancel/{token}", s.cancelPage)
	s.mux.HandleFunc("POST /p/appointment/cancel/{token}", s.appointmentCancel)
	s.mux.HandleFunc("GET /p/offer/{token}", s.offerPage)
	s.mux.HandleFunc("POST /p/offer/{token}", s.offerAnswer)
	s.mux.HandleFunc("GET /p/waitlist/join/{token}", s.joinPage)
	s.mux.HandleFunc("POST /p/waitlist/join/{token}", s.join)
	s.mux.HandleFunc("GET /p/waitlist/{token}", s.leavePage)
	s.mux.HandleFunc("POST /p/waitlist/{token}", s.leave)
}

// one answers by the last part of an address.
func (s *Server) one(by map[string]http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if f := by[r.PathValue("what")]; f != nil {
			f(w, r)
			return
		}
		s.fail(w, r, inbox.ErrNotFound)
	}
}

// appointmentPage shows an appointment to who has its link.
func (s *Server) appointmentPage(w http.ResponseWriter, r *http.Request) {
	s.keepLang(w, r)
	step := page.BookSee
	if r.URL.Query().Get("ask") == "cancel" {
		step = page.BookCancel
	}
	s.showAppointment(w, r, http.StatusOK, step, queue.ToChange, "")
}

// showAppointment draws one of the pages of a link. A link for something else is
// none.
func (s *Server) showAppointment(w http.ResponseWriter, r *http.Request, st int, step page.BookStep, purpose queue.Purpose, fault string) {
	s.publicHeaders(w)
	token := r.PathValue("token")
	a, err := s.Bookings.Look(r.Context(), token)
	if errors.Is(err, inbox.ErrNotFound) || err == nil && a.Purpose != purpose {
		s.overPage(w, r)
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	v := s.appointmentView(r, a, token)
	v.Step, v.Fault = step, fault
	if purpose != queue.ToChange {
		v.Path = r.URL.Path
	} else if step == page.BookCancel {
		v.BookURL, v.Path = v.Path, v.Path+"/cancel"
	}
	if did := r.URL.Query().Get("did"); fault == "" && slices.Contains([]string{"booked", "changed", "sooner", "taken"}, did) {
		v.Done, v.Waiting = did, did == "sooner"
	}
	s.show(w, r, st, v.Lang, v)
}

func (s *Server) appointmentView(r *http.Request, a *queue.AppointmentView, token string) page.BookAppointment {
	ap := a.Appointment
	v := page.BookAppointment{
		Site: s.site(r), Path: "/p/appointment/" + token, Place: a.Where, Service: a.Service, Person: ap.Person, When: ap.StartAt, End: ap.EndAt, Code: ap.Code,
		Documents: linesOf(a.Documents), MayChange: a.MayChange, Until: a.Lapses, BookURL: "/p/book", Key: secret.Token(12),
	}
	now := s.clock.Now()
	today, day := queue.DayOf(now, s.zone), queue.DayOf(ap.StartAt, s.zone)
	v.Today = ap.State == queue.BookedSlot && today == day
	if first, last := today.Add(1), day.Add(-1); a.MayChange && first <= last {
		v.FromDay, v.ToDay = string(first), string(last)
	}
	return v
}

// overPage answers every link that does not hold, in the same words.
func (s *Server) overPage(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	v := page.BookAppointment{Site: s.site(r), Step: page.BookOver}
	s.show(w, r, http.StatusNotFound, v.Lang, v)
}

// endPage says that something is done after which the link holds no more.
func (s *Server) endPage(w http.ResponseWriter, r *http.Request, step page.BookStep) {
	s.publicHeaders(w)
	v := page.BookAppointment{Site: s.site(r), Step: step}
	s.show(w, r, http.StatusOK, v.Lang, v)
}

// linkFailed answers an error of what a link asks for; done is false for none.
func (s *Server) linkFailed(w http.ResponseWriter, r *http.Request, err error, step page.BookStep, purpose queue.Purpose) (done bool) {
	switch fault := bookFault(err); {
	case err == nil:
		return false
	case fault != "":
		s.showAppointment(w, r, http.StatusConflict, step, purpose, fault)
	case errors.Is(err, inbox.ErrNotFound):
		s.overPage(w, r)
	default:
		s.fail(w, r, err)
	}
	return true
}

func (s *Server) appointmentFile(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	name, b, err := s.Bookings.CalendarFile(r.Context(), r.PathValue("token"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8; method=PUBLISH")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(b)
}

// appointmentTimes lists the times to which an appointment can be moved.
func (s *Server) appointmentTimes(w http.ResponseWriter, r *http.Request) {
	s.keepLang(w, r)
	s.showTimes(w, r, http.StatusOK, "")
}

func (s *Server) showTimes(w http.ResponseWriter, r *http.Request, st int, fault string) {
	s.publicHeaders(w)
	token := r.PathValue("token")
	a, err := s.Bookings.Look(r.Context(), token)
	if errors.Is(err, inbox.ErrNotFound) || err == nil && a.Purpose != queue.ToChange {
		s.overPage(w, r)
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	agenda, err := s.Bookings.Agenda(r.Context(), a.Appointment.AgendaID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h, err := s.Queue.House(r.Context(), agenda.SiteID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	path := "/p/appointment/" + token
	v := page.BookSlots{
		Site: s.site(r), Place: a.Where, Service: a.Service, Back: path, Path: path + "/change", Key: secret.Token(12), Moving: a.Appointment.StartAt,
		Documents: linesOf(a.Documents), Fault: fault,
	}
	if err := s.freeDays(r, h, agenda, v.Path, &v); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, st, v.Lang, v)
}

func (s *Server) appointmentMove(w http.ResponseWriter, r *http.Request) {
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	start, _ := strconv.ParseInt(r.PostFormValue("start"), 10, 64)
	b, err := s.Bookings.Change(r.Context(), aCitizen, queue.ChangeRequest{Token: r.PathValue("token"), Start: clock.Instant(start)})
	if fault := bookFault(err); fault != "" {
		s.showTimes(w, r, http.StatusConflict, fault)
		return
	}
	if s.linkFailed(w, r, err, page.BookSee, queue.ToChange) {
		return
	}
	token := b.Token
	if token == "" {
		token = r.PathValue("token") // it stays where it is
	}
	http.Redirect(w, r, "/p/appointment/"+token+"?did=changed", http.StatusSeeOther)
}

func (s *Server) cancelPage(w http.ResponseWriter, r *http.Request) {
	s.keepLang(w, r)
	s.showAppointment(w, r, http.StatusOK, page.BookCancel, queue.ToCancel, "")
}

// appointmentCancel cancels, by the link to change or the one to cancel.
func (s *Server) appointmentCancel(w http.ResponseWriter, r *http.Request) {
	_, err := s.Bookings.Cancel(r.Context(), aCitizen, queue.CancelRequest{Token: r.PathValue("token")})
	purpose := queue.ToChange
	if r.Pattern == "POST /p/appointment/cancel/{token}" {
		purpose = queue.ToCancel
	}
	if !s.linkFailed(w, r, err, page.BookCancel, purpose) {
		s.endPage(w, r, page.BookCancelled)
	}
}

// appointmentHere checks in with the code of the display, and leads to the number.
func (s *Server) appointmentHere(w http.ResponseWriter, r *http.Request) {
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	keys := s.hereKeys(r)
	if s.slow.wait(r.Context(), keys) > 0 {
		s.showAppointment(w, r, http.StatusTooManyRequests, page.BookSee, queue.ToChange, "slow")
		return
	}
	in, err := s.Bookings.CheckInByPhone(r.Context(), r.PathValue("token"), digits(r.PostFormValue("code")))
	if refused, ok := errors.AsType[*queue.RefusedError](err); ok && refused.Code == queue.WrongCode {
		s.slow.failed(r.Context(), keys)
	}
	if s.linkFailed(w, r, err, page.BookSee, queue.ToChange) {
		return
	}
	s.setCookie(w, "number", in.Secret, "/p/", 24*3600)
	http.Redirect(w, r, "/p/t/"+in.Secret+"?did=here", http.StatusSeeOther)
}

// appointmentSooner puts the person on the waiting list for something sooner.
func (s *Server) appointmentSooner(w http.ResponseWriter, r *http.Request) {
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	token := r.PathValue("token")
	_, err := s.Bookings.Join(r.Context(), aCitizen, queue.JoinRequest{
		Token: token, Key: r.PostFormValue("key"), Lang: string(s.publicLang(r)), From: queue.Day(r.PostFormValue("from")), To: queue.Day(r.PostFormValue("to")),
	})
	if errors.Is(err, inbox.ErrInvalid) {
		s.showAppointment(w, r, http.StatusUnprocessableEntity, page.BookSee, queue.ToChange, "days")
		return
	}
	if !s.linkFailed(w, r, err, page.BookSee, queue.ToChange) {
		http.Redirect(w, r, "/p/appointment/"+token+"?did=sooner", http.StatusSeeOther)
	}
}

func (s *Server) confirmPage(w http.ResponseWriter, r *http.Request) {
	s.keepLang(w, r)
	s.showAppointment(w, r, http.StatusOK, page.BookConfirm, queue.ToConfirm, "")
}

func (s *Server) confirm(w http.ResponseWriter, r *http.Request) {
	b, err := s.Bookings.Confirm(r.Context(), r.PathValue("token"))
	if s.linkFailed(w, r, err, page.BookConfirm, queue.ToConfirm) {
		return
	}
	if b.Token == "" {
		v := page.BookAppointment{Site: s.site(r), Step: page.BookConfirmed}
		s.publicHeaders(w)
		s.show(w, r, http.StatusOK, v.Lang, v)
		return
	}
	http.Redirect(w, r, "/p/appointment/"+b.Token+"?did=booked", http.StatusSeeOther)
}

func (s *Server) offerPage(w http.ResponseWriter, r *http.Request) {
	s.keepLang(w, r)
	s.showAppointment(w, r, http.StatusOK, page.BookOffer, queue.ToOffer, "")
}

// offerAnswer takes or refuses a place of the waiting list.
func (s *Server) offerAnswer(w http.ResponseWriter, r *http.Request) {
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	if r.PostFormValue("answer") != "yes" {
		if err := s.Bookings.Refuse(r.Context(), r.PathValue("token")); !s.linkFailed(w, r, err, page.BookOffer, queue.ToOffer) {
			s.endPage(w, r, page.BookRefused)
		}
		return
	}
	b, err := s.Bookings.Accept(r.Context(), r.PathValue("token"))
	if !s.linkFailed(w, r, err, page.BookOffer, queue.ToOffer) {
		http.Redirect(w, r, "/p/appointment/"+b.Token+"?did=taken", http.StatusSeeOther)
	}
}

// leavePage asks before somebody leaves the waiting list. Whether the link holds is
// told by what the button does.
func (s *Server) leavePage(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	s.keepLang(w, r)
	v := page.BookAppointment{Site: s.site(r), Step: page.BookLeave, Path: r.URL.Path}
	s.show(w, r, http.StatusOK, v.Lang, v)
}

func (s *Server) leave(w http.ResponseWriter, r *http.Request) {
	err := s.Bookings.LeaveList(r.Context(), aCitizen, r.PathValue("token"), 0)
	switch {
	case errors.Is(err, inbox.ErrNotFound):
		s.overPage(w, r)
	case err != nil:
		s.fail(w, r, err)
	default:
		s.endPage(w, r, page.BookLeft)
	}
}
