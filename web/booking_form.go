package web

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/person"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// holdCookie keeps which place this browser holds, sealed; holdPlaceName is where it
// may be opened.
const holdCookie = "place"

var holdPlaceName = secret.Place("cookie", 0, "held place")

// heldPlace is what the cookie holds.
type heldPlace struct {
	ID    int64
	Start clock.Instant
	Until clock.Instant
}

func (s *Server) keepHold(w http.ResponseWriter, ap *queue.Appointment) {
	b, err := json.Marshal(heldPlace{ap.ID, ap.StartAt, ap.HoldUntil})
	if err != nil {
		return
	}
	s.setCookie(w, holdCookie, base64.RawURLEncoding.EncodeToString(s.Box.Seal(b, holdPlaceName)), "/p/book/", 24*3600)
}

// held is the place of this browser at the time of the address.
func (s *Server) held(r *http.Request) (out heldPlace, ok bool) {
	k, err := r.Cookie(holdCookie)
	if err != nil {
		return out, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(k.Value)
	if err != nil {
		return out, false
	}
	b, err := s.Box.Open(sealed, holdPlaceName)
	if err != nil || json.Unmarshal(b, &out) != nil {
		return out, false
	}
	return out, strconv.FormatInt(int64(out.Start), 10) == r.PathValue("start")
}

// bookForm asks who comes, while the place is kept.
func (s *Server) bookForm(w http.ResponseWriter, r *http.Request) {
	s.keepLang(w, r)
	h, o, ok := s.wanted(w, r)
	if !ok {
		return
	}
	place, ok := s.held(r)
	if !ok || place.Until <= s.clock.Now() {
		s.showSlots(w, r, http.StatusConflict, h, o, queue.HoldLapsed)
		return
	}
	s.showForm(w, r, http.StatusOK, h, o, place, page.BookForm{})
}

func (s *Server) showForm(w http.ResponseWriter, r *http.Request, st int, h *queue.House, o offer, place heldPlace, v page.BookForm) {
	v.Site = s.site(r)
	v.Back = "/p/book/" + h.Site.Key + "/" + o.service.Key
	v.Path = v.Back + "/" + strconv.FormatInt(int64(place.Start), 10)
	v.Site.Path = v.Path
	v.Place, v.Service, v.When, v.Until, v.Key = whereOf(h), o.service.Names.In(string(v.Lang)), place.Start, place.Until, secret.Token(12)
	v.Seconds = max(0, int(place.Until.Sub(s.clock.Now()).Seconds()))
	v.Documents = documentsOf(o.agenda, v.Lang)
	s.show(w, r, st, v.Lang, v)
}

// bookLonger keeps the place for longer (WCAG 2.2.1): it is held anew, in the one
// transaction that gives the old hold back.
func (s *Server) bookLonger(w http.ResponseWriter, r *http.Request) {
	h, o, ok := s.wanted(w, r)
	if !ok {
		return
	}
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	start, _ := strconv.ParseInt(r.PathValue("start"), 10, 64)
	ap, err := s.holdPlace(w, r, o, clock.Instant(start), secret.Token(12))
	script := strings.Contains(r.Header.Get("Accept"), "application/json")
	switch {
	case err != nil && script:
		s.refuseJSON(w, r, err)
	case err != nil:
		s.bookRefused(w, r, h, o, err)
	case script:
		say := s.render.Say(s.publicLang(r))
		s.sayJSON(w, r, http.StatusOK, map[string]any{"seconds": int(ap.HoldUntil.Sub(s.clock.Now()).Seconds()), "kept": say.Text("book.kept", "hour", say.Hour(ap.HoldUntil))})
	default:
		http.Redirect(w, r, strings.TrimSuffix(r.URL.Path, "/longer"), http.StatusSeeOther)
	}
}

// book makes the held place an appointment. Whoever only typed an address gets a
// link there, and has a while to open it.
func (s *Server) book(w http.ResponseWriter, r *http.Request) {
	h, o, ok := s.wanted(w, r)
	if !ok {
		return
	}
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	place, ok := s.held(r)
	if !ok {
		s.showSlots(w, r, http.StatusConflict, h, o, queue.HoldLapsed)
		return
	}
	v := page.BookForm{Person: strings.TrimSpace(r.PostFormValue("person")), Email: strings.TrimSpace(r.PostFormValue("email")), Phone: strings.TrimSpace(r.PostFormValue("phone"))}
	if v.Faults = bookFaults(v); v.Faults != nil {
		s.showForm(w, r, http.StatusUnprocessableEntity, h, o, place, v)
		return
	}
	b, err := s.Bookings.Book(r.Context(), aCitizen, queue.BookRequest{
		HoldID: place.ID, HoldRequest: queue.HoldRequest{Holder: s.holder(w, r)}, Person: v.Person, Email: v.Email, Phone: v.Phone,
	})
	var invalid *inbox.InvalidError
	switch {
	case errors.As(err, &invalid):
		v.Faults = []page.FieldFault{{Field: invalid.Field, Key: bookField(invalid.Field)}}
		s.showForm(w, r, http.StatusUnprocessableEntity, h, o, place, v)
	case err != nil:
		s.bookRefused(w, r, h, o, err)
	case b.Token != "":
		http.Redirect(w, r, "/p/appointment/"+b.Token+"?did=booked", http.StatusSeeOther)
	default:
		asked := page.BookAsked{Site: s.site(r), Email: v.Email, When: b.Appointment.StartAt, Until: b.Appointment.HoldUntil, Told: b.Repeated || b.Told.Held == ""}
		s.show(w, r, http.StatusOK, asked.Lang, asked)
	}
}

// bookFaults are what is wrong with what was typed, before the domain is asked.
func bookFaults(v page.BookForm) []page.FieldFault {
	var out []page.FieldFault
	if v.Person == "" || len(v.Person) > 200 {
		out = append(out, page.FieldFault{Field: "person", Key: "person"})
	}
	if _, ok := person.Email(v.Email); !ok {
		out = append(out, page.FieldFault{Field: "email", Key: "email"})
	}
	if v.Phone != "" && !strings.ContainsAny(v.Phone, "0123456789") {
		out = append(out, page.FieldFault{Field: "phone", Key: "phone"})
	}
	return out
}

// bookField is the text for a field that the domain refuses.
func bookField(field string) string {
	switch field {
	case "person", "email", "phone":
		return field
	}
	return "other"
}
