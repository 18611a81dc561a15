package web

import (
	"net/http"
	"sync"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/queue/escpos"
	"filodiretto/web/page"
)

// printerKind is how a kiosk's numbers get onto paper.
func printerKind(set deviceSettings) string {
	switch set.Printer {
	case "":
		return "none"
	case "browser":
		return "browser"
	}
	return "server"
}

// secrets keeps the secrets of numbers between the touch and the paper, which are
// seconds apart: the domain keeps only their hashes. A number whose secret is gone
// is printed without its code.
type secrets struct {
	mu   sync.Mutex
	by   map[int64]string
	last []int64
}

const mostSecrets = 500

func (s *Server) keepSecret(ticket int64, word string) {
	k := &s.printing
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.by == nil {
		k.by = map[int64]string{}
	}
	if _, known := k.by[ticket]; !known {
		k.last = append(k.last, ticket)
	}
	k.by[ticket] = word
	for len(k.last) > mostSecrets {
		delete(k.by, k.last[0])
		k.last = k.last[1:]
	}
}

func (s *Server) secretOf(ticket int64) string {
	s.printing.mu.Lock()
	defer s.printing.mu.Unlock()
	return s.printing.by[ticket]
}

// kioskPrint prints a number on the kiosk's receipt printer and acknowledges what
// became of the paper. When it fails the kiosk offers the telephone.
func (s *Server) kioskPrint(w http.ResponseWriter, r *http.Request) {
	d, h, done := s.device(w, r, "kiosk")
	if done {
		return
	}
	id, set := pathID(r, "id"), deviceSet(d)
	word := s.secretOf(id)
	if printerKind(set) != "server" || word == "" {
		s.sayJSON(w, r, http.StatusOK, map[string]any{"printed": false, "problem": escpos.Off})
		return
	}
	view, err := s.Queue.TicketState(r.Context(), queue.Owner{Secret: word})
	if err == nil && view.Ticket.DeviceID != d.ID {
		err = inbox.ErrNotFound // another kiosk's number goes onto no paper of this one
	}
	if err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	columns := escpos.Wide
	if set.Narrow {
		columns = escpos.Narrow
	}
	printing := escpos.Printer{Addr: set.Printer}.Print(r.Context(), escpos.Encode(s.slip(view, s.forecast(r.Context(), h.Site.ID), word), columns))
	code := escpos.CodeOf(printing)
	if err := s.Queue.Printed(r.Context(), d, id, printing == nil); err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	if err := s.Queue.Seen(r.Context(), d, code); err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	if printing != nil {
		s.Log.WarnContext(r.Context(), "a number was not printed", "device", d.ID, "ticket", id, "problem", code, "site", h.Site.ID)
	}
	s.sayJSON(w, r, http.StatusOK, map[string]any{"printed": printing == nil, "problem": code})
}

// slip is what stands on the paper, in the language of the person.
func (s *Server) slip(v *queue.TicketView, f *queue.Forecast, word string) escpos.Slip {
	say := s.render.Say(page.Lang(v.Ticket.Lang))
	out := escpos.Slip{
		Town: s.Config.Municipality.Name, Site: v.House.Site.Name, Label: page.Spaced(v.Ticket.Label), Taken: say.Taken(v.Ticket.IssuedAt),
		URL: s.publicURL("/p/t/" + word), URLText: say.Text("kiosk.paper_phone"),
	}
	if len(v.Steps) > 0 {
		if sv := v.House.Service(v.Steps[0].ServiceID); sv != nil {
			out.Service = sv.Names.In(v.Ticket.Lang)
		}
	}
	if v.Place != nil {
		out.Lines = append(out.Lines, say.Text("kiosk.people_before", "n", v.Place.Ahead))
	}
	if v.Current == nil || v.Place == nil {
		return out
	}
	switch w := ticketNow(v, v.Current, f).Wait; {
	case w.Known:
		out.Lines = append(out.Lines, say.Text("kiosk.called_in", "range", say.Wait(w)))
	case w.Nobody && w.From != 0:
		out.Lines = append(out.Lines, say.Text("room.nobody")+".", say.Text("kiosk.nobody_opens", "hour", say.Hour(w.Opens())))
	case w.Nobody:
		out.Lines = append(out.Lines, say.Text("room.nobody")+".")
	}
	return out
}

// kioskPrinted is what the browser says of its own printing, or the person of a
// number that they noted.
func (s *Server) kioskPrinted(w http.ResponseWriter, r *http.Request) {
	d, _, done := s.device(w, r, "kiosk")
	if done {
		return
	}
	var said struct{ OK bool }
	err := readJSON(r, &said)
	if err == nil {
		err = s.Queue.Printed(r.Context(), d, pathID(r, "id"), said.OK)
	}
	if err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	s.sayJSON(w, r, http.StatusOK, struct{}{})
}
