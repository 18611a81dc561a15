package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/web/page"
)

func (s *Server) kioskRoutes() {
	s.mux.HandleFunc("GET /kiosk/{site}", s.kioskPage)
	s.mux.HandleFunc("GET /kiosk/{site}/state", s.kioskAsks)
	s.mux.HandleFunc("POST /kiosk/{site}/tickets", s.kioskTicket)
	s.mux.HandleFunc("POST /kiosk/{site}/tickets/{id}/print", s.kioskPrint)
	s.mux.HandleFunc("POST /kiosk/{site}/tickets/{id}/printed", s.kioskPrinted)
	s.mux.HandleFunc("POST /kiosk/{site}/reconcile", s.kioskReconcile)
	s.mux.HandleFunc("POST /kiosk/{site}/arrive", s.kioskArrive)
	s.mux.HandleFunc("POST /kiosk/{site}/scan", s.kioskScan)
	s.mux.HandleFunc("POST /kiosk/{site}/help", s.kioskHelp)
}

// codeLetters and codeLength are those of the codes that the agenda gives.
const (
	codeLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	codeLength  = 6
)

func (s *Server) kioskPage(w http.ResponseWriter, r *http.Request) {
	d, h, done := s.device(w, r, "kiosk")
	if done {
		return
	}
	state, err := s.kioskState(r, d, h)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	town := s.Config.Municipality.Name
	langs := deviceSet(d).langs(h)
	if state.Camera { // the one page that may ask for it
		w.Header().Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
	}
	s.show(w, r, http.StatusOK, langs[0], page.Kiosk{
		Lang: langs[0], Town: town, Site: h.Site.Name,
		Boot: page.KioskBoot{
			Base: "/kiosk/" + h.Site.Key, Town: town, Langs: langs, Texts: s.render.Phrases("kiosk.", "room."), State: *state,
			CodeLetters: codeLetters, CodeLength: codeLength,
		},
	})
}

// kioskAsks answers the state, which a kiosk asks for every few seconds.
func (s *Server) kioskAsks(w http.ResponseWriter, r *http.Request) {
	d, h, done := s.device(w, r, "kiosk")
	if done {
		return
	}
	state, err := s.kioskState(r, d, h)
	if err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	s.sayJSON(w, r, http.StatusOK, state)
}

func (s *Server) kioskState(r *http.Request, d *queue.Device, h *queue.House) (*page.KioskState, error) {
	now, err := s.roomNow(r.Context(), h.Site.ID)
	if err != nil {
		return nil, err
	}
	bookable, err := s.bookable(r, h)
	if err != nil {
		return nil, err
	}
	set := deviceSet(d)
	protected := h.ClassOf(order.Protected)
	out := &page.KioskState{
		RoomTime: s.render.Say(page.Italian).RoomTime(now.Display.At), Release: release(), Site: h.Site.Name, Address: h.Site.Address,
		Open: now.Display.Open, Opens: page.Millis(now.Display.Opens), Shuts: page.Millis(now.Display.Until), Printer: printerKind(set),
		Problem: d.Problem, CheckIn: len(bookable) > 0, Ahead: protected != nil && protected.Kiosk,
		Reader: set.Reader, Camera: set.Camera,
	}
	if d.Band != 0 {
		lease, err := s.Queue.Lease(r.Context(), d)
		if err != nil {
			return nil, err
		}
		out.Lease = &page.KioskLease{Day: string(lease.Day), Letters: lease.Letters, Next: lease.Next, Until: page.Millis(lease.Until)}
	}
	for _, g := range h.Groups {
		group := page.KioskGroup{ID: g.ID, Series: g.Series, Names: page.Names(g.Names), Icon: groupIcon(g.Key)}
		for _, sv := range h.Services {
			if sv.GroupID == g.ID && sv.Kiosk && sv.EndedAt == 0 {
				sheets, err := kioskErrands(sv)
				if err != nil {
					return nil, err
				}
				group.Services = append(group.Services, kioskService(now, sv, bookable[sv.ID], sheets))
			}
		}
		if group.Services != nil {
			waits := make([]page.Wait, len(group.Services))
			for i, sv := range group.Services {
				waits[i] = sv.Wait
			}
			group.Wait = page.GroupWait(waits)
			out.Groups = append(out.Groups, group)
		}
	}
	return out, nil
}

func kioskService(now *roomNow, sv *queue.Service, book *page.KioskBook, sheets []page.KioskSheet) page.KioskService {
	w, today := now.serviceWait(sv.ID)
	return page.KioskService{ID: sv.ID, Names: page.Names(sv.Names), Wait: w, Today: today, Book: book, For: sheets}
}

// bookable are the services with an agenda, each with where to book it.
func (s *Server) bookable(r *http.Request, h *queue.House) (map[int64]*page.KioskBook, error) {
	agendas, err := s.Bookings.Agendas(r.Context(), h.Site.ID)
	if err != nil {
		return nil, err
	}
	out := map[int64]*page.KioskBook{}
	for _, a := range agendas {
		for _, id := range a.Services {
			sv := h.Service(id)
			if sv == nil || sv.EndedAt != 0 || a.Public == 0 || out[id] != nil {
				continue
			}
			b := &page.KioskBook{URL: s.publicURL("/p/book/" + h.Site.Key + "/" + sv.Key)}
			if b.QR, err = page.DrawQR(b.URL); err != nil {
				return nil, err
			}
			out[id] = b
		}
	}
	return out, nil
}

// groupIcon chooses a sign by what a group's key says.
func groupIcon(key string) string {
	for _, x := range []struct{ word, icon string }{
		{"carta", "card"},
		{"ident", "card"},
		{"cie", "card"},
		{"anagraf", "paper"},
		{"certific", "paper"},
		{"residen", "paper"},
		{"civile", "rings"},
		{"nascit", "rings"},
		{"tribut", "euro"},
		{"tari", "euro"},
		{"imu", "euro"},
		{"pagament", "euro"},
		{"scuol", "book"},
		{"cultura", "book"},
		{"edil", "house"},
		{"urban", "house"},
		{"social", "heart"},
		{"famigl", "heart"},
		{"suap", "shop"},
		{"commerc", "shop"},
		{"ambient", "tree"},
		{"verde", "tree"},
		{"altro", "help"},
		{"urp", "help"},
		{"accoglienza", "help"},
	} {
		if strings.Contains(key, x.word) {
			return x.icon
		}
	}
	return "paper"
}

// kioskTicket gives a number. The same key gives the same number, however often it
// is asked (queue 3, row 28).
func (s *Server) kioskTicket(w http.ResponseWriter, r *http.Request) {
	d, h, done := s.device(w, r, "kiosk")
	if done {
		return
	}
	var want struct {
		Key, Lang, Procedure string
		Service              string
		Class                order.Class
	}
	err := readJSON(r, &want)
	var issued *queue.Issued
	if err == nil {
		service, _ := strconv.ParseInt(want.Service, 10, 64)
		issued, err = s.Queue.IssueAtKiosk(r.Context(), d, queue.NewTicket{ServiceID: service, Class: want.Class, Lang: want.Lang, Procedure: want.Procedure, Key: want.Key})
	}
	if err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	s.kioskGives(w, r, h, issued, 0)
}

// kioskGives answers a number with what stands beside it on the screen.
func (s *Server) kioskGives(w http.ResponseWriter, r *http.Request, h *queue.House, issued *queue.Issued, slot clock.Instant) {
	now, err := s.roomNow(r.Context(), h.Site.ID)
	if err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	out := page.KioskTicket{
		ID: issued.Ticket.ID, Label: issued.Ticket.Label, Service: page.Names(h.Service(issued.Step.ServiceID).Names),
		URL: s.publicURL("/p/t/" + issued.Secret), Slot: page.Millis(slot),
	}
	out.Wait, out.Today = now.stepWait(issued.Step)
	if out.QR, err = page.DrawQR(out.URL); err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	s.keepSecret(issued.Ticket.ID, issued.Secret)
	s.sayJSON(w, r, http.StatusOK, out)
}

// kioskReconcile takes in what the kiosk gave while the server was away.
func (s *Server) kioskReconcile(w http.ResponseWriter, r *http.Request) {
	d, _, done := s.device(w, r, "kiosk")
	if done {
		return
	}
	var given struct {
		Tickets []struct {
			Key, Lang, Procedure string
			Service              string `json:"service_id"`
			Class                order.Class
			Day                  queue.Day
			Number               int64
			At                   int64
		}
	}
	err := readJSON(r, &given)
	var out []queue.Reconciled
	if err == nil {
		alone := make([]queue.Alone, len(given.Tickets))
		for i, t := range given.Tickets {
			service, _ := strconv.ParseInt(t.Service, 10, 64)
			alone[i] = queue.Alone{Key: t.Key, ServiceID: service, Class: t.Class, Lang: t.Lang, Procedure: t.Procedure, Day: t.Day, Number: t.Number, At: clock.Instant(t.At * 1000)}
		}
		out, err = s.Queue.Reconcile(r.Context(), d, alone)
	}
	if err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	s.sayJSON(w, r, http.StatusOK, map[string]any{"tickets": out})
}

// kioskArrive is check-in with the code of an appointment.
func (s *Server) kioskArrive(w http.ResponseWriter, r *http.Request) {
	d, h, done := s.device(w, r, "kiosk")
	if done {
		return
	}
	keys := []string{"case:kiosk:" + strconv.FormatInt(d.ID, 10)}
	if wait := s.slow.wait(r.Context(), keys); wait > 0 {
		s.sayJSON(w, r, http.StatusTooManyRequests, map[string]string{"code": "slow"})
		return
	}
	var typed struct{ Code string }
	err := readJSON(r, &typed)
	var in *queue.CheckedIn
	if err == nil {
		in, err = s.Bookings.CheckInAtKiosk(r.Context(), d, typed.Code)
	}
	if errors.Is(err, inbox.ErrNotFound) {
		s.slow.failed(r.Context(), keys)
		s.sayJSON(w, r, http.StatusNotFound, map[string]string{"code": queue.WrongCode})
		return
	}
	if err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	s.slow.succeeded(r.Context(), keys)
	s.kioskGives(w, r, h, &in.Issued, in.Appointment.StartAt)
}

// kioskHelp tells the staff of the room that somebody at the kiosk wants help: it stands
// on the live room until somebody goes there.
func (s *Server) kioskHelp(w http.ResponseWriter, r *http.Request) {
	d, _, done := s.device(w, r, "kiosk")
	if done {
		return
	}
	if err := s.Queue.AskHelp(r.Context(), d); err != nil {
		s.refuseJSON(w, r, err)
		return
	}
	s.sayJSON(w, r, http.StatusOK, struct{}{})
}
