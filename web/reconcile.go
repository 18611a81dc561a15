package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/inbox"
	"filodiretto/web/page"
)

// How much of the past is shown.
const (
	reconcileRuns  = 60
	reconcileItems = 200
)

func (s *Server) reconcileRoutes() {
	s.mux.HandleFunc("GET /channels/{id}/reconcile", s.admin(s.reconcile))
	s.mux.HandleFunc("GET /channels/{id}/reconcile/state", s.admin(s.reconcileState))
	s.mux.HandleFunc("POST /channels/{id}/reconcile", s.admin(s.askReconcile))
}

// canReconcile reports whether an account's channel can be compared with its
// platform.
func (s *Server) canReconcile(id int64) bool {
	ch, _, ok := s.Accounts.Channel(id)
	_, can := ch.(channels.Reconciler)
	return ok && can
}

// noComparison says why an account is never compared with a platform: empty for one
// that is, or that is not open now and therefore cannot be asked.
func (s *Server) noComparison(a *inbox.Account) page.NoComparison {
	ch, _, open := s.Accounts.Channel(a.ID)
	_, compares := ch.(channels.Reconciler)
	_, receives := ch.(channels.Receiver)
	switch {
	case !open || compares:
		return ""
	case mail.OnlyHanded(settingsOf(a)):
		return page.NoneHanded
	case a.Kind == "telegram":
		return page.NoneTelegram
	case receives:
		return page.NoneOther
	}
	return page.NoneHere
}

// reconcile is the page of an account's comparisons (mail rule 15).
func (s *Server) reconcile(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.showReconcile(w, r, c, nil)
}

func (s *Server) showReconcile(w http.ResponseWriter, r *http.Request, c *caller, refused *inbox.InvalidError) error {
	a, err := s.Inbox.Account(r.Context(), pathID(r, "id"))
	if err != nil {
		return err
	}
	out := page.Reconcile{Channel: page.Channel(a.Kind), Name: a.Name}
	if out.State, err = s.reconcileOf(r.Context(), c, a); err != nil {
		return err
	}
	status := http.StatusOK
	if refused != nil {
		status, out.State.Fault = http.StatusUnprocessableEntity, "reconcile.fault_"+refused.Code
	}
	if out.Shell, err = s.shell(r, c, page.SectionChannels); err != nil {
		return err
	}
	out.Title = c.say.Text("reconcile.title", "name", a.Name)
	s.show(w, r, status, c.lang, out)
	return nil
}

// reconcileState is the fragment that a page asks for while a comparison goes on.
func (s *Server) reconcileState(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := s.Inbox.Account(r.Context(), pathID(r, "id"))
	if err != nil {
		return err
	}
	state, err := s.reconcileOf(r.Context(), c, a)
	if err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, state)
	return nil
}

// askReconcile has the account compared now, which fetches what is missing.
func (s *Server) askReconcile(w http.ResponseWriter, r *http.Request, c *caller) error {
	id := pathID(r, "id")
	_, err := s.Inbox.AskReconcile(r.Context(), c.Viewer, id)
	var refused *inbox.InvalidError
	switch htmx := r.Header.Get("HX-Request") == "true"; {
	case errors.As(err, &refused) && !htmx:
		return s.showReconcile(w, r, c, refused)
	case err != nil && refused == nil:
		return err
	case htmx:
		return s.answerReconcile(w, r, c, id, refused)
	}
	http.Redirect(w, r, "/channels/"+formatID(id)+"/reconcile", http.StatusSeeOther)
	return nil
}

// answerReconcile ends the request with the fragment alone.
func (s *Server) answerReconcile(w http.ResponseWriter, r *http.Request, c *caller, id int64, refused *inbox.InvalidError) error {
	a, err := s.Inbox.Account(r.Context(), id)
	if err != nil {
		return err
	}
	state, err := s.reconcileOf(r.Context(), c, a)
	if err != nil {
		return err
	}
	if refused != nil {
		state.Fault = "reconcile.fault_" + refused.Code
	}
	s.show(w, r, http.StatusOK, c.lang, state)
	return nil
}

func (s *Server) reconcileOf(ctx context.Context, c *caller, a *inbox.Account) (page.ReconcileState, error) {
	out := page.ReconcileState{AccountID: a.ID, MayAsk: a.Enabled && a.StoppedAt == 0 && s.canReconcile(a.ID), None: s.noComparison(a)}
	runs, err := s.Inbox.ReconcileRuns(ctx, a.ID, reconcileRuns)
	if err != nil {
		return out, err
	}
	shown := false
	for i := range runs {
		x := &runs[i]
		out.Runs = append(out.Runs, c.reconcileRun(x))
		if x.Open() || shown {
			continue
		}
		shown = true
		items, err := s.Inbox.ReconcileItems(ctx, x.ID, reconcileItems)
		if err != nil {
			return out, err
		}
		missing := 0
		for _, st := range x.Streams {
			missing += st.Missing
		}
		for _, it := range items {
			out.Items = append(out.Items, page.ReconcileItem{Folder: it.Stream, Subject: it.Subject, At: it.At, Size: it.Size, Here: it.State == "fetched"})
		}
		out.MoreItems = missing - len(items)
	}
	return out, nil
}

func (c *caller) reconcileRun(x *inbox.ReconcileRun) page.ReconcileRun {
	out := page.ReconcileRun{At: x.AskedAt, State: x.State, Phase: x.Phase, Done: x.Done, Todo: x.Todo}
	if x.AskedBy > 0 {
		out.By = c.operator(x.AskedBy)
	}
	if !x.EndedAt.IsZero() {
		out.At = x.EndedAt
		out.Ended, out.Seconds = true, int(x.EndedAt.Sub(x.BeganAt)/time.Second)
	}
	if x.ErrorClass != "" {
		out.Error = &page.ChannelError{At: x.EndedAt, Class: x.ErrorClass, Text: x.ErrorText}
	}
	for _, st := range x.Streams {
		out.Streams = append(out.Streams, page.ReconcileStream{
			Name: st.Stream, Held: st.Held, Here: st.Here, Waiting: st.Waiting, Gone: st.Gone, Older: st.Older,
			Missing: st.Missing, Fetched: st.Fetched, Absent: st.Absent, Renumbered: st.Renumbered,
		})
	}
	return out
}
