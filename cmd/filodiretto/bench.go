package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"filodiretto/bench"
)

type benchCommand struct {
	Only []string `help:"Measure these figures only; a beginning stands for all that begin so. Without it, the variable ONLY; else all."`
}

// Help is shown by `filodiretto bench --help`.
func (benchCommand) Help() string {
	return `Starts private servers (Debian's PostgreSQL, Redis and Dovecot) and measures what the program does with them, with everything written durably. Each figure is one JSON line on standard output.

Figures: ` + strings.Join(bench.Names(), ", ") + `

Examples:
  filodiretto bench
  ONLY=ingest,reply filodiretto bench
  FILODIRETTO_BENCH_QUICK=1 filodiretto bench --only list`
}

// Run measures.
func (c *benchCommand) Run(ctx context.Context, s *shell) error {
	only := c.Only
	if len(only) == 0 {
		only = strings.FieldsFunc(s.getenv("ONLY"), func(r rune) bool { return r == ',' || r == ' ' })
	}
	for _, o := range only {
		if !slices.ContainsFunc(bench.Names(), func(n string) bool { return n == o || strings.HasPrefix(n, strings.TrimRight(o, "*_")+"_") }) {
			return wrongUse("no figure is called %q: use some of %s", o, strings.Join(bench.Names(), ", "))
		}
	}
	return bench.Run(ctx, s.out, only, slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
}
