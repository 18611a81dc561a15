package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"filodiretto/inbox"
	"filodiretto/internal/live"
	"filodiretto/web/page"
)

// reply sends an answer. Whatever keeps it from going comes back with the text
// in place: 409 when something newer arrived or a colleague writes, 422 when
// something is to be put right.
func (s *Server) reply(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	if !c.mayWork(k) {
		return inbox.ErrForbidden
	}
	x := readWritten(r)
	x.mode = page.ModeReply
	back := asked{view: x.view, mode: x.mode, channel: x.channel, seen: x.seen, form: &x}
	d, err := s.keepDraft(r.Context(), c, k, &x)
	if err != nil {
		return s.composeFault(w, r, c, k, back, err)
	}
	files, err := s.formFiles(r)
	if err != nil {
		return s.composeFault(w, r, c, k, back, err)
	}
	if back.stop = s.colleague(r.Context(), c, k); back.stop != nil {
		return s.showComposer(w, r, c, k, http.StatusConflict, back)
	}
	cmd := replyCommand(k, &x, append(d.Choice.Files, files...))
	if cmd.AccountID == 0 {
		return s.composeFault(w, r, c, k, back, &inbox.InvalidError{Field: "account", Code: "missing"})
	}
	if _, err := s.send(r.Context(), c, k, cmd, x.sureTo); err != nil {
		return s.composeFault(w, r, c, k, back, err)
	}
	if k.Status == inbox.Closed { // the form said that sending opens it again
		if _, err := s.Inbox.SetStatus(r.Context(), c.Viewer, k.ID, 0, inbox.Open); err != nil && !errors.Is(err, inbox.ErrChanged) {
			return err
		}
	}
	s.Presence.Touch(r.Context(), k.ID, c.OperatorID, c.Name, live.Looking)
	s.sessions.Remove(r.Context(), takenKey(k.ID))
	if k, err = s.pathCase(r, c); err != nil {
		return err
	}
	return s.showComposer(w, r, c, k, http.StatusOK, asked{view: x.view, mode: x.mode, seen: max(k.LastInID, k.LastMessageID)})
}

// replyCommand is the answer as the inbox takes it. seen is the newest message
// that the page showed: what the case holds beyond it stops the answer.
func replyCommand(k *inbox.Case, x *written, files []inbox.FileRef) inbox.ReplyCommand {
	account, identity := readOption(x.channel)
	cmd := inbox.ReplyCommand{
		CaseID: k.ID, SeenInID: k.LastInID, SeenID: k.LastMessageID, AccountID: account, Subject: x.subject, Text: x.text,
		Files: files, Override: x.sureNewer, To: []inbox.Recipient{{IdentityID: identity}},
	}
	if x.seen > 0 {
		cmd.SeenInID, cmd.SeenID = min(k.LastInID, x.seen), min(k.LastMessageID, x.seen)
	}
	for _, addr := range splitAddresses(x.cc) {
		cmd.Cc = append(cmd.Cc, inbox.Recipient{Address: addr})
	}
	return cmd
}

// send queues the answer. What arrived since the page was drawn and stops nobody
// (an automatic reply) leaves the command pointing at a message that is not the
// citizen's; then the newest of the citizen is what is answered. Who was never
// seen in the case gets it only when sureTo names each of them: what was typed
// after the question was asked is asked about again.
func (s *Server) send(ctx context.Context, c *caller, k *inbox.Case, cmd inbox.ReplyCommand, sureTo []string) (*inbox.Reply, error) {
	out, err := s.sendOnce(ctx, c, k, cmd)
	var unseen *inbox.UnseenError
	if !errors.As(err, &unseen) {
		return out, err
	}
	for _, a := range unseen.Recipients {
		if !slices.Contains(sureTo, a.Value) {
			return nil, err
		}
	}
	for _, list := range [][]inbox.Recipient{cmd.To, cmd.Cc} {
		for i := range list {
			list[i].Confirmed = true
		}
	}
	return s.sendOnce(ctx, c, k, cmd)
}

func (s *Server) sendOnce(ctx context.Context, c *caller, k *inbox.Case, cmd inbox.ReplyCommand) (*inbox.Reply, error) {
	var err error
	if cmd.Subject, err = s.registeredSubject(ctx, c, cmd); err != nil {
		return nil, err
	}
	out, err := s.Inbox.Reply(ctx, c.Viewer, cmd)
	var invalid *inbox.InvalidError
	if errors.As(err, &invalid) && invalid.Field == "seen_in" && cmd.SeenInID != k.LastInID {
		cmd.SeenInID = k.LastInID
		return s.Inbox.Reply(ctx, c.Viewer, cmd)
	}
	return out, err
}

// composeFault shows the form again with what is to be put right.
func (s *Server) composeFault(w http.ResponseWriter, r *http.Request, c *caller, k *inbox.Case, a asked, err error) error {
	var newer *inbox.NewerError
	var other *inbox.DraftError
	var unseen *inbox.UnseenError
	var invalid *inbox.InvalidError
	st := http.StatusUnprocessableEntity
	switch {
	case errors.As(err, &newer):
		a.stop, st = newerStop(c, k, newer.Messages), http.StatusConflict
	case errors.As(err, &unseen):
		for _, x := range unseen.Recipients {
			a.unsure = append(a.unsure, x.Value)
		}
	case errors.As(err, &invalid):
		a.fault = composeField(c.say, invalid, a.form, s.mostFiles())
	case errors.As(err, &other):
		a.stop, st = draftStop(k, &other.Theirs), http.StatusConflict
	case errors.Is(err, inbox.ErrChanged):
		a.fault, st = &page.FieldFault{Field: "text", Key: "changed"}, http.StatusConflict
	default:
		return err
	}
	return s.showComposer(w, r, c, k, st, a)
}

// composeField says which field of the form is wrong, in the words of the
// catalogue.
func composeField(say page.Say, e *inbox.InvalidError, x *written, most int64) *page.FieldFault {
	f := &page.FieldFault{Field: e.Field, Key: e.Code}
	role, at, _ := strings.Cut(e.Field, ".")
	switch {
	case e.Field == "text" && e.Code == "empty":
	case e.Field == "account" || role == "to" && e.Code != "bad_address":
		f.Field, f.Key = "channel", "no_channel"
	case role == "cc" && e.Code != "bad_address" && say.Known("barred."+e.Code):
		f.Field, f.Key, f.Args = "cc", "barred_address", map[string]any{"value": copyAt(x, at), "why": say.Text("barred." + e.Code)}
	case e.Code == "bad_address":
		f.Field, f.Args = "cc", map[string]any{"value": copyAt(x, at)}
	case e.Field == "file" || e.Field == "files":
		f.Field = "file"
		f.Args = map[string]any{"name": say.Text("composer.files"), "most": say.Size(most)}
	}
	if !say.Known("fault." + f.Key) {
		f.Key = "bad_value"
	}
	return f
}

// copyAt is the address in copy that a refusal names by its place ("1.address"), as it
// was typed; all of them where it names none.
func copyAt(x *written, place string) string {
	n, _, _ := strings.Cut(place, ".")
	i, err := strconv.Atoi(n)
	if list := splitAddresses(x.cc); err == nil && i < len(list) {
		return list[i]
	}
	return x.cc
}

// note adds an internal note.
func (s *Server) note(w http.ResponseWriter, r *http.Request, c *caller) error {
	k, err := s.pathCase(r, c)
	if err != nil {
		return err
	}
	x := readWritten(r)
	x.mode = page.ModeNote
	back := asked{view: x.view, mode: x.mode, seen: x.seen, form: &x}
	d, err := s.keepDraft(r.Context(), c, k, &x)
	if err != nil {
		return s.composeFault(w, r, c, k, back, err)
	}
	files, err := s.formFiles(r)
	if err != nil {
		return s.composeFault(w, r, c, k, back, err)
	}
	if _, err := s.Inbox.Note(r.Context(), c.Viewer, inbox.NoteCommand{CaseID: k.ID, Text: x.text, Files: append(d.Choice.Files, files...)}); err != nil {
		return s.composeFault(w, r, c, k, back, err)
	}
	return s.showComposer(w, r, c, k, http.StatusOK, asked{view: x.view, mode: x.mode, seen: x.seen})
}
