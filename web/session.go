package web

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/secret"
	"filodiretto/web/assets"
)

// What a session holds.
const (
	operatorKey = "operator" // id of who logged in
	beganKey    = "began"    // instant of the log-in, or of the last new password
)

// store keeps sessions in the database, under a hash of their token: who reads
// the table cannot take a session over. A session of somebody who is disabled, or
// who was shown out since it began, is found no more, by whatever process.
type store struct{ db *db.DB }

// Find reads a session.
func (s store) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// FindCtx reads a session.
func (s store) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var rows []struct{ Data []byte }
	err := s.db.Ask(ctx, `SELECT s.data FROM sessions AS s LEFT JOIN operators AS op ON op.id = s.operator_id
		WHERE s.token = ? AND s.expires_at > ? AND (s.operator_id = 0 OR op.disabled_at = 0 AND s.began_at >= op.sessions_from)`, []any{secret.HashToken(token), s.db.Clock.Now()}, &rows)
	if err != nil || len(rows) == 0 {
		return nil, false, err
	}
	return rows[0].Data, true, nil
}

// operator is whose session has that name in the table; errLogin when there is none
// that holds.
func (s store) operator(ctx context.Context, name string) (int64, error) {
	var rows []struct{ OperatorID int64 }
	err := s.db.Ask(ctx, `SELECT s.operator_id FROM sessions AS s JOIN operators AS op ON op.id = s.operator_id
		WHERE s.token = ? AND s.expires_at > ? AND op.disabled_at = 0 AND s.began_at >= op.sessions_from`, []any{name, s.db.Clock.Now()}, &rows)
	if err == nil && len(rows) == 0 {
		err = errLogin
	}
	if err != nil {
		return 0, err
	}
	return rows[0].OperatorID, nil
}

// Commit writes a session.
func (s store) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

// CommitCtx writes a session.
func (s store) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	_, holds, err := scs.GobCodec{}.Decode(b)
	if err != nil {
		return fmt.Errorf("read a session: %w", err)
	}
	operator, _ := holds[operatorKey].(int64)
	began, _ := holds[beganKey].(int64)
	_, err = s.db.Write.NewRaw(`INSERT INTO sessions (token, data, operator_id, began_at, expires_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, operator_id = excluded.operator_id, began_at = excluded.began_at, expires_at = excluded.expires_at`,
		secret.HashToken(token), b, operator, began, clock.At(expiry)).Exec(ctx)
	return err
}

// Delete ends a session.
func (s store) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// DeleteCtx ends a session.
func (s store) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.db.Write.NewRaw("DELETE FROM sessions WHERE token = ?", secret.HashToken(token)).Exec(ctx)
	return err
}

// beginSession makes this browser's session the operator's, from now on, under a
// new token.
func (s *Server) beginSession(ctx context.Context, operator int64) error {
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, operatorKey, operator)
	s.sessions.Put(ctx, beganKey, int64(s.clock.Now()))
	return nil
}

func newSessions(d Deps) *scs.SessionManager {
	m := scs.New()
	m.Store = store{d.DB}
	m.Lifetime = time.Duration(d.Config.Security.SessionHours) * time.Hour
	m.Cookie.Name = "filodiretto"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = !d.Config.Server.InsecureCookies
	if m.Cookie.Secure {
		m.Cookie.Name = "__Host-filodiretto"
	}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		d.Log.ErrorContext(r.Context(), "a session could not be read or written", "error", db.SafeError(err))
		http.Error(w, "Service unavailable: try again in a minute.", http.StatusServiceUnavailable)
	}
	return m
}

// withSession reads the session for pages; what authenticates by token, or is
// the same for everybody, does not ask the database for one.
func (s *Server) withSession(next http.Handler) http.Handler {
	paged := s.sessions.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sessionless(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		paged.ServeHTTP(w, r)
	})
}

func sessionless(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, assets.Prefix) ||
		path == "/healthz" || path == "/readyz" || path == "/metrics" || ofRoom(path)
}

func stack() string { return string(debug.Stack()) }

// ofRoom reports whether a page belongs to a device or to who holds a number: it is
// opened by a token or a secret, thousands of times, and no operator is asked for.
func ofRoom(path string) bool {
	for _, p := range []string{"/kiosk/", "/display/", "/tablet/", "/p/t/"} {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}
