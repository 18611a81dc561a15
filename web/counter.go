package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/secret"
	"filodiretto/queue"
	"filodiretto/queue/order"
	"filodiretto/web/page"
)

func (s *Server) counterRoutes() {
	s.mux.HandleFunc("GET /counter", s.staff(s.desks))
	s.mux.HandleFunc("GET /counter/{id}", s.staff(s.counter))
	s.mux.HandleFunc("GET /counter/{id}/desk", s.staff(s.counterDesk))
	s.mux.HandleFunc("POST /counter/{id}/open", s.staff(s.openCounter))
	s.mux.HandleFunc("POST /counter/{id}/leave", s.staff(s.leaveCounter))
	s.mux.HandleFunc("POST /counter/{id}/pause", s.staff(s.pauseCounter))
	s.mux.HandleFunc("POST /counter/{id}/unpause", s.staff(s.unpauseCounter))
	s.mux.HandleFunc("POST /counter/{id}/next", s.staff(s.callNext))
	s.mux.HandleFunc("POST /counter/{id}/act", s.staff(s.counterAct))
	s.mux.HandleFunc("POST /counter/{id}/link", s.staff(s.linkVisit))
	s.mux.HandleFunc("POST /counter/{id}/undo", s.staff(s.undoVerb))
	s.mux.HandleFunc("GET /queue", s.staff(s.room))
	s.mux.HandleFunc("GET /queue/{site}/live", s.staff(s.roomLive))
	s.mux.HandleFunc("GET /queue/{site}/events", s.roomEvents)
	s.mux.HandleFunc("GET /queue/{site}/estimates", s.staff(s.estimates))
	s.mux.HandleFunc("POST /queue/{site}/notices/{id}/done", s.staff(s.noticeDone))
}

func counterURL(id int64) string { return "/counter/" + formatID(id) }

// desks is the choice of a counter; who sits at one already goes there.
func (s *Server) desks(w http.ResponseWriter, r *http.Request, c *caller) error {
	sites, err := s.Queue.Sites(r.Context())
	if err != nil {
		return err
	}
	var out page.Desks
	for _, site := range sites {
		room, err := s.Queue.Room(r.Context(), c.Viewer, site.ID)
		if errors.Is(err, inbox.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if at := sitsAt(c, room); at != 0 {
			http.Redirect(w, r, counterURL(at), http.StatusSeeOther)
			return nil
		}
		if x := siteDesks(c, room); len(x.Desks) > 0 {
			out.Sites = append(out.Sites, x)
		}
	}
	if out.Shell, err = s.shell(r, c, page.SectionCounter); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// sitsAt is the counter at which the caller sits, 0 for none.
func sitsAt(c *caller, room *queue.RoomView) int64 {
	for _, st := range room.Sittings {
		if st.OperatorID == c.OperatorID {
			return st.CounterID
		}
	}
	return 0
}

func siteDesks(c *caller, room *queue.RoomView) page.SiteDesks {
	out := page.SiteDesks{Name: room.House.Site.Name}
	for _, k := range room.House.Counters {
		if k.EndedAt != 0 || !queue.MaySit(room.House, c.Viewer, k) {
			continue
		}
		x := page.DeskChoice{ID: k.ID, Name: k.Name, Does: does(room.House, k.ID, string(c.lang))}
		for _, st := range room.Sittings {
			if st.CounterID == k.ID {
				x.By = st.Operator
			}
		}
		out.Desks = append(out.Desks, x)
	}
	return out
}

// does are the services of a counter, in words.
func does(h *queue.House, counter int64, lang string) string {
	var names []string
	for _, sk := range h.Skills[counter] {
		if sv := h.Service(sk.ServiceID); sv != nil && sv.EndedAt == 0 {
			names = append(names, sv.Names.In(lang))
		}
	}
	return strings.Join(names, ", ")
}

// counter is the page of whoever sits at a counter.
func (s *Server) counter(w http.ResponseWriter, r *http.Request, c *caller) error {
	desk, err := s.desk(r, c)
	if err != nil {
		return err
	}
	if desk == nil {
		http.Redirect(w, r, "/counter", http.StatusSeeOther)
		return nil
	}
	out := page.Counter{Desk: *desk}
	if out.Shell, err = s.shell(r, c, page.SectionCounter); err != nil {
		return err
	}
	out.Shell.Title = desk.Name
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// counterDesk answers the part that changes by itself; 204 when the caller sits
// there no more.
func (s *Server) counterDesk(w http.ResponseWriter, r *http.Request, c *caller) error {
	desk, err := s.desk(r, c)
	if err != nil {
		return err
	}
	if desk == nil {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	s.show(w, r, http.StatusOK, c.lang, *desk)
	return nil
}

// desk is the state of a counter at which the caller sits; nil when somebody
// else does, or nobody.
func (s *Server) desk(r *http.Request, c *caller) (*page.CounterDesk, error) {
	st, err := s.Queue.CounterState(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return nil, err
	}
	if st.Sitting == nil || st.Sitting.OperatorID != c.OperatorID {
		return nil, nil
	}
	h := st.House
	out := &page.CounterDesk{
		ID: st.Counter.ID, Name: st.Counter.Name, Site: h.Site.ID, SiteName: h.Site.Name, Paused: st.Sitting.PauseAt, Pause: st.Sitting.PauseReason,
		Waiting: st.Waiting, Key: secret.Token(12), Undo: st.LastVerb, UndoTill: st.UndoTill, At: s.clock.Now(), Offices: c.officeChoices(0),
		Told: devicesTell(c, h.Site.ID, st.Counter.ID, st.Notices, st.Ailing),
	}
	for i := range st.Held {
		out.Held = append(out.Held, s.queueLine(c, h, &st.Held[i]))
	}
	if len(st.Next) > 0 {
		f := s.forecast(r.Context(), h.Site.ID)
		for i := range st.Next {
			out.Next = append(out.Next, s.waitingLine(c, h, &st.Next[i], f))
		}
	}
	for _, sv := range h.Services {
		if sv.EndedAt == 0 {
			out.Services = append(out.Services, page.Choice{Value: formatID(sv.ID), Label: sv.Names.In(string(c.lang)), Chosen: st.Now != nil && st.Now.Step.ServiceID == sv.ID})
		}
	}
	for _, k := range h.Counters {
		if k.EndedAt == 0 && k.ID != st.Counter.ID {
			out.Counters = append(out.Counters, page.Choice{Value: formatID(k.ID), Label: k.Name})
		}
	}
	if st.Now != nil {
		if out.Now, err = s.deskVisit(r, c, st); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// deskVisit is who is called or served, with the person's file.
func (s *Server) deskVisit(r *http.Request, c *caller, st *queue.CounterView) (*page.DeskVisit, error) {
	v, h := st.Now, st.House
	out := &page.DeskVisit{
		QueueLine: s.queueLine(c, h, v), Serving: v.Step.State == queue.Serving, Since: cmp.Or(v.Step.ServedAt, v.Step.CalledAt), Calls: v.Step.Calls,
		Lang: page.Lang(v.Ticket.Lang), Query: r.URL.Query().Get("q"),
		Waited: int(v.Step.FirstCalledAt.Sub(cmp.Or(v.Step.EligibleAt, v.Step.FirstCalledAt)).Minutes()),
	}
	if !out.Serving {
		out.Since = v.Step.CalledAt
	}
	out.Errand, out.Papers = deskErrand(h, &v.Step, c.lang)
	for i := range st.Steps {
		x := &st.Steps[i]
		out.Steps = append(out.Steps, page.VisitStep{Service: serviceName(h, x.ServiceID, c.lang), State: string(x.State)})
	}
	call, err := s.Queue.LastCall(r.Context(), c.Viewer, v.Step.ID)
	if err != nil && !errors.Is(err, inbox.ErrNotFound) {
		return nil, err
	}
	if call != nil {
		if out.Why, err = s.whyCalled(r, c, h, call); err != nil {
			return nil, err
		}
	}
	if v.Ticket.CitizenID == 0 {
		if strings.TrimSpace(out.Query) != "" {
			out.Found, err = s.findPeople(r, c, out.Query, 6)
		}
		return out, err
	}
	out.File, err = s.visitFile(r, c, v.Ticket.CitizenID)
	return out, err
}

// visitFile is the person's file in brief. Reading it is written to the events.
func (s *Server) visitFile(r *http.Request, c *caller, citizen int64) (*page.VisitFile, error) {
	p, err := s.Inbox.Person(r.Context(), c.Viewer, citizen)
	if errors.Is(err, inbox.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := &page.VisitFile{Person: c.personHead(p), Identities: once(c.identities(p)), Past: len(p.Past), Possible: len(p.Proposals), Notes: c.personNotes(p)}
	for i := range p.Open {
		out.Open = append(out.Open, s.caseLine(c, &p.Open[i]))
	}
	return out, nil
}

func serviceName(h *queue.House, id int64, lang page.Lang) string {
	if sv := h.Service(id); sv != nil {
		return sv.Names.In(string(lang))
	}
	return ""
}

// className is a class in words, empty for the ordinary one.
func className(h *queue.House, id int64, lang page.Lang) string {
	k := h.Class(id)
	if k == nil || k.Key == order.WalkIn {
		return ""
	}
	return k.Names.In(string(lang))
}

func (s *Server) queueLine(c *caller, h *queue.House, v *queue.Visit) page.QueueLine {
	out := page.QueueLine{
		Step: v.Step.ID, Version: v.Step.Version, Ticket: v.Ticket.ID, Label: v.Ticket.Label, Service: serviceName(h, v.Step.ServiceID, c.lang),
		Class: className(h, v.Step.ClassID, c.lang), Person: v.Person, State: string(v.Step.State),
		Since: cmp.Or(v.Step.EligibleAt, v.Step.ArrivedAt), Away: v.Step.Away(), Slot: v.Step.SlotAt, Stuck: v.Step.WarnedAt != 0,
	}
	if k := h.Counter(v.Step.CounterID); k != nil {
		out.At = k.Name
	}
	return out
}

// waitingLine is the line of somebody who waits, with what they can expect.
func (s *Server) waitingLine(c *caller, h *queue.House, v *queue.Visit, f *queue.Forecast) page.QueueLine {
	line := s.queueLine(c, h, v)
	if f != nil {
		x, _ := f.Step(v.Step.ID)
		line.Wait, line.Today = waitOf(x, x.Ahead), string(x.Today)
	}
	return line
}

// room is the live room of a site.
func (s *Server) room(w http.ResponseWriter, r *http.Request, c *caller) error {
	sites, err := s.Queue.Sites(r.Context())
	if err != nil {
		return err
	}
	chosen := parseID(r.URL.Query().Get("site"))
	var out page.Room
	for _, site := range sites {
		room, err := s.Queue.Room(r.Context(), c.Viewer, site.ID)
		if errors.Is(err, inbox.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		now := site.ID == chosen || chosen == 0 && out.Live.Site == 0
		if now {
			out.Live = s.liveRoom(c, room, s.forecast(r.Context(), room.House.Site.ID))
		}
		out.Sites = append(out.Sites, page.Choice{Value: formatID(site.ID), Label: site.Name, Chosen: now})
	}
	if chosen != 0 && out.Live.Site == 0 {
		return inbox.ErrNotFound
	}
	if out.Shell, err = s.shell(r, c, page.SectionQueue); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// roomLive answers the part of the room that changes by itself.
func (s *Server) roomLive(w http.ResponseWriter, r *http.Request, c *caller) error {
	room, err := s.Queue.Room(r.Context(), c.Viewer, pathID(r, "site"))
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, s.liveRoom(c, room, s.forecast(r.Context(), room.House.Site.ID)))
	return nil
}

func (s *Server) liveRoom(c *caller, room *queue.RoomView, f *queue.Forecast) page.RoomLive {
	h := room.House
	out := page.RoomLive{
		Site: h.Site.ID, Name: h.Site.Name, Open: room.Open, Until: room.Until, Code: room.Code, Ended: room.Session != nil && room.Session.EndedAt != 0,
		Estimates: c.Admin || c.isHead(), Elsewhere: room.Elsewhere, Desk: sitsAt(c, room), Key: secret.Token(12), At: s.clock.Now(),
		MayWork: slices.ContainsFunc(h.Counters, func(k *queue.Counter) bool { return k.EndedAt == 0 && queue.MaySit(h, c.Viewer, k) }),
	}
	sitting := make([]int64, len(room.Sittings))
	for i := range room.Sittings {
		sitting[i] = room.Sittings[i].CounterID
	}
	out.Unserved, out.SetUp = unserved(c, room, sitting, out.At), c.Admin
	out.Told = devicesTell(c, h.Site.ID, 0, room.Notices, room.Ailing)
	at := map[int64]page.QueueLine{}
	for i := range room.Visits {
		v := &room.Visits[i]
		line := s.queueLine(c, h, v)
		switch v.Step.State {
		case queue.Waiting:
			line = s.waitingLine(c, h, v, f)
			line.Wait = covered(line.Wait, h.CoverOf(out.At, sitting, &v.Step))
			out.Waiting = append(out.Waiting, line)
		case queue.Held:
			out.Held = append(out.Held, line)
		case queue.Called, queue.Serving:
			line.Since = cmp.Or(v.Step.ServedAt, v.Step.CalledAt)
			out.AtDesks = append(out.AtDesks, line)
			at[v.Step.CounterID] = line
		}
	}
	for _, st := range room.Sittings {
		k := h.Counter(st.CounterID)
		if k == nil {
			continue
		}
		line := at[st.CounterID]
		out.Desks = append(out.Desks, page.RoomDesk{Name: k.Name, By: st.Operator, Paused: st.PauseAt != 0, Label: line.Label, State: line.State, Since: line.Since})
	}
	return out
}

// unserved are the services that nobody does now: those for which somebody waits,
// and while the site is open those for which a number can be had by oneself.
func unserved(c *caller, room *queue.RoomView, sitting []int64, now clock.Instant) []page.Unserved {
	waiting := map[int64]int{}
	for i := range room.Visits {
		if st := &room.Visits[i].Step; st.State == queue.Waiting {
			waiting[st.ServiceID]++
		}
	}
	var out []page.Unserved
	for _, sv := range room.House.Services {
		given := room.Open && sv.EndedAt == 0 && (sv.Kiosk || sv.Remote)
		if waiting[sv.ID] == 0 && !given {
			continue
		}
		if x := room.House.Cover(now, sitting, sv.ID); !x.Open {
			out = append(out, page.Unserved{Service: sv.Names.In(string(c.lang)), Waiting: waiting[sv.ID], From: x.From})
		}
	}
	slices.SortStableFunc(out, func(a, b page.Unserved) int { return cmp.Compare(b.Waiting, a.Waiting) })
	return out
}
