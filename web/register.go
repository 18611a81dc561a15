package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/register"
	"filodiretto/web/page"
)

func (s *Server) registerRoutes() {
	s.mux.HandleFunc("GET /register", s.staff(s.registerList))
	s.mux.HandleFunc("GET /register/due", s.staff(s.registerDue))
	s.mux.HandleFunc("GET /register/days", s.staff(s.registerDays))
	s.mux.HandleFunc("GET /registers/{day}", s.staff(s.registerDay))
	s.mux.HandleFunc("GET /register/{id}", s.staff(s.registerEntry))
	s.mux.HandleFunc("GET /register/{id}/documents/{ord}", s.staff(s.registerDocument))
	s.mux.HandleFunc("POST /register/{id}/assign", s.staff(s.registerAssign))
	s.mux.HandleFunc("POST /register/{id}/annul", s.staff(s.registerAnnul))
	s.mux.HandleFunc("GET /register/{id}/correct", s.staff(s.registerCorrectForm))
	s.mux.HandleFunc("POST /register/{id}/correct", s.staff(s.registerCorrect))
	s.mux.HandleFunc("GET /messages/{id}/register", s.staff(s.registerForm))
	s.mux.HandleFunc("POST /messages/{id}/register", s.staff(s.registerEnter))
	s.mux.HandleFunc("POST /messages/{id}/register/state", s.staff(s.registerState))
}

// registerTabs is what stands above the pages of the register, with the count of
// what is due.
func (s *Server) registerTabs(r *http.Request, c *caller, tab string) (page.RegisterTabs, error) {
	n, err := s.Register.DueCount(r.Context(), c.Viewer)
	return page.RegisterTabs{Tab: tab, Due: n, Days: s.Register.Mode() == register.Builtin}, err
}

// registerList is the register, newest first.
func (s *Server) registerList(w http.ResponseWriter, r *http.Request, c *caller) error {
	q := r.URL.Query()
	year, _ := strconv.Atoi(q.Get("year"))
	f := register.Filter{
		Query: q.Get("q"), Year: year, OfficeID: parseID(q.Get("office")), Class: q.Get("class"), Cursor: q.Get("cursor"), Limit: rowsPerPage,
	}
	if d := inbox.Direction(q.Get("direction")); d == inbox.In || d == inbox.Out {
		f.Direction = d
	}
	lines, next, err := s.Register.List(r.Context(), c.Viewer, f)
	if err != nil {
		return err
	}
	out := page.Register{
		Query: f.Query, Offices: c.officeChoices(f.OfficeID), Classes: s.classGroups(f.Class),
		Narrowed: f.Query != "" || f.Year != 0 || f.Direction != "" || f.OfficeID != 0 || f.Class != "",
		Directions: []page.Choice{
			{Value: "in", Label: c.say.Text("register.in"), Chosen: f.Direction == inbox.In}, {Value: "out", Label: c.say.Text("register.out"), Chosen: f.Direction == inbox.Out},
		},
	}
	for _, l := range lines {
		out.Lines = append(out.Lines, s.registerLine(l))
	}
	if next != "" {
		q.Set("cursor", next)
		out.OlderURL = "/register?" + q.Encode()
	}
	years, err := s.Register.Years(r.Context())
	if err != nil {
		return err
	}
	for _, y := range years {
		out.Years = append(out.Years, page.Choice{Value: strconv.Itoa(y), Label: strconv.Itoa(y), Chosen: y == f.Year})
	}
	if out.RegisterTabs, err = s.registerTabs(r, c, "list"); err != nil {
		return err
	}
	if out.Shell, err = s.shell(r, c, page.SectionRegister); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// registerLine is an entry as lists show it.
func (s *Server) registerLine(l *register.Line) page.RegisterLine {
	out := page.RegisterLine{
		ID: l.ID, Number: l.Ref(), Out: l.Direction == inbox.Out, At: l.At, Subject: l.Subject, Who: l.Sender, Office: l.Office, Class: l.Class, ClassName: l.ClassName,
		Case: l.CaseRef, Veiled: l.Veiled, Annulled: l.Annulled, Superseded: l.Corrected,
	}
	if out.Out {
		out.Who = l.Recipients
	}
	if l.Source == register.Theirs {
		out.Day = dayWords(l.Day)
	}
	return out
}

// dayWords is a day as people write it: 22/11/2026.
func dayWords(d queue.Day) string {
	if len(d) != len("2006-01-02") {
		return string(d)
	}
	return string(d[8:] + "/" + d[5:7] + "/" + d[:4])
}

// classGroups are the classes of today, title by title.
func (s *Server) classGroups(chosen string) (out []page.ChoiceGroup) {
	for _, x := range s.Register.Scheme().On(queue.DayOf(s.clock.Now(), s.zone)) {
		if n := len(out); n == 0 || out[n-1].Label != x.Group {
			out = append(out, page.ChoiceGroup{Label: x.Group})
		}
		g := &out[len(out)-1]
		g.Choices = append(g.Choices, page.Choice{Value: x.Code, Label: x.Code + " " + x.Name, Chosen: x.Code == chosen})
	}
	return out
}

// registerDue is what waits to be registered, oldest first.
func (s *Server) registerDue(w http.ResponseWriter, r *http.Request, c *caller) error {
	list, next, err := s.Register.DueList(r.Context(), c.Viewer, parseID(r.URL.Query().Get("after")), rowsPerPage)
	if err != nil {
		return err
	}
	out := page.RegisterDue{}
	for _, d := range list {
		l := page.RegisterDueLine{
			MessageID: d.ID, Channel: page.Channel(d.ShownChannel()), Out: d.Direction == inbox.Out, At: d.At, Who: c.known(senderName(d.Sender)), Subject: d.Subject, Case: d.Ref(),
			Office: c.office(d.OfficeID), Why: registerWhy(c.say, d.Reason, d.SinceBy), URL: registerURL(d.ID), Annulled: d.EntryID > 0,
		}
		if l.Out {
			l.Who = senderName(d.Recipients)
		}
		if l.Subject == "" {
			l.Subject = d.CaseText
		}
		out.Lines = append(out.Lines, l)
	}
	if next > 0 {
		out.OlderURL = "/register/due?" + url.Values{"after": {formatID(next)}}.Encode()
	}
	if out.RegisterTabs, err = s.registerTabs(r, c, "due"); err != nil {
		return err
	}
	if out.Shell, err = s.shell(r, c, page.SectionRegister); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// registerURL is the form that registers a message.
func registerURL(message int64) string { return "/messages/" + formatID(message) + "/register" }

// registerWhy is why a message is due, in words: a rule's, or an operator's own.
func registerWhy(say page.Say, reason string, by int64) string {
	if by == 0 {
		return say.Either("register.why_", reason, reason)
	}
	return reason
}

// registerDays are the daily registers, newest first.
func (s *Server) registerDays(w http.ResponseWriter, r *http.Request, c *caller) error {
	const most = 31
	days, err := s.Register.Dailies(r.Context(), c.Viewer, queue.Day(r.URL.Query().Get("before")), most)
	if err != nil {
		return err
	}
	out := page.RegisterDays{}
	for _, d := range days {
		out.Days = append(out.Days, page.RegisterDay{
			Day: dayWords(d.Day), URL: "/registers/" + string(d.Day), Entries: d.Entries, Annulments: d.Annulments, First: d.FirstNumber, Last: d.LastNumber, Size: d.Size, SHA256: d.SHA256,
		})
	}
	if len(days) == most {
		out.OlderURL = "/register/days?" + url.Values{"before": {string(days[most-1].Day)}}.Encode()
	}
	if out.RegisterTabs, err = s.registerTabs(r, c, "days"); err != nil {
		return err
	}
	if out.Shell, err = s.shell(r, c, page.SectionRegister); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// registerMarks are where the messages of a case stand, and the registrations at the
// bodies that sent them.
func (f *filling) registerMarks(entries []page.Entry) error {
	if !f.s.Register.On() {
		return nil
	}
	var ids []int64
	for i := range f.cv.Entries {
		if m := f.cv.Entries[i].Message; m != nil {
			ids = append(ids, m.ID)
		}
	}
	if !f.cv.Registered {
		ids = nil
	}
	stands, err := f.s.Register.Standings(f.r.Context(), ids)
	if err != nil {
		return err
	}
	may := register.MayRegister(f.c.Viewer, f.k) && f.c.worksWithCitizens()
	for i := range f.cv.Entries {
		e := &f.cv.Entries[i]
		if e.Message == nil {
			continue
		}
		at := slices.IndexFunc(entries, func(x page.Entry) bool {
			return x.ID == e.Message.ID && x.Kind != page.EntryEvent && x.Kind != page.EntryFail
		})
		if at < 0 || entries[at].Deleted {
			continue
		}
		if err := f.registerMark(&entries[at], e, stands[e.Message.ID], may); err != nil {
			return err
		}
	}
	return nil
}

func (f *filling) registerMark(x *page.Entry, e *inbox.Entry, s *register.Standing, may bool) error {
	m := e.Message
	if m.Direction == inbox.Note || m.Origin == inbox.FromAutomation {
		return nil
	}
	mark := &page.RegisterMark{}
	if s != nil {
		x.Version += s.Version
		switch mark.Key, mark.Why = string(s.State), ""; {
		case s.State == register.NotNeeded:
			mark.Why = s.Reason
		case s.Entry != nil && s.Annulled:
			mark.Key = "annulled"
		}
		if s.Entry != nil {
			mark.Number, mark.URL = s.Entry.Ref(), registerEntryURL(s.Entry.ID)
		}
	}
	if may && mark.Key != string(register.Registered) {
		mark.EnterURL = registerURL(m.ID)
	}
	if mark.Key != "" || mark.EnterURL != "" {
		x.Register = mark
	}
	if m.Direction != inbox.In {
		return nil
	}
	rec, err := f.s.Register.Segnatura(f.r.Context(), f.c.Viewer, e.Parts)
	if err == nil && rec != nil {
		x.Origin = pageOrigin(rec)
	}
	return err
}

func registerEntryURL(id int64) string { return "/register/" + formatID(id) }
