package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"filodiretto/channels/mail/segnatura"
	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/register"
	"filodiretto/web/page"
)

// registerForm is the form that registers a message, filled in with what is known.
func (s *Server) registerForm(w http.ResponseWriter, r *http.Request, c *caller) error {
	f, err := s.messageForm(r, c, pathID(r, "id"))
	if err != nil {
		return err
	}
	if f.stand != nil && f.stand.State == register.Registered {
		http.Redirect(w, r, registerEntryURL(f.stand.EntryID), http.StatusSeeOther)
		return nil
	}
	return s.showRegisterForm(w, r, c, f.page)
}

// messageForm is the form of a message with what it is made of.
type messageForm struct {
	page  page.RegisterForm
	m     *inbox.Message
	k     *inbox.Case
	stand *register.Standing
}

func (s *Server) messageForm(r *http.Request, c *caller, id int64) (*messageForm, error) {
	ctx := r.Context()
	if !s.Register.On() {
		return nil, inbox.ErrNotFound
	}
	m, parts, err := s.Inbox.MessageWithParts(ctx, c.Viewer, id)
	if err != nil {
		return nil, err
	}
	k, err := s.Inbox.CaseByID(ctx, c.Viewer, m.CaseID)
	if err != nil {
		return nil, err
	}
	if !register.MayRegister(c.Viewer, k) {
		return nil, inbox.ErrForbidden
	}
	stands, err := s.Register.Standings(ctx, []int64{id})
	if err != nil {
		return nil, err
	}
	f := &messageForm{m: m, k: k, stand: stands[id]}
	draft, err := s.Register.Draft(ctx, c.Viewer, m, k, parts)
	if err != nil {
		return nil, err
	}
	p := &f.page
	*p = page.RegisterForm{
		Action: registerURL(id), Refuse: registerURL(id) + "/state", BackURL: caseURL("", k.Ref()) + "#e-" + formatID(id), External: s.Register.Mode() == register.External,
		Out: m.Direction == inbox.Out, Channel: page.Channel(m.ShownChannel()), At: m.At, Case: k.Ref(), Snippet: firstWords(m.Text, 240),
		Sender: draft.Sender, Recipients: draft.Recipients, Subject: draft.Subject, Offices: c.officeChoices(draft.OfficeID), Classes: s.classGroups(draft.Class),
		OriginNumber: draft.Origin.Number, OriginDate: draft.Origin.Date, OriginAdministration: draft.Origin.Administration, OriginArea: draft.Origin.Area,
		Today: string(queue.DayOf(s.clock.Now(), s.zone)), Code: s.Register.Code(), Area: s.Register.Area(), Files: s.registerFiles(0, m.ID, draft.Documents),
	}
	p.Date = p.Today
	if draft.Segnatura != nil {
		p.Origin = pageOrigin(draft.Segnatura)
	}
	if f.stand != nil {
		p.Version = f.stand.Version
	}
	return f, nil
}

func (s *Server) showRegisterForm(w http.ResponseWriter, r *http.Request, c *caller, f page.RegisterForm) (err error) {
	if f.RegisterTabs, err = s.registerTabs(r, c, "due"); err != nil {
		return err
	}
	if f.Shell, err = s.shell(r, c, page.SectionRegister); err != nil {
		return err
	}
	st := formStatus(f.Faults)
	if f.Taken {
		st = http.StatusUnprocessableEntity
	}
	s.show(w, r, st, c.lang, f)
	return nil
}

// firstWords is the beginning of a text.
func firstWords(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func pageOrigin(x *segnatura.Record) *page.Origin {
	o := &page.Origin{
		Number: x.Number, Date: dayWords(queue.Day(x.Date)), Body: x.Administration, Area: x.Area, Sender: x.Sender, Subject: x.Subject, Class: x.Class, Reserved: x.Reserved, Confirm: x.Confirm,
	}
	for _, d := range x.Documents {
		name := d.Name
		if name == "" {
			name = d.Title
		}
		o.Documents = append(o.Documents, name)
	}
	return o
}

// registerFiles are the documents of an entry, or of one that is to be made, with the
// addresses at which they can be fetched.
func (s *Server) registerFiles(entry, message int64, docs []*register.Document) (out []page.RegisterFile) {
	for _, d := range docs {
		f := page.RegisterFile{What: d.What, Name: d.Name, Size: d.Size, SHA256: d.SHA256}
		switch {
		case d.What == register.Received:
			f.URL = "/messages/" + formatID(message) + "/raw"
		case d.What == register.Sent:
			f.URL = "/messages/" + formatID(message) + "/evidence"
		case d.What == register.Composed && entry > 0:
			f.URL = registerEntryURL(entry) + "/documents/" + formatID(int64(d.Ord))
		case d.What == register.Attachment && d.SHA256 != "":
			f.URL = filePath(d.OfID, d.Name) // leads to an address that holds
		}
		out = append(out, f)
	}
	return out
}

// registerCommand is what a form says.
func registerCommand(r *http.Request, message int64) register.Command {
	v := r.PostFormValue
	return register.Command{
		MessageID: message, Version: parseID(v("version")), Sender: v("sender"), Recipients: v("recipients"), Subject: v("subject"), OfficeID: parseID(v("office")), Class: v("class"),
		Origin: register.Origin{Number: v("origin_number"), Date: v("origin_date"), Administration: v("origin_administration"), Area: v("origin_area")},
		Typed:  register.Typed{Number: v("number"), Date: v("date"), Code: v("code"), Area: v("area")}, Sure: v("sure") == "1",
	}
}

// registerEnter gives a message its number.
func (s *Server) registerEnter(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	e, err := s.Register.Enter(r.Context(), c.Viewer, registerCommand(r, id))
	if errors.Is(err, inbox.ErrInvalid) {
		if twice := s.registeredJustNow(r.Context(), c, id); twice != nil {
			e, err = twice, nil
		}
	}
	if err != nil {
		return s.registerBack(w, r, c, id, nil, err)
	}
	return s.saved(w, r, s.messagePlace(r.Context(), c, id), "registered", "number", e.Ref())
}

// sameAct is how long after a registration the same operator's next press is the same
// act: a second click, or a page that was slow.
const sameAct = time.Minute

// registeredJustNow is the entry that the caller's own press before this one made.
func (s *Server) registeredJustNow(ctx context.Context, c *caller, message int64) *register.Entry {
	stands, err := s.Register.Standings(ctx, []int64{message})
	if err != nil || stands[message] == nil || stands[message].Annulled {
		return nil
	}
	e := stands[message].Entry
	if e == nil || e.OperatorID != c.OperatorID || s.clock.Now().Sub(e.At) > sameAct {
		return nil
	}
	return e
}

// messagePlace is where a message stands on the page of its case.
func (s *Server) messagePlace(ctx context.Context, c *caller, id int64) string {
	m, err := s.Inbox.Message(ctx, c.Viewer, id)
	if err != nil {
		return "/register"
	}
	k, err := s.Inbox.CaseByID(ctx, c.Viewer, m.CaseID)
	if err != nil {
		return "/register"
	}
	return caseURL("", k.Ref()) + "#e-" + formatID(id)
}

// formFields are the faults that stand at a field of the form; others are told on top.
var formFields = map[string]bool{"sender": true, "recipients": true, "subject": true, "office": true, "class": true, "number": true, "date": true, "code": true, "area": true, "reason": true}

// registerBack gives the form back with what was wrong in it. correct is the entry
// that was to be corrected.
func (s *Server) registerBack(w http.ResponseWriter, r *http.Request, c *caller, id int64, correct *register.Line, err error) error {
	var doubt *inbox.WarningError
	var invalid *inbox.InvalidError
	taken := errors.As(err, &doubt) && doubt.Code == register.WarnTaken
	isField := errors.As(err, &invalid) && formFields[invalid.Field]
	if !taken && !isField {
		return s.done(w, r, c, registerURL(id), err, "")
	}
	f, ferr := s.messageForm(r, c, id)
	if ferr != nil {
		return ferr
	}
	p := &f.page
	s.typed(c, p, registerCommand(r, id))
	p.Reason, p.Taken = r.PostFormValue("reason"), taken
	if correct != nil {
		correcting(p, correct)
	}
	if isField {
		p.Faults, _ = c.formFaults(err, nil)
	}
	return s.showRegisterForm(w, r, c, *p)
}

// typed puts back what an operator wrote. A form that said something else (that a
// message is not needed) has no subject, and leaves all as it is.
func (s *Server) typed(c *caller, p *page.RegisterForm, cmd register.Command) {
	if cmd.Subject == "" && cmd.Class == "" {
		return
	}
	p.Sender, p.Recipients, p.Subject = cmd.Sender, cmd.Recipients, cmd.Subject
	p.Offices, p.Classes = c.officeChoices(cmd.OfficeID), s.classGroups(cmd.Class)
	p.OriginNumber, p.OriginDate, p.OriginAdministration, p.OriginArea = cmd.Origin.Number, cmd.Origin.Date, cmd.Origin.Administration, cmd.Origin.Area
	p.Number, p.Date, p.Code, p.Area = cmd.Typed.Number, cmd.Typed.Date, cmd.Typed.Code, cmd.Typed.Area
}

// registerState says that a message need not be registered, or must be.
func (s *Server) registerState(w http.ResponseWriter, r *http.Request, c *caller) error {
	id, to := pathID(r, "id"), register.State(r.PostFormValue("state"))
	_, err := s.Register.Decide(r.Context(), c.Viewer, id, to, r.PostFormValue("reason"), parseID(r.PostFormValue("version")))
	if err != nil {
		return s.registerBack(w, r, c, id, nil, err)
	}
	key := "register_refused"
	if to == register.Due {
		key = "register_wanted"
	}
	return s.saved(w, r, s.messagePlace(r.Context(), c, id), key)
}
