// Package logging makes the program's one logger. Whatever is logged passes a
// guard that keeps secrets, contents and addresses out (architecture, 10).
package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
)

// New makes a logger that writes to w. level is "debug", "info", "warn" or
// "error", format "text" or "json", as the configuration has them.
func New(w io.Writer, level, format string) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: want debug, info, warn or error", level)
	}
	opts := &slog.HandlerOptions{Level: least}
	switch format {
	case "text":
		return slog.New(Guard(slog.NewTextHandler(w, opts))), nil
	case "json":
		return slog.New(Guard(slog.NewJSONHandler(w, opts))), nil
	}
	return nil, fmt.Errorf("log format %q: want text or json", format)
}

// Guard wraps a handler so that what must not be logged is masked on the way,
// and the id of the request in the context is added.
func Guard(next slog.Handler) slog.Handler { return guard{next} }

type guard struct{ next slog.Handler }

// Enabled asks the wrapped handler.
func (g guard) Enabled(ctx context.Context, level slog.Level) bool {
	return g.next.Enabled(ctx, level)
}

// Handle masks the record and passes it on.
func (g guard) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, Scrub(r.Message), r.PC)
	if id := RequestID(ctx); id != "" {
		clean.AddAttrs(slog.String("request", id))
	}
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(safe(a))
		return true
	})
	return g.next.Handle(ctx, clean)
}

// WithAttrs masks the attributes once, for all records to come.
func (g guard) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = safe(a)
	}
	return guard{g.next.WithAttrs(clean)}
}

// WithGroup opens a group; what is in it is masked by its own names.
func (g guard) WithGroup(name string) slog.Handler { return guard{g.next.WithGroup(name)} }
