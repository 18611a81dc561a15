package web

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/db"
	"filodiretto/router"
	"filodiretto/web/page"
)

func (s *Server) loginRoutes() {
	s.mux.HandleFunc("GET /login", s.loginPage)
	s.mux.HandleFunc("POST /login", s.login)
	s.mux.HandleFunc("POST /logout", s.logout)
	s.mux.HandleFunc("POST /me", s.staff(s.setMe))
	s.accessRoutes()
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	if s.sessions.GetInt64(r.Context(), operatorKey) != 0 {
		http.Redirect(w, r, safeNext(r.URL.Query().Get("next")), http.StatusSeeOther)
		return
	}
	s.keepLang(w, r)
	v := page.Login{Municipality: town(s.Config.Municipality.Name), Lang: s.lang(r), Next: safeNext(r.URL.Query().Get("next"))}
	if f := r.URL.Query().Get("fault"); f == "ended" || f == "disabled" {
		v.Fault = f
	}
	s.show(w, r, http.StatusOK, v.Lang, v)
}

// login checks name and password. Failures are counted per name and per network
// address, in the database so that they count on every machine; what is over the
// limit is slowed down, never locked for good (that would let anybody lock out
// an office).
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	if err := readForm(r); err != nil {
		s.fail(w, r, err)
		return
	}
	user, pass := strings.ToLower(strings.TrimSpace(r.PostFormValue("user"))), r.PostFormValue("password")
	back := func(status int, fault string, wait time.Duration) {
		s.show(w, r, status, s.lang(r), page.Login{
			Municipality: town(s.Config.Municipality.Name), Lang: s.lang(r), User: user,
			Next: safeNext(r.PostFormValue("next")), Fault: fault, Wait: int(wait.Seconds()) + 1,
		})
	}
	keys := []string{"name:" + user, "address:" + s.clientIP(r)}
	if wait := s.slow.wait(r.Context(), keys); wait > 0 {
		back(http.StatusTooManyRequests, "slow", wait)
		return
	}
	op, err := s.checkPassword(r.Context(), user, pass)
	switch {
	case errors.Is(err, inbox.ErrNotFound):
		s.slow.failed(r.Context(), keys)
		back(http.StatusUnauthorized, "wrong", 0)
		return
	case err != nil:
		s.fail(w, r, err)
		return
	}
	s.slow.succeeded(r.Context(), keys[:1])
	s.Router.Forget() // whoever was shown out for a change comes in with what they may now
	if err := s.beginSession(r.Context(), op.ID); err != nil {
		s.fail(w, r, err)
		return
	}
	s.noteLogin(r.Context(), op)
	http.Redirect(w, r, safeNext(r.PostFormValue("next")), http.StatusSeeOther)
}

func (s *Server) checkPassword(ctx context.Context, user, pass string) (*router.Operator, error) {
	op, err := s.Router.OperatorByLogin(ctx, user)
	if errors.Is(err, inbox.ErrNotFound) {
		return nil, errors.Join(err, s.Hasher.VerifyNobody(ctx, pass))
	}
	if err != nil {
		return nil, err
	}
	ok, err := s.Hasher.Verify(ctx, pass, op.Password)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, inbox.ErrNotFound
	}
	if s.Hasher.Stale(op.Password) {
		if h, err := s.Hasher.Hash(ctx, pass); err == nil {
			_ = s.Router.RenewHash(ctx, op.ID, op.Password, h) // the old one still works
		}
	}
	return op, nil
}

// noteLogin writes down who came in and when. It is no reason to keep somebody out.
func (s *Server) noteLogin(ctx context.Context, op *router.Operator) {
	if err := s.Router.NoteLogin(ctx, op.ID); err != nil {
		s.Log.ErrorContext(ctx, "a login could not be noted", "error", db.SafeError(err))
	}
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/login?fault=ended", http.StatusSeeOther)
}

func (s *Server) setMe(w http.ResponseWriter, r *http.Request, c *caller) error {
	p := router.Preferences{Lang: c.op.Lang, KeysOff: c.op.KeysOff, Away: c.op.Away}
	if l := r.PostFormValue("lang"); l != "" {
		p.Lang = l
	}
	if k := r.PostFormValue("keys"); k != "" {
		p.KeysOff = k == "off"
	}
	if err := s.Router.SetPreferences(r.Context(), c.Viewer, p); err != nil {
		return err
	}
	http.Redirect(w, r, safeNext(r.PostFormValue("back")), http.StatusSeeOther)
	return nil
}

// safeNext lets nobody be sent elsewhere after logging in.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n") {
		return "/cases"
	}
	return next
}

// clientIP is the address of who asks, behind trusted proxies the one they tell.
func (s *Server) clientIP(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "unknown"
	}
	ip := ap.Addr().Unmap()
	hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(ip); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = next.Unmap()
	}
	return ip.String()
}

func (s *Server) trusted(ip netip.Addr) bool {
	for _, p := range s.Config.Server.Proxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}
