package web

import (
	"errors"
	"net/http"
	"slices"

	"filodiretto/inbox"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/web/page"
)

// agendaOpened fills in what the address opens beside the list: an appointment, a
// slot, or the form that books.
func (s *Server) agendaOpened(r *http.Request, c *caller, at *agendaAt, out *page.Agenda) (err error) {
	q := r.URL.Query()
	switch {
	case q.Get("ap") != "":
		out.See, err = s.agendaSee(r, c, at, parseID(q.Get("ap")))
	case q.Get("book") != "":
		out.Book, err = s.agendaForm(r, c, at, q.Get("book"), q.Get("q"), parseID(q.Get("person")))
	case q.Get("slot") != "":
		out.Slot = slotOpened(at, out, q.Get("slot"))
	}
	return err
}

// slotOpened is the slot of the address among those that are shown; nil when it is
// none of them.
func slotOpened(at *agendaAt, out *page.Agenda, value string) *page.AgendaSlot {
	start := parseStart(value)
	for i := range out.Days {
		for j := range out.Days[i].Slots {
			x := &out.Days[i].Slots[j]
			if x.Start != start {
				continue
			}
			slot := &page.AgendaSlot{AgendaSlotLine: *x, Value: value, Back: at.url()}
			if x.Free > 0 && !x.Past {
				slot.BookURL = at.url("book", value)
			}
			return slot
		}
	}
	return nil
}

// agendaSee is an appointment with what can be done with it.
func (s *Server) agendaSee(r *http.Request, c *caller, at *agendaAt, id int64) (*page.AgendaSee, error) {
	ap, err := s.Bookings.Appointment(r.Context(), c.Viewer, id)
	if err != nil {
		return nil, err
	}
	if ap.AgendaID != at.agenda.ID {
		return nil, inbox.ErrNotFound
	}
	q := r.URL.Query()
	now, self := s.clock.Now(), formatID(id)
	out := &page.AgendaSee{
		AgendaLine: agendaLine(c, at, ap, id), End: ap.EndAt, Version: ap.Version, Class: className(at.h, ap.ClassID, c.lang), Booked: ap.BookedAt, By: c.operator(ap.ByOperator),
		Conflict: ap.ConflictAt, MoveURL: at.url("ap", self, "do", "move"), CancelURL: at.url("ap", self, "do", "cancel"), Back: at.url(),
		Moving: q.Get("do") == "move", Cancelling: q.Get("do") == "cancel",
	}
	if ap.Veiled {
		return out, nil
	}
	today := at.h.Today(ap.StartAt) == at.h.Today(now)
	out.MayArrive = today && (ap.State == queue.BookedSlot || ap.State == queue.AppointmentMissed)
	out.MayMiss, out.MayChange = ap.State == queue.BookedSlot && ap.StartAt <= now, ap.State == queue.BookedSlot
	out.Moving, out.Cancelling = out.Moving && out.MayChange, out.Cancelling && out.MayChange
	if ap.TicketID != 0 {
		if out.Label, err = s.ticketLabel(r, ap.TicketID); err != nil {
			return nil, err
		}
	}
	if out.Moving {
		if err := s.moveDays(r, c, at, out, self); err != nil {
			return nil, err
		}
	}
	if ap.CitizenID != 0 {
		out.File, err = s.visitFile(r, c, ap.CitizenID)
	}
	return out, err
}

func (s *Server) ticketLabel(r *http.Request, id int64) (string, error) {
	var label string
	err := s.DB.Ask(r.Context(), "SELECT label FROM tickets WHERE id = ?", []any{id}, &label)
	return label, err
}

// moveDays lists the times to which staff can move an appointment, from the day that
// the address names.
func (s *Server) moveDays(r *http.Request, c *caller, at *agendaAt, out *page.AgendaSee, self string) error {
	from, err := queue.ParseDay(r.URL.Query().Get("from"))
	if today := at.h.Today(s.clock.Now()); err != nil || from < today {
		from = today
	}
	free, err := s.Bookings.FreeSlots(r.Context(), c.Viewer, at.agenda.ID, from, from.Add(daysLooked))
	if err != nil {
		return err
	}
	on := queue.Day("")
	for _, f := range free {
		if f.Free == 0 || f.Start == out.At {
			continue
		}
		if d := at.h.Today(f.Start); d != on {
			if len(out.MoveDays) == daysShown {
				out.MoveLater = at.url("ap", self, "do", "move", "from", string(d))
				break
			}
			out.MoveDays, on = append(out.MoveDays, page.BookDay{At: f.Start}), d
		}
		day := &out.MoveDays[len(out.MoveDays)-1]
		day.Times = append(day.Times, page.BookTime{At: f.Start, Value: startText(f.Start), Free: f.Free})
	}
	return nil
}

// agendaForm is the form that books for somebody.
func (s *Server) agendaForm(r *http.Request, c *caller, at *agendaAt, start, query string, person int64) (*page.AgendaBook, error) {
	out := &page.AgendaBook{Start: parseStart(start), Value: start, Agenda: at.agenda.ID, Query: query, Find: at.url("book", start), Back: at.url(), Key: secret.Token(12)}
	for _, sv := range at.h.Services {
		if at.agenda.Offers(sv.ID) && sv.EndedAt == 0 {
			out.Services = append(out.Services, page.Choice{Value: formatID(sv.ID), Label: sv.Names.In(string(c.lang))})
		}
	}
	for _, k := range at.h.Classes {
		if k.Key != order.WalkIn {
			out.Classes = append(out.Classes, page.Choice{Value: string(k.Key), Label: k.Names.In(string(c.lang)), Chosen: k.Key == order.Appointment})
		}
	}
	var err error
	if person != 0 {
		if out.Chosen, err = s.knownLine(r, c, person); err != nil {
			return nil, err
		}
		return out, nil
	}
	out.Picks, err = s.agendaPicks(r, c, at, start, query)
	return out, err
}

func (s *Server) agendaPicks(r *http.Request, c *caller, at *agendaAt, start, query string) (page.AgendaPicks, error) {
	out := page.AgendaPicks{Asked: query != ""}
	if query == "" {
		return out, nil
	}
	list, err := s.findPeople(r, c, query, 6)
	for _, p := range list {
		out.People = append(out.People, page.AgendaPick{PersonLine: p, URL: at.url("book", start, "person", formatID(p.ID))})
	}
	return out, err
}

// agendaPeople answers the persons found while one types.
func (s *Server) agendaPeople(w http.ResponseWriter, r *http.Request, c *caller) error {
	at, _, err := s.agendaFrame(r, c)
	if err != nil {
		return err
	}
	if at == nil {
		return inbox.ErrNotFound
	}
	p, err := s.agendaPicks(r, c, at, r.URL.Query().Get("book"), r.URL.Query().Get("q"))
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, p)
	return nil
}

// bookRefusal is at which field of the form a refusal belongs, and in what words;
// none for what is no refusal of a field.
func bookRefusal(c *caller, err error) []page.FieldFault {
	var invalid *inbox.InvalidError
	if !errors.As(err, &invalid) {
		return nil
	}
	field := map[string]string{"person": "name", "email": "email", "phone": "phone", "service": "service", "note": "note"}[invalid.Field]
	if field == "" {
		return nil
	}
	return []page.FieldFault{{Field: field, Key: faultKey(c.say, invalid.Field, invalid.Code)}}
}

// chosenIn marks the choice with a value.
func chosenIn(list []page.Choice, value string) {
	i := slices.IndexFunc(list, func(x page.Choice) bool { return x.Value == value })
	for j := range list {
		list[j].Chosen = j == i
	}
}
