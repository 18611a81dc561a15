package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/live"
	"filodiretto/web/page"
)

func (s *Server) composerRoutes() {
	const base = "/cases/{year}/{seq}"
	s.mux.HandleFunc("GET "+base+"/composer", s.staff(s.composerFragment))
	s.mux.HandleFunc("POST "+base+"/reply", s.staff(s.reply))
	s.mux.HandleFunc("POST "+base+"/note", s.staff(s.note))
	s.mux.HandleFunc("POST "+base+"/draft", s.staff(s.saveDraft))
	s.mux.HandleFunc("POST "+base+"/draft/mine", s.staff(s.keepMine))
	s.mux.HandleFunc("POST "+base+"/draft/theirs", s.staff(s.takeTheirs))
	s.mux.HandleFunc("POST "+base+"/files", s.staff(s.addFiles))
	s.mux.HandleFunc("POST "+base+"/files/{id}/remove", s.staff(s.removeFile))
	s.mux.HandleFunc("POST "+base+"/send/{id}/undo", s.staff(s.undoReply))
	s.mux.HandleFunc("POST "+base+"/send/{id}/hold", s.staff(s.holdReply))
	s.mux.HandleFunc("POST "+base+"/send/{id}/go", s.staff(s.releaseReply))
	s.mux.HandleFunc("POST "+base+"/take", s.staff(s.takeCase))
	s.mux.HandleFunc("POST "+base+"/leave", s.staff(s.leaveCase))
	s.mux.HandleFunc("GET /texts", s.staff(s.picker))
}

// written is the composer's form as it came.
type written struct {
	view    page.ViewID
	mode    page.Mode
	channel string
	cc      string
	subject string
	text    string
	seen    int64
	// base names the text that the form was made from (see draftBase); empty
	// means that it knows of none. pen names the open form and step counts what
	// it sent: both are of the page's script, and empty without it.
	base string
	pen  string
	step int64
	// sureNewer sends in spite of what came since; sureTo are the addresses
	// never seen in the case that were shown and confirmed, one by one.
	sureNewer bool
	sureTo    []string
}

// longestPen is the longest name of a form, in bytes, that is believed.
const longestPen = 40

func readWritten(r *http.Request) written {
	f := written{
		view: viewOrNone(r.PostFormValue("view")), mode: page.Mode(r.PostFormValue("compose")), channel: r.PostFormValue("channel"), cc: r.PostFormValue("cc"),
		subject: r.PostFormValue("subject"), text: r.PostFormValue("text"), seen: parseID(r.PostFormValue("seen")), sureNewer: r.PostFormValue("sure_newer") == "1",
		sureTo: r.PostForm["sure_to"],
	}
	f.base, f.pen, f.step = r.PostFormValue("base"), r.PostFormValue("pen"), parseID(r.PostFormValue("step"))
	if len(f.pen) > longestPen {
		f.pen = ""
	}
	if f.mode != page.ModeNote {
		f.mode = page.ModeReply
	}
	return f
}

func viewOrNone(name string) page.ViewID {
	if name == "" {
		return ""
	}
	return viewID(name)
}

func (f *written) draftKind() inbox.DraftKind { return draftKind(f.mode) }

func draftKind(m page.Mode) inbox.DraftKind {
	if m == page.ModeNote {
		return inbox.NoteDraft
	}
	return inbox.ReplyDraft
}

// composerFragment answers the form in another mode, or for another channel.
func (s *Server) composerFragment(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	seen := parseID(q.Get("seen"))
	if seen == 0 {
		seen = max(k.LastInID, k.LastMessageID)
	}
	return s.showComposer(w, r, c, k, http.StatusOK, asked{view: viewOrNone(q.Get("view")), mode: page.Mode(q.Get("compose")), channel: q.Get("channel"), seen: seen})
}

// showComposer answers the form for htmx, and the whole page for a browser
// without scripts.
func (s *Server) showComposer(w http.ResponseWriter, r *http.Request, c *caller, k *inbox.Case, status int, a asked) error {
	if r.Header.Get("HX-Request") != "true" && r.Method == http.MethodPost && status == http.StatusOK {
		http.Redirect(w, r, composeURL(a.view, k.Ref(), a.mode), http.StatusSeeOther)
		return nil
	}
	comp, err := s.composer(r, c, k, a)
	if err != nil {
		return err
	}
	if r.Header.Get("HX-Request") == "true" || r.Method == http.MethodGet {
		s.show(w, r, status, c.lang, *comp)
		return nil
	}
	return s.showStopped(w, r, c, k, status, comp)
}

func composeURL(view page.ViewID, ref string, m page.Mode) string {
	return caseURL(view, ref) + "&compose=" + string(m)
}

// showStopped is the whole page around a form that came back with something to
// put right.
func (s *Server) showStopped(w http.ResponseWriter, r *http.Request, c *caller, k *inbox.Case, status int, comp *page.Composer) error {
	view := viewID(string(comp.View))
	p, err := s.inboxAround(r, c, view, k.Ref())
	if err != nil {
		return err
	}
	if p.Work.Case != nil {
		p.Work.Case.Composer = comp
	}
	s.show(w, r, status, c.lang, p)
	return nil
}

// setPresence notes who looks and who writes. Looking at a case takes the mark
// "unread" away for its office.
func (s *Server) setPresence(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	doing := live.Looking
	switch r.PostFormValue("doing") {
	case "writing":
		doing = live.Writing
	case "left":
		doing = live.Gone
	}
	s.Presence.Touch(r.Context(), k.ID, c.OperatorID, c.Name, doing)
	if doing != live.Gone {
		if err := s.Inbox.MarkRead(r.Context(), c.Viewer, k); err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// takenFor is how long "I answer" sets a colleague's claim aside.
const takenFor = 10 * time.Minute

func takenKey(caseID int64) string { return "taken:" + formatID(caseID) }

// takeCase is "I answer": the colleague's claim does not stop this operator for
// a while.
func (s *Server) takeCase(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.decideStop(w, r, c, func(k *inbox.Case) {
		s.sessions.Put(r.Context(), takenKey(k.ID), int64(s.clock.Now()))
		s.Presence.Touch(r.Context(), k.ID, c.OperatorID, c.Name, live.Writing)
	})
}

// leaveCase is "leave it to them". The draft stays.
func (s *Server) leaveCase(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.decideStop(w, r, c, func(k *inbox.Case) {
		s.sessions.Remove(r.Context(), takenKey(k.ID))
		s.Presence.Touch(r.Context(), k.ID, c.OperatorID, c.Name, live.Looking)
	})
}

func (s *Server) decideStop(w http.ResponseWriter, r *http.Request, c *caller, f func(*inbox.Case)) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	x := readWritten(r)
	if _, err := s.keepDraft(r.Context(), c, k, &x); err != nil {
		return s.composeFault(w, r, c, k, asked{view: x.view, mode: x.mode, channel: x.channel, seen: x.seen, form: &x}, err)
	}
	f(k)
	return s.showComposer(w, r, c, k, http.StatusOK, asked{view: x.view, mode: x.mode, channel: x.channel, seen: x.seen})
}

// stop is what stands between the text and the button: something newer than what
// was seen, or a colleague who is writing; nil for nothing.
func (s *Server) stop(r *http.Request, c *caller, k *inbox.Case, seen int64) (*page.Stop, error) {
	newer, err := s.Inbox.Newer(r.Context(), c.Viewer, k, seen)
	if err != nil {
		return nil, err
	}
	if len(newer) > 0 {
		return newerStop(c, k, newer), nil
	}
	return s.colleague(r.Context(), c, k), nil
}

func newerStop(c *caller, k *inbox.Case, newer []*inbox.Message) *page.Stop {
	last := newer[len(newer)-1]
	return &page.Stop{Number: k.Ref(), Kind: page.StopNewer, Count: len(newer), From: c.writer(last)}
}

// colleague is the stop by somebody else who is answering.
func (s *Server) colleague(ctx context.Context, c *caller, k *inbox.Case) *page.Stop {
	if at := s.sessions.GetInt64(ctx, takenKey(k.ID)); at > 0 && int64(s.clock.Now())-at < takenFor.Microseconds() {
		return nil
	}
	for _, p := range s.Presence.List(ctx, []int64{k.ID})[k.ID] {
		if p.Operator != c.OperatorID && p.Doing == live.Writing {
			return &page.Stop{Number: k.Ref(), Kind: page.StopColleague, Name: p.Name}
		}
	}
	return nil
}

// holdReply stops the seconds of undo while somebody looks at the button.
func (s *Server) holdReply(w http.ResponseWriter, r *http.Request, c *caller) error {
	if _, err := s.pathCase(r, c); err != nil {
		return err
	}
	if _, err := s.Inbox.HoldReply(r.Context(), c.Viewer, pathID(r, "id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// releaseReply lets the seconds go on.
func (s *Server) releaseReply(w http.ResponseWriter, r *http.Request, c *caller) error {
	if _, err := s.pathCase(r, c); err != nil {
		return err
	}
	left := time.Duration(s.Config.Automation.UndoSeconds) * time.Second
	if n := parseID(r.PostFormValue("seconds")); n > 0 && n < 600 {
		left = min(left, time.Duration(n)*time.Second)
	}
	if _, err := s.Inbox.ReleaseReply(r.Context(), c.Viewer, pathID(r, "id"), left); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// undoReply takes the answer back: its text is in the draft again.
func (s *Server) undoReply(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	x := readWritten(r)
	if x.text != "" { // what was begun meanwhile stays, below
		if _, err := s.keepDraft(r.Context(), c, k, &x); err != nil {
			return s.composeFault(w, r, c, k, asked{view: x.view, mode: x.mode, seen: x.seen, form: &x}, err)
		}
	}
	a := asked{view: x.view, mode: page.ModeReply}
	if _, err = s.Inbox.UndoReply(r.Context(), c.Viewer, pathID(r, "id")); errors.Is(err, inbox.ErrChanged) {
		a.fault = &page.FieldFault{Field: "text", Key: "gone"}
		err = nil
	}
	if err != nil {
		return err
	}
	if k, err = s.pathCase(r, c); err != nil {
		return err
	}
	a.seen = max(k.LastInID, k.LastMessageID)
	return s.showComposer(w, r, c, k, http.StatusOK, a)
}
