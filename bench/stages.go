package bench

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

type logger = slog.Logger

// stages adds up what the inbox logs about the time its steps took.
type stages struct {
	slog.Handler

	mu    *sync.Mutex
	spent map[string]time.Duration
	count map[string]int64
}

func newStages(below slog.Handler) *stages {
	return &stages{Handler: below, mu: &sync.Mutex{}, spent: map[string]time.Duration{}, count: map[string]int64{}}
}

func (s *stages) logger() *logger { return slog.New(s) }

// Enabled lets the inbox's timing through, which is told at level debug.
func (s *stages) Enabled(context.Context, slog.Level) bool { return true }

// Handle adds up durations; what is no timing goes on to the log.
func (s *stages) Handle(ctx context.Context, r slog.Record) error {
	timed := false
	r.Attrs(func(a slog.Attr) bool {
		if a.Value.Kind() == slog.KindDuration && r.Level == slog.LevelDebug {
			timed = true
			s.mu.Lock()
			s.spent[a.Key] += a.Value.Duration()
			s.count[a.Key]++
			s.mu.Unlock()
		}
		return true
	})
	if timed || !s.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return s.Handler.Handle(ctx, r)
}

// WithAttrs keeps adding up.
func (s *stages) WithAttrs(attrs []slog.Attr) slog.Handler {
	t := *s
	t.Handler = s.Handler.WithAttrs(attrs)
	return &t
}

// WithGroup keeps adding up.
func (s *stages) WithGroup(name string) slog.Handler {
	t := *s
	t.Handler = s.Handler.WithGroup(name)
	return &t
}

// told are the seconds spent in each step, and how many times it was done.
// Steps run beside each other, so that the sum may be more than the time.
func (s *stages) told() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]any{}
	for k, d := range s.spent {
		out[k] = map[string]any{"seconds": round(d.Seconds()), "times": s.count[k]}
	}
	return out
}
