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

// waitForm asks who would come if a place became free, when no free time suits.
func (s *Server) waitForm(w http.ResponseWriter, r *http.Request) {
	s.keepLang(w, r)
	h, o, ok := s.wanted(w, r)
	if !ok {
		return
	}
	today := h.Today(s.clock.Now())
	s.showWait(w, r, http.StatusOK, h, o, page.BookWait{From: string(today), To: string(today.Add(o.agenda.HorizonDays))})
}

func (s *Server) showWait(w http.ResponseWriter, r *http.Request, st int, h *queue.House, o offer, v page.BookWait) {
	today := h.Today(s.clock.Now())
	v.Site, v.Place = s.site(r), whereOf(h)
	v.Service = o.service.Names.In(string(v.Lang))
	v.Back = "/p/book/" + h.Site.Key + "/" + o.service.Key
	v.Path, v.First, v.Last = v.Back+"/wait", string(today), string(today.Add(180))
	v.Site.Path = v.Path
	if v.Key == "" {
		v.Key = secret.Token(12)
	}
	s.show(w, r, st, v.Lang, v)
}

// waitAsk sends the link by which the address is proven: who opens it is on the
// waiting list.
func (s *Server) waitAsk(w http.ResponseWriter, r *http.Request) {
	h, o, ok := s.wanted(w, r)
	if !ok {
		return
	}
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	f := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	v := page.BookWait{Key: f("key"), Person: f("person"), Email: f("email"), Phone: f("phone"), From: f("from"), To: f("to")}
	if v.Faults = bookFaults(page.BookForm{Person: v.Person, Email: v.Email, Phone: v.Phone}); v.Faults != nil {
		s.showWait(w, r, http.StatusUnprocessableEntity, h, o, v)
		return
	}
	_, err := s.Bookings.AskJoin(r.Context(), queue.JoinRequest{
		AgendaID: o.agenda.ID, ServiceID: o.service.ID, From: queue.Day(v.From), To: queue.Day(v.To), Key: v.Key, Lang: string(s.publicLang(r)),
		Person: v.Person, Email: v.Email, Phone: v.Phone,
	})
	var invalid *inbox.InvalidError
	switch fault := bookFault(err); {
	case errors.As(err, &invalid):
		field, key := invalid.Field, bookField(invalid.Field)
		if field == "days" {
			field, key = "from", "days"
		}
		v.Faults = []page.FieldFault{{Field: field, Key: key}}
		s.showWait(w, r, http.StatusUnprocessableEntity, h, o, v)
	case fault != "":
		v.Fault = fault
		s.showWait(w, r, http.StatusConflict, h, o, v)
	case err != nil:
		s.fail(w, r, err)
	default:
		v.Asked = true
		s.showWait(w, r, http.StatusOK, h, o, v)
	}
}

// joinPage asks for the one touch that proves the address. Opening the link changes
// nothing, whoever or whatever opens it.
func (s *Server) joinPage(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	s.keepLang(w, r)
	service, place, wish, err := s.Bookings.LookJoin(r.Context(), r.PathValue("token"))
	if errors.Is(err, inbox.ErrNotFound) {
		s.overPage(w, r)
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	v := page.BookAppointment{Site: s.site(r), Step: page.BookJoin, Path: r.URL.Path, Service: service, Place: place, Person: wish.Person}
	v.Site.Path = r.URL.Path
	s.show(w, r, http.StatusOK, v.Lang, v)
}

func (s *Server) join(w http.ResponseWriter, r *http.Request) {
	_, err := s.Bookings.ConfirmJoin(r.Context(), r.PathValue("token"))
	refused, isRefusal := errors.AsType[*queue.RefusedError](err)
	switch {
	case err == nil, isRefusal && refused.Code == queue.OnTheList: // there by another way
		s.endPage(w, r, page.BookJoined)
	case errors.Is(err, inbox.ErrNotFound):
		s.overPage(w, r)
	default:
		s.fail(w, r, err)
	}
}

// hereKeys are under what wrong codes of presence are counted: ten from one network
// address, then each costs a wait that doubles.
func (s *Server) hereKeys(r *http.Request) []string {
	return []string{"case:here:" + s.clientIP(r)}
}
