package web

import (
	"context"
	"strings"
	"time"

	"filodiretto/internal/config"
	"filodiretto/internal/db"
)

// slowdown counts failures in a window.
type slowdown struct {
	db     *db.DB
	limits map[string]int // by the key's kind
	window time.Duration
}

func newSlowdown(d *db.DB, c config.Security) *slowdown {
	return &slowdown{db: d, window: c.LoginWindow, limits: map[string]int{"name": c.LoginFailures, "address": c.LoginAddress, "case": 10}}
}

// wait is how long the keys must wait; each failure over the limit doubles it,
// up to the window.
func (s *slowdown) wait(ctx context.Context, keys []string) time.Duration {
	now := s.db.Clock.Now()
	var longest time.Duration
	for _, k := range keys {
		var row struct {
			Failures int
			LastAt   int64
		}
		err := s.db.Read.NewRaw("SELECT failures, last_at FROM login_attempts WHERE key = ?", hashKey(k)).Scan(ctx, &row)
		if err != nil {
			continue // no row: no failure
		}
		kind, _, _ := strings.Cut(k, ":")
		over := row.Failures - s.limits[kind]
		if over < 0 {
			continue
		}
		pause := min(s.window, time.Second<<min(over, 20))
		if left := pause - time.Duration(int64(now)-row.LastAt)*time.Microsecond; left > longest {
			longest = left
		}
	}
	return longest
}

func (s *slowdown) failed(ctx context.Context, keys []string) {
	now := s.db.Clock.Now()
	for _, k := range keys {
		_, _ = s.db.Write.NewRaw(`INSERT INTO login_attempts (key, failures, last_at) VALUES (?, 1, ?)
			ON CONFLICT (key) DO UPDATE SET failures = CASE WHEN login_attempts.last_at < ? THEN 1 ELSE login_attempts.failures + 1 END, last_at = excluded.last_at`,
			hashKey(k), now, now.Add(-s.window)).Exec(ctx)
	}
}

func (s *slowdown) succeeded(ctx context.Context, keys []string) {
	for _, k := range keys {
		_, _ = s.db.Write.NewRaw("DELETE FROM login_attempts WHERE key = ?", hashKey(k)).Exec(ctx)
	}
}
