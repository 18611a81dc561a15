package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/web/assets"
	"filodiretto/web/page"
)

func (s *Server) ticketRoutes() {
	s.mux.HandleFunc("GET /p/t/{secret}", s.ticketPage)
	s.mux.HandleFunc("GET /p/t/{secret}/events", s.ticketEvents)
	s.mux.HandleFunc("GET /p/notify.js", s.notifyWorker)
	s.mux.HandleFunc("GET /p/t/{secret}/vote", s.ticketVote)
	s.mux.HandleFunc("POST /p/t/{secret}/{act}", s.ticketAct)
}

// undoLeft is for how long somebody who gave up can come back by themselves.
const undoLeft = 2 * time.Minute

// ticketPage shows a number. Opening it says that the number lives on a telephone,
// so that it needs no paper.
func (s *Server) ticketPage(w http.ResponseWriter, r *http.Request) {
	s.showTicket(w, r, http.StatusOK, "")
}

// showTicket draws the page as things are now, with a fault when something was not
// done.
func (s *Server) showTicket(w http.ResponseWriter, r *http.Request, st int, fault string) {
	s.publicHeaders(w)
	owner := queue.Owner{Secret: r.PathValue("secret")}
	if _, err := s.Queue.Follow(r.Context(), owner); err != nil {
		s.fail(w, r, err)
		return
	}
	v, err := s.Queue.TicketState(r.Context(), owner)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	lang := s.roomLangOf(w, r, v.Ticket.Lang)
	var f *queue.Forecast
	if v.Current != nil && v.Current.State == queue.Waiting {
		f = s.forecast(r.Context(), v.Ticket.SiteID)
	}
	p := s.ticketView(v, f, owner.Secret, lang)
	if p.State.Wait.Known {
		p.Kept = s.keptYesterday(r.Context(), v.House, v.At)
	}
	p.Fault = fault
	if q := r.URL.Query(); fault == "" {
		if did := q.Get("did"); slices.Contains([]string{"pass", "late", "here", "back", "new"}, did) {
			p.Done = did
		}
		if ask := q.Get("ask"); p.State.Phase.Goes() && slices.Contains([]string{"leave", "late", "why"}, ask) {
			p.Ask = ask
		}
	}
	if p.Ask == "late" && p.State.Phase == page.TicketCalled {
		p.Ask = ""
	}
	if p.Ask == "why" {
		others, err := s.Queue.WhyNotMe(r.Context(), owner)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		for _, o := range others {
			p.Others = append(p.Others, page.NotMe{At: o.At, Place: o.Place, Reason: o.Reason})
		}
	}
	s.show(w, r, st, lang, p)
}

// roomLangOf is the language chosen on the page, else that of the number.
func (s *Server) roomLangOf(w http.ResponseWriter, r *http.Request, own string) page.Lang {
	if l := page.Lang(own); slices.Contains(page.RoomLangs, l) && !r.URL.Query().Has("lang") {
		if _, err := r.Cookie("room_lang"); err != nil {
			return l
		}
	}
	return s.roomLang(w, r)
}

// ticketView fills the page of a number. Its secret opens the number and nothing
// else: no case is shown and no name.
func (s *Server) ticketView(v *queue.TicketView, f *queue.Forecast, word string, lang page.Lang) page.Ticket {
	last := v.Steps[len(v.Steps)-1]
	if v.Current != nil {
		last = *v.Current
	}
	path := "/p/t/" + word
	out := page.Ticket{
		RoomFrame: page.RoomFrame{Lang: lang, Town: s.Config.Municipality.Name, Site: v.House.Site.Name, Path: path},
		Label:     v.Ticket.Label, TakenAt: v.Ticket.IssuedAt, Address: v.House.Site.Address, Slot: last.SlotAt,
		URL: s.publicURL(path), State: ticketNow(v, &last, f), Key: secret.Token(12), BookURL: "/p/book/" + v.House.Site.Key,
	}
	if sv := v.House.Service(last.ServiceID); sv != nil {
		out.Service = sv.Names.In(string(lang))
	}
	out.Left = max(0, v.House.Set.MostPass-last.LetPass)
	out.Step = min(3, out.Left)
	if p := out.State.Phase; p.Goes() || p == page.TicketServing || p == page.TicketHeld {
		out.Live = path + "/events"
	}
	if until := last.EndedAt.Add(undoLeft); out.State.Phase == page.TicketLeft && v.At < until && v.Ticket.Day == v.House.Today(v.At) {
		out.Undo = until
	}
	if out.State.Phase == page.TicketDone {
		out.VoteURL = path + "/vote"
	}
	return out
}

// ticketNow is where a number stands, also when its visit is over.
func ticketNow(v *queue.TicketView, last *queue.Step, f *queue.Forecast) page.TicketState {
	if v.Current != nil {
		now := &roomNow{&queue.Hall{House: v.House, Display: &queue.DisplayView{At: v.At}, Open: v.Sitting, Places: map[int64]queue.Place{}}, f}
		if v.Place != nil {
			now.Places[v.Current.ID] = *v.Place
		}
		return now.ticketState(v.Current)
	}
	phase := page.TicketOver
	switch last.State {
	case queue.Done:
		phase = page.TicketDone
	case queue.NoShow:
		phase = page.TicketMissed
	case queue.Left:
		phase = page.TicketLeft
	case queue.Transferred:
		if last.Open() {
			phase = page.TicketElsewhere
		}
	}
	return page.TicketState{Phase: phase}
}

// notifyWorker is the script by which telephones show notifications of the page of a
// number. A worker reaches no further than the folder of its address, which must
// therefore be this one and not that of the other scripts.
func (s *Server) notifyWorker(w http.ResponseWriter, r *http.Request) {
	r = r.Clone(r.Context())
	r.URL.Path = assets.Prefix + "newest/js/notify.js"
	assets.Handler().ServeHTTP(w, r)
}

// ticketEvents is the stream of one number.
func (s *Server) ticketEvents(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	t, err := s.Queue.Follow(r.Context(), queue.Owner{Secret: r.PathValue("secret")})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.crowd.Follow(w, r, t.SiteID, t.ID)
}

// ticketAct does what the person asks, and leads back to the page.
func (s *Server) ticketAct(w http.ResponseWriter, r *http.Request) {
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	owner, key := queue.Owner{Secret: r.PathValue("secret")}, r.PostFormValue("key")
	did, err := "", error(nil)
	switch r.PathValue("act") {
	case "here":
		did = "here"
		_, err = s.Queue.Here(r.Context(), owner, strings.ReplaceAll(r.PostFormValue("code"), " ", ""), key)
	case "late":
		did = "late"
		minutes, _ := strconv.Atoi(r.PostFormValue("minutes"))
		_, err = s.Queue.Late(r.Context(), owner, time.Duration(minutes)*time.Minute, key)
	case "pass":
		did, err = "pass", s.letPass(r, owner, key)
	case "leave":
		_, err = s.Queue.GiveUp(r.Context(), owner, key)
	case "back":
		did, err = "back", s.comeBack(r, owner, key)
	default:
		err = inbox.ErrNotFound
	}
	if code := ticketFault(err); code != "" {
		s.showTicket(w, r, http.StatusUnprocessableEntity, code)
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	to := "/p/t/" + owner.Secret
	if did != "" {
		to += "?did=" + did
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// letPass lets as many go first as the page offered.
func (s *Server) letPass(r *http.Request, owner queue.Owner, key string) error {
	v, err := s.Queue.TicketState(r.Context(), owner)
	if err != nil {
		return err
	}
	if v.Current == nil {
		return &queue.RefusedError{Code: queue.WrongState}
	}
	left := v.House.Set.MostPass - v.Current.LetPass
	_, err = s.Queue.LetPass(r.Context(), owner, min(3, left), key)
	return err
}

// comeBack takes giving up back, shortly after it was said.
func (s *Server) comeBack(r *http.Request, owner queue.Owner, key string) error {
	v, err := s.Queue.TicketState(r.Context(), owner)
	if err != nil {
		return err
	}
	if v.Current != nil {
		return nil // the other of two taps
	}
	for i := range v.Steps {
		st := &v.Steps[i]
		if st.State == queue.Left && st.Outcome == "gave_up" && v.At < st.EndedAt.Add(undoLeft) {
			_, err := s.Queue.Return(r.Context(), theRoom, queue.Act{StepID: st.ID, Version: st.Version, Key: "back:" + key})
			return err
		}
	}
	return &queue.RefusedError{Code: queue.UndoTooLate}
}

// ticketFault is the sentence for what could not be done, under "ticket.fault_";
// empty for what is no refusal.
func ticketFault(err error) string {
	var refused *queue.RefusedError
	var invalid *inbox.InvalidError
	switch {
	case errors.As(err, &refused):
		switch refused.Code {
		case queue.WrongCode, queue.TooManyTries, queue.WrongState, queue.UndoTooLate, queue.Shut, queue.TooLate, queue.DayEnded, queue.NotToday,
			queue.ServiceFull, queue.RoomFull, queue.AlreadyWaiting, queue.NotRemote:
			return refused.Code
		}
		return "other"
	case errors.As(err, &invalid):
		if invalid.Field == "service" {
			return "service"
		}
		return "range"
	case errors.Is(err, inbox.ErrChanged):
		return queue.WrongState
	}
	return ""
}

// ticketVote leads from a visit that is over to the three faces.
func (s *Server) ticketVote(w http.ResponseWriter, r *http.Request) {
	s.publicHeaders(w)
	token, err := s.Votes.PhoneInvitation(r.Context(), queue.Owner{Secret: r.PathValue("secret")})
	switch {
	case errors.Is(err, inbox.ErrNotFound):
		s.showVote(w, r, page.Vote{Step: page.VoteOver})
	case err != nil:
		s.fail(w, r, err)
	default:
		http.Redirect(w, r, "/p/vote/"+token, http.StatusSeeOther)
	}
}

// holderFor is how long a browser stands for the same person.
const holderFor = 365 * 24 * time.Hour

// holder is what stands for this browser; a new one is remembered.
func (s *Server) holder(w http.ResponseWriter, r *http.Request) string {
	if k, err := r.Cookie("browser"); err == nil && len(k.Value) >= 16 && len(k.Value) <= 100 {
		return k.Value
	}
	word := secret.Token(24)
	s.setCookie(w, "browser", word, "/p/", int(holderFor/time.Second))
	return word
}

// opening is when a site opens, for those who come too early.
func opening(h *queue.House, at clock.Instant) (open bool, next clock.Instant) {
	if _, open = h.Calendar.Open(at); !open {
		next = h.Calendar.Next(at)
	}
	return open, next
}
