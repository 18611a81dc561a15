package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"filodiretto/inbox"
	"filodiretto/queue"
	"filodiretto/register"
	"filodiretto/web/page"
)

// registerEntry is one entry with all that there is of it.
func (s *Server) registerEntry(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.showEntry(w, r, c, pathID(r, "id"), nil)
}

func (s *Server) showEntry(w http.ResponseWriter, r *http.Request, c *caller, id int64, faults []page.FieldFault) error {
	v, err := s.Register.View(r.Context(), c.Viewer, id)
	if err != nil {
		return err
	}
	out := s.entryPage(c, v)
	out.Faults = faults
	if len(faults) > 0 {
		out.Reason, out.Act = r.PostFormValue("reason"), r.PostFormValue("act")
	}
	if out.RegisterTabs, err = s.registerTabs(r, c, "list"); err != nil {
		return err
	}
	if out.Shell, err = s.shell(r, c, page.SectionRegister); err != nil {
		return err
	}
	s.show(w, r, formStatus(faults), c.lang, out)
	return nil
}

func (s *Server) entryPage(c *caller, v *register.View) page.RegisterEntry {
	l := v.Line
	out := page.RegisterEntry{
		Line: s.registerLine(l), Administration: l.Administration, Area: l.Area, Code: l.Code, Sender: l.Sender, Recipients: l.Recipients, Channel: page.Channel(l.Channel), DocumentAt: l.DocumentAt,
		By: l.Operator, Hash: l.Hash, External: l.Source == register.Theirs, MayAssign: v.MayAssign, MayAnnul: v.MayAnnul, MayCorrect: v.MayCorrect,
		Offices: c.officeChoices(l.OfficeID), Classes: s.classGroups(l.Class), Files: s.registerFiles(l.ID, l.MessageID, v.Documents),
	}
	if o := l.OriginOf(); o != nil {
		out.Origin = &page.Origin{Number: o.Number, Date: dayWords(queue.Day(o.Date)), Body: o.Administration, Area: o.Area}
	}
	for _, a := range v.Assignments {
		out.Assignments = append(out.Assignments, page.RegisterAssignment{At: a.At, Office: a.Office, Class: a.Class, Name: a.ClassName, By: a.Operator})
	}
	if len(v.Assignments) > 0 {
		out.Seen = v.Assignments[0].ID
	}
	if a := v.Annulment; a != nil {
		out.Annulment = &page.RegisterAnnulment{At: a.At, Reason: a.Reason, Act: a.Act, By: a.Operator}
	}
	for _, e := range v.Earlier {
		out.Earlier = append(out.Earlier, s.registerLine(e))
	}
	if v.Later != nil {
		later := s.registerLine(v.Later)
		out.Later = &later
	}
	return out
}

// registerAssign gives an entry another office or class.
func (s *Server) registerAssign(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	_, err := s.Register.Assign(r.Context(), c.Viewer, id, parseID(r.PostFormValue("seen")), parseID(r.PostFormValue("office")), r.PostFormValue("class"))
	return s.entryDone(w, r, c, id, err, "register_assigned")
}

// registerAnnul takes an entry out of force.
func (s *Server) registerAnnul(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	v, err := s.Register.View(r.Context(), c.Viewer, id)
	if err != nil {
		return err
	}
	_, err = s.Register.Annul(r.Context(), c.Viewer, id, r.PostFormValue("reason"), r.PostFormValue("act"))
	return s.entryDone(w, r, c, id, err, "register_annulled", "number", v.Line.Ref())
}

// entryDone ends a command on an entry: with its faults at the fields, or back on the
// entry's page.
func (s *Server) entryDone(w http.ResponseWriter, r *http.Request, c *caller, id int64, err error, key string, pairs ...any) error {
	var invalid *inbox.InvalidError
	if errors.As(err, &invalid) && (formFields[invalid.Field] || invalid.Field == "act") {
		faults, _ := c.formFaults(err, nil)
		return s.showEntry(w, r, c, id, faults)
	}
	return s.done(w, r, c, registerEntryURL(id), err, key, pairs...)
}

// registerCorrectForm is the form that writes a typed number anew.
func (s *Server) registerCorrectForm(w http.ResponseWriter, r *http.Request, c *caller) error {
	l, f, err := s.correction(r, c)
	if err != nil {
		return err
	}
	correcting(&f.page, l)
	p := &f.page
	p.Number, p.Date, p.Code, p.Area = l.Shown, string(l.Day), l.Code, l.Area
	p.Sender, p.Recipients, p.Subject = l.Sender, l.Recipients, l.Subject
	p.Offices, p.Classes = c.officeChoices(l.OfficeID), s.classGroups(l.Class)
	if o := l.OriginOf(); o != nil {
		p.OriginNumber, p.OriginDate, p.OriginAdministration, p.OriginArea = o.Number, o.Date, o.Administration, o.Area
	}
	return s.showRegisterForm(w, r, c, *p)
}

// correction is the entry to be corrected, with the form of its message.
func (s *Server) correction(r *http.Request, c *caller) (*register.Line, *messageForm, error) {
	v, err := s.Register.View(r.Context(), c.Viewer, pathID(r, "id"))
	if err != nil {
		return nil, nil, err
	}
	if !v.MayCorrect {
		return nil, nil, inbox.ErrForbidden
	}
	f, err := s.messageForm(r, c, v.Line.MessageID)
	return v.Line, f, err
}

func correcting(p *page.RegisterForm, l *register.Line) {
	p.Correct, p.Action, p.Refuse, p.BackURL = l.Ref(), registerEntryURL(l.ID)+"/correct", "", registerEntryURL(l.ID)
}

// registerCorrect writes a typed number anew.
func (s *Server) registerCorrect(w http.ResponseWriter, r *http.Request, c *caller) error {
	l, _, err := s.correction(r, c)
	if err != nil {
		return err
	}
	e, err := s.Register.Correct(r.Context(), c.Viewer, l.ID, registerCommand(r, l.MessageID))
	if err != nil {
		return s.registerBack(w, r, c, l.MessageID, l, err)
	}
	return s.saved(w, r, registerEntryURL(e.ID), "register_corrected", "number", e.Ref())
}

// registerDocument answers what is kept for the register alone.
func (s *Server) registerDocument(w http.ResponseWriter, r *http.Request, c *caller) error {
	ord, err := strconv.Atoi(r.PathValue("ord"))
	if err != nil {
		return inbox.ErrNotFound
	}
	d, f, err := s.Register.OpenDocument(r.Context(), c.Viewer, pathID(r, "id"), ord)
	if err != nil {
		return err
	}
	defer f.Close()
	attachment(w, d.Name)
	return s.sendFile(w, r, f, d.Size)
}

// registerDay answers the register of one day. A copy without the contents of reserved
// cases says so in its name.
func (s *Server) registerDay(w http.ResponseWriter, r *http.Request, c *caller) error {
	day, err := queue.ParseDay(r.PathValue("day"))
	if err != nil {
		return inbox.ErrNotFound
	}
	d, f, veiled, err := s.Register.OpenDaily(r.Context(), c.Viewer, day)
	if err != nil {
		return err
	}
	defer f.Close()
	name := d.Name()
	if veiled {
		name = name[:len(name)-len(".csv")] + "-omissis.csv"
	}
	attachment(w, name)
	return s.sendFile(w, r, f, -1)
}

// sendFile copies a file into the answer; size is -1 where it is not known.
func (s *Server) sendFile(w http.ResponseWriter, r *http.Request, f io.Reader, size int64) error {
	if size >= 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	}
	if _, err := io.Copy(w, f); err != nil {
		s.Log.WarnContext(r.Context(), "a download was cut short", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
