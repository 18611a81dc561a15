package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/web/page"
)

func (s *Server) takeRoutes() {
	s.mux.HandleFunc("GET /p/take/{site}", s.takePage)
	s.mux.HandleFunc("POST /p/take/{site}", s.take)
}

// takePage gives a number to a telephone in the room: its place is that of a paper
// number taken now, and the code of the display proves that the person is there
// (queue 5, point 6).
func (s *Server) takePage(w http.ResponseWriter, r *http.Request) {
	s.showTake(w, r, http.StatusOK, page.Take{Code: digits(r.URL.Query().Get("code"))})
}

// digits are those of a text, at most eight.
func digits(text string) string {
	out := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, text)
	return out[:min(len(out), 8)]
}

func (s *Server) showTake(w http.ResponseWriter, r *http.Request, st int, p page.Take) {
	s.publicHeaders(w)
	h, err := s.Queue.SiteByKey(r.Context(), r.PathValue("site"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	now, err := s.roomNow(r.Context(), h.Site.ID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	lang := s.roomLang(w, r)
	p.RoomFrame = page.RoomFrame{Lang: lang, Town: s.Config.Municipality.Name, Site: h.Site.Name, Path: "/p/take/" + h.Site.Key}
	p.Open, p.Opens = opening(h, now.Display.At)
	p.Key, p.BookURL = secret.Token(12), "/p/book/"+h.Site.Key
	p.Groups = takeGroups(now, lang)
	if sv := h.Service(parseID(p.Chosen)); sv != nil && p.Asks {
		p.Service, p.Errands = sv.Names.In(string(lang)), takeErrands(sv, r.PostFormValue("errand"), lang)
	}
	if k, err := r.Cookie("number"); err == nil {
		if v, err := s.Queue.TicketState(r.Context(), queue.Owner{Secret: k.Value}); err == nil && v.Current != nil {
			p.Mine, p.MineURL = v.Ticket.Label, "/p/t/"+k.Value
		}
	}
	s.show(w, r, st, lang, p)
}

// takeGroups are the services that give numbers to telephones, by group as at the kiosk.
func takeGroups(now *roomNow, lang page.Lang) []page.TakeGroup {
	var out []page.TakeGroup
	for _, g := range now.House.Groups {
		group := page.TakeGroup{Name: g.Names.In(string(lang))}
		for _, sv := range now.House.Services {
			if sv.GroupID == g.ID && sv.Remote && sv.EndedAt == 0 {
				wait, today := now.serviceWait(sv.ID)
				group.Services = append(group.Services, page.TakeService{ID: strconv.FormatInt(sv.ID, 10), Name: sv.Names.In(string(lang)), Wait: wait, Today: today})
			}
		}
		if group.Services != nil {
			out = append(out, group)
		}
	}
	if len(out) == 1 {
		out[0].Name = ""
	}
	return out
}

func (s *Server) take(w http.ResponseWriter, r *http.Request) {
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	h, err := s.Queue.SiteByKey(r.Context(), r.PathValue("site"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	service, code := r.PostFormValue("service"), digits(r.PostFormValue("code"))
	keys := []string{"case:take:" + s.clientIP(r)}
	if s.slow.wait(r.Context(), keys) > 0 {
		s.showTake(w, r, http.StatusTooManyRequests, page.Take{Chosen: service, Code: code, Fault: "slow"})
		return
	}
	id, _ := strconv.ParseInt(service, 10, 64)
	errand := r.PostFormValue("errand")
	sv := h.Service(id)
	asks := sv != nil && len(sv.Open()) > 0
	if asks && errand == "" { // before the number is given (queue reference 5, point 7)
		s.showTake(w, r, http.StatusOK, page.Take{Chosen: service, Code: code, Asks: true})
		return
	}
	errand = strings.TrimPrefix(errand, anyErrand)
	issued, err := s.Queue.IssueRemote(r.Context(), queue.NewTicket{
		SiteID: h.Site.ID, ServiceID: id, Lang: string(s.roomLang(w, r)), Key: r.PostFormValue("key"), Origin: queue.OnWeb, Holder: s.holder(w, r), Code: code, Procedure: errand,
	})
	var refused *queue.RefusedError
	if errors.As(err, &refused) && refused.Code == queue.WrongCode {
		s.slow.failed(r.Context(), keys)
	}
	if fault := ticketFault(err); fault != "" {
		s.showTake(w, r, http.StatusUnprocessableEntity, page.Take{Chosen: service, Code: code, Fault: fault, Asks: asks})
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.setCookie(w, "number", issued.Secret, "/p/", 24*3600)
	http.Redirect(w, r, "/p/t/"+issued.Secret+"?did=new", http.StatusSeeOther)
}
