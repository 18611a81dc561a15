package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"filodiretto/inbox"
	"filodiretto/web/page"
)

// saveDraft keeps what is being written and tells what it thinks of it.
func (s *Server) saveDraft(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	x := readWritten(r)
	out := page.ComposerState{Number: k.Ref(), Mode: x.mode}
	d, err := s.keepDraft(r.Context(), c, k, &x)
	var other *inbox.DraftError
	if errors.As(err, &other) {
		out.Base, out.Stop = x.base, draftStop(k, &other.Theirs)
		s.show(w, r, http.StatusConflict, c.lang, out)
		return nil
	}
	if err != nil {
		return err
	}
	out.Base = draftBase(d)
	if d.Version > 0 {
		out.SavedAt = d.UpdatedAt
	}
	if x.mode == page.ModeReply {
		out.Meter = meter(x.text)
		if out.Stop, err = s.stop(r, c, k, x.seen); err != nil {
			return err
		}
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// keepDraft stores the form as the caller's draft and gives it with its files.
// A text that another window of the same person wrote since the form was made is
// not written over: that is an *inbox.DraftError. Files and choices that were
// saved since, and a text that was sent or is the same, are no conflict. Nor are
// saves of one window: of those the latest counts, in whatever order they come.
func (s *Server) keepDraft(ctx context.Context, c *caller, k *inbox.Case, x *written) (*inbox.Draft, error) {
	kind := x.draftKind()
	for range 3 {
		d, err := s.Inbox.Draft(ctx, c.Viewer, k.ID, kind)
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(x.text) == "" && d.Version == 0 {
			return d, nil
		}
		same := x.pen != "" && x.pen == d.Pen
		if same && x.step <= d.Step { // a later one of this window was quicker
			return d, nil
		}
		if !same && d.Body != "" && d.Body != x.text && draftBase(d) != x.base {
			return nil, &inbox.DraftError{Theirs: *d}
		}
		d.Body, d.Choice, d.Pen, d.Step = x.text, draftChoice(x, d.Choice), x.pen, x.step
		saved, err := s.Inbox.SaveDraft(ctx, c.Viewer, *d)
		if err == nil || !errors.Is(err, inbox.ErrChanged) {
			return saved, err
		}
	}
	return nil, inbox.ErrChanged
}

// draftBase names the text of a draft, for a form to say from which it was made;
// empty for no text. It is not the version because that grows with files too.
func draftBase(d *inbox.Draft) string {
	if d.Body == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(d.Body))
	return hex.EncodeToString(sum[:8])
}

func draftStop(k *inbox.Case, d *inbox.Draft) *page.Stop {
	return &page.Stop{Number: k.Ref(), Kind: page.StopDraft, Since: d.UpdatedAt, Text: d.Body, Base: draftBase(d)}
}

// keepMine writes over the text of another window, the one that was shown: if
// that has changed again, it is shown again.
func (s *Server) keepMine(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	x := readWritten(r)
	mine := x
	mine.base = r.PostFormValue("their")
	a := asked{view: x.view, mode: x.mode, channel: x.channel, seen: x.seen, form: &x}
	if _, err := s.keepDraft(r.Context(), c, k, &mine); err != nil {
		return s.composeFault(w, r, c, k, a, err)
	}
	a.form = nil
	return s.showComposer(w, r, c, k, http.StatusOK, a)
}

// takeTheirs shows the text of the other window in the place of this one's.
func (s *Server) takeTheirs(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	x := readWritten(r)
	return s.showComposer(w, r, c, k, http.StatusOK, asked{view: x.view, mode: x.mode, seen: x.seen})
}

func draftChoice(x *written, old inbox.DraftChoice) inbox.DraftChoice {
	if x.mode == page.ModeNote {
		return old
	}
	account, identity := readOption(x.channel)
	out := inbox.DraftChoice{AccountID: account, Subject: x.subject, Files: old.Files}
	if identity > 0 {
		out.To = []inbox.Recipient{{IdentityID: identity}}
	}
	for _, addr := range splitAddresses(x.cc) {
		out.Cc = append(out.Cc, inbox.Recipient{Address: addr})
	}
	return out
}

// addFiles puts files to the draft.
func (s *Server) addFiles(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	x := readWritten(r)
	out := page.DraftFiles{Number: k.Ref(), Mode: x.mode}
	st := http.StatusOK
	for _, h := range fileHeaders(r) {
		f, err := h.Open()
		if err != nil {
			return &badRequest{err}
		}
		_, _, err = s.Inbox.AttachToDraft(r.Context(), c.Viewer, k.ID, x.draftKind(), h.Filename, f)
		f.Close()
		var invalid *inbox.InvalidError
		if errors.As(err, &invalid) {
			out.Fault, out.Name, st = fileFault(c.say, invalid.Code), h.Filename, http.StatusUnprocessableEntity
			break
		}
		if err != nil {
			return err
		}
	}
	return s.showFiles(w, r, c, k, st, out)
}

// fileFault is the sentence about a file that was refused.
func fileFault(say page.Say, code string) string {
	if say.Known("fault." + code) {
		return code
	}
	return "bad_file"
}

// removeFile takes a file off the draft.
func (s *Server) removeFile(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	x := readWritten(r)
	d, err := s.Inbox.Draft(r.Context(), c.Viewer, k.ID, x.draftKind())
	if err != nil {
		return err
	}
	id := pathID(r, "id")
	for _, f := range d.Choice.Files {
		if fileID(f.SHA256) == id {
			if _, err := s.Inbox.DetachFromDraft(r.Context(), c.Viewer, k.ID, x.draftKind(), f.SHA256); err != nil {
				return err
			}
			return s.showFiles(w, r, c, k, http.StatusOK, page.DraftFiles{Number: k.Ref(), Mode: x.mode})
		}
	}
	return inbox.ErrNotFound
}

func (s *Server) showFiles(w http.ResponseWriter, r *http.Request, c *caller, k *inbox.Case, status int, out page.DraftFiles) error {
	known, err := s.Inbox.Compose(r.Context(), c.Viewer, k.ID)
	if err != nil {
		return err
	}
	d := known.Draft(draftKind(out.Mode))
	out.Files, out.Most = draftFiles(d), s.mostFiles()
	if out.Mode == page.ModeReply && known.Ways != nil {
		if i := chooseOption(known.Ways, d, r.PostFormValue("channel")); i >= 0 {
			out.MostHere = known.Ways.List[i].MostFiles
		}
	}
	if r.Header.Get("HX-Request") != "true" && r.Header.Get("Sec-Fetch-Mode") == "navigate" { // without scripts
		http.Redirect(w, r, composeURL("", k.Ref(), out.Mode), http.StatusSeeOther)
		return nil
	}
	s.show(w, r, status, c.lang, out)
	return nil
}

// formFiles keeps the files that came with the form itself, as browsers without
// scripts send them: whole in the store before any transaction.
func (s *Server) formFiles(r *http.Request) ([]inbox.FileRef, error) {
	var out []inbox.FileRef
	for _, h := range fileHeaders(r) {
		f, err := h.Open()
		if err != nil {
			return nil, &badRequest{err}
		}
		ref, err := s.Inbox.KeepFile(r.Context(), h.Filename, f)
		f.Close()
		if err != nil {
			return nil, err
		}
		out = append(out, ref)
	}
	return out, nil
}
