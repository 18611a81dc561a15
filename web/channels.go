package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/web/page"
)

func (s *Server) channelRoutes() {
	s.mux.HandleFunc("GET /shell/health", s.staff(s.healthFragment))
	s.mux.HandleFunc("GET /shell/tally", s.staff(s.tallyFragment))
	s.mux.HandleFunc("GET /channels", s.staff(s.channels))
	s.mux.HandleFunc("GET /channels/new", s.admin(s.newChannel))
	s.mux.HandleFunc("GET /channels/{id}", s.admin(s.channel))
	s.mux.HandleFunc("POST /channels", s.admin(s.saveChannel))
	s.mux.HandleFunc("POST /channels/{id}", s.admin(s.saveChannel))
	s.mux.HandleFunc("POST /channels/{id}/probe", s.admin(s.probeChannel))
	s.mux.HandleFunc("POST /channels/{id}/pause", s.admin(s.pauseChannel))
	s.mux.HandleFunc("POST /channels/{id}/resume", s.admin(s.resumeChannel))
	s.reconcileRoutes()
}

// channels is the page of how all accounts fare.
func (s *Server) channels(w http.ResponseWriter, r *http.Request, c *caller) error {
	if !c.may().Channels {
		return inbox.ErrForbidden
	}
	list, err := s.Inbox.AccountsFaring(r.Context())
	if err != nil {
		return err
	}
	out := page.Channels{}
	if out.Accounts, err = s.channelCards(r.Context(), c, list); err != nil {
		return err
	}
	if c.Admin {
		if out.Scan, err = s.scanNote(r.Context()); err != nil {
			return err
		}
		for _, d := range s.Drivers {
			out.Kinds = append(out.Kinds, page.ChannelKind{Channel: page.Channel(d.Kind)})
		}
	}
	if out.Shell, err = s.shell(r, c, page.SectionChannels); err != nil {
		return err
	}
	s.show(w, r, http.StatusOK, c.lang, out)
	return nil
}

// answerCard ends an action on an account: with its card for htmx, else back on
// the page.
func (s *Server) answerCard(w http.ResponseWriter, r *http.Request, c *caller, id int64, key string, probed *page.ProbeResult) error {
	if r.Header.Get("HX-Request") != "true" {
		level := page.LevelOK
		f := page.Flash{Level: level, Key: key}
		if probed != nil {
			f = c.probeFlash(probed)
		}
		s.putFlash(r, f)
		http.Redirect(w, r, "/channels", http.StatusSeeOther)
		return nil
	}
	a, err := s.Inbox.AccountFaring(r.Context(), id)
	if err != nil {
		return err
	}
	cards, err := s.channelCards(r.Context(), c, []inbox.Account{*a})
	if err != nil {
		return err
	}
	cards[0].Probed = probed
	s.show(w, r, http.StatusOK, c.lang, cards[0])
	return nil
}

func (s *Server) pauseChannel(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.switchChannel(w, r, c, "paused", s.Inbox.PauseAccount)
}

func (s *Server) resumeChannel(w http.ResponseWriter, r *http.Request, c *caller) error {
	return s.switchChannel(w, r, c, "resumed", s.Inbox.ResumeAccount)
}

func (s *Server) switchChannel(w http.ResponseWriter, r *http.Request, c *caller, key string, do func(context.Context, inbox.Viewer, int64) error) error {
	id := pathID(r, "id")
	if err := do(r.Context(), c.Viewer, id); err != nil {
		return err
	}
	s.reloadAccounts(r)
	return s.answerCard(w, r, c, id, key, nil)
}

// reloadAccounts opens the accounts as they are now. One that cannot be opened
// is shown as stopped, so its error is only logged.
func (s *Server) reloadAccounts(r *http.Request) {
	if err := s.Accounts.Reload(context.WithoutCancel(r.Context())); err != nil {
		s.Log.WarnContext(r.Context(), "some accounts are not open", "error", db.SafeError(err))
	}
}

// probePatience is how long "try now" waits for the platform: a person looks on.
const probePatience = 15 * time.Second

// Classes of failure that no channel gives.
const (
	probeSlow      = "probe_slow"      // a trial: no answer in time
	notOpen        = "not_open"        // the account could not be opened
	sendingRefused = "sending_refused" // it is read, and what is to leave is refused
	sendingStuck   = "sending_stuck"   // so, and the server for sending is away
)

func (s *Server) probeChannel(w http.ResponseWriter, r *http.Request, c *caller) error {
	a, err := s.Inbox.Account(r.Context(), pathID(r, "id"))
	if err != nil {
		return err
	}
	return s.answerCard(w, r, c, a.ID, "", s.probe(r.Context(), a.ID))
}

// probe tries an account without changing anything. A channel that has no server
// to try is well when it is open.
func (s *Server) probe(ctx context.Context, id int64) *page.ProbeResult {
	ch, _, ok := s.Accounts.Channel(id)
	if !ok {
		return probeFailed(s.clock.Now(), &channels.Error{Class: notOpen})
	}
	p, ok := ch.(channels.Prober)
	if !ok {
		return &page.ProbeResult{OK: true, At: s.clock.Now()}
	}
	ctx, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	err := p.Probe(ctx)
	switch {
	case err == nil:
		return &page.ProbeResult{OK: true, At: s.clock.Now()}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return probeFailed(s.clock.Now(), &channels.Error{Class: probeSlow})
	}
	return probeFailed(s.clock.Now(), channels.AsError(err))
}

func probeFailed(at clock.Instant, e *channels.Error) *page.ProbeResult {
	return &page.ProbeResult{At: at, Error: &page.ChannelError{At: at, Class: string(e.Class), Code: e.Code, Text: e.Text}}
}

// probeFlash is the outcome of a trial in one sentence.
func (c *caller) probeFlash(p *page.ProbeResult) page.Flash {
	if p.OK {
		return page.Flash{Level: page.LevelOK, Key: "probe_ok"}
	}
	return page.Flash{Level: page.LevelLate, Key: "probe_failed", Args: map[string]any{"what": c.errorWords(p.Error.Class)}}
}

// errorWords is a class of failure in words.
func (c *caller) errorWords(class string) string {
	return c.say.Either("channel_error.", class, c.say.Text("channel_error.other"))
}
