// Package bench measures Filo Diretto as a town would use it: the real program,
// real servers, everything durable. Each figure is one JSON line.
//
// FILODIRETTO_BENCH_QUICK=1 makes the numbers small, to see that everything
// still runs; such figures are marked and have no floor.
// FILODIRETTO_BENCH_DIR names a folder in which the large made-up town is kept
// between runs; without it each run makes it anew.
// FILODIRETTO_BENCH_PROGRAM is the program to be run as a process of its own;
// without it, it is the one that runs the bench.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"filodiretto/bench/rig"
)

// measure is one thing that is done to get one or more figures.
type measure struct {
	kind  rig.Kind // "" for what asks no database
	names []string // of its figures, without the database
	run   func(context.Context, *session) ([]Figure, error)
}

// figures are the names that the measure gives.
func (m measure) figures() []string {
	out := make([]string, len(m.names))
	for i, n := range m.names {
		out[i] = m.full(n)
	}
	return out
}

// full is a figure's name with its database, where it has one.
func (m measure) full(name string) string {
	if m.kind == "" {
		return name
	}
	return name + "_" + string(m.kind)
}

// measures are all, in the order in which they are run.
func measures() []measure {
	var out []measure
	for _, k := range rig.Kinds {
		out = append(out,
			measure{k, []string{"ingest"}, ingest},
			measure{k, []string{"ingest_rss_mib"}, ingestMemory},
			measure{k, []string{"arrival_p95_ms"}, arrival},
			measure{k, []string{"list_p95_ms", "list16_p95_ms", "list_deep_p95_ms"}, lists},
			measure{k, []string{"case_p95_ms", "case_page_p95_ms"}, caseViews},
			measure{k, []string{"search_p95_ms"}, searches},
			measure{k, []string{"reply"}, reply},
			measure{k, []string{"idle_rss_mib", "idle_cpu_pct"}, idle},
			measure{k, []string{"catchup_live_p95_ms"}, catchup},
			measure{k, []string{"reconcile_s"}, reconciled},
			measure{k, []string{"big_mail_rss_mib"}, bigMails},
			measure{k, []string{"crash_lost", "crash_doubled"}, crashes},
			measure{k, []string{"pec_crash_lost", "pec_crash_doubled"}, certifiedCrashes},
			measure{k, []string{"phones_fanout_p95_ms", "phones_rss_mib"}, phones},
			measure{k, []string{"queue_ticket_twice", "queue_ticket_lost", "call_next_p99_ms"}, rushes},
		)
	}
	out = append(out,
		measure{"", []string{"parse_msgs_s"}, parseSpeed},
		measure{"", []string{"pec_msgs_s"}, certifiedSpeed},
		measure{"", []string{"estimate_ms"}, estimateSpeed},
		measure{"", []string{"eta_mae_ratio_zms", "eta_mae_ratio_best", "eta_p80_coverage"}, estimates},
	)
	for _, k := range rig.Kinds { // last: its days lie ahead, and ids are given in order of time
		out = append(out, measure{k, []string{"day_rebuild_s"}, yearAgain})
	}
	return out
}

// Names are all figures.
func Names() []string {
	var out []string
	for _, m := range measures() {
		out = append(out, m.figures()...)
	}
	return out
}

// Run measures and writes a line for each figure. only names some; a name may
// leave out its end ("ingest" is ingest_sqlite, ingest_rss_mib_postgres, ...);
// empty means all. A measurement that fails does not stop the others; all
// failures are returned together.
func Run(ctx context.Context, w io.Writer, only []string, log *slog.Logger) error {
	for _, o := range only {
		if !slices.ContainsFunc(Names(), func(n string) bool { return names(o, n) }) {
			return fmt.Errorf("bench: no figure is called %q: there are %s", o, strings.Join(Names(), ", "))
		}
	}
	wanted := func(n string) bool {
		return len(only) == 0 || slices.ContainsFunc(only, func(o string) bool { return names(o, n) })
	}
	made, err := newTowns()
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	return errors.Join(runAll(ctx, w, wanted, made, log), made.close())
}

func runAll(ctx context.Context, w io.Writer, wanted func(string) bool, made *towns, log *slog.Logger) error {
	var errs []error
	for _, m := range measures() {
		if !slices.ContainsFunc(m.figures(), wanted) {
			continue
		}
		s := &session{kind: m.kind, log: log, quick: os.Getenv("FILODIRETTO_BENCH_QUICK") == "1", towns: made}
		found, err := m.run(ctx, s)
		if err = errors.Join(err, s.close()); err != nil {
			errs = append(errs, fmt.Errorf("bench: %s: %w", strings.Join(m.figures(), ", "), err))
		}
		for _, f := range found {
			f.finish(m.kind, s.quick)
			if !wanted(f.Name) {
				continue
			}
			if err := json.NewEncoder(w).Encode(f); err != nil {
				return fmt.Errorf("bench: %w", err)
			}
		}
		if ctx.Err() != nil {
			return errors.Join(append(errs, ctx.Err())...)
		}
	}
	return errors.Join(errs...)
}

// names reports whether o stands for the figure n.
func names(o, n string) bool {
	o = strings.TrimRight(o, "*_")
	return o == n || o != "" && strings.HasPrefix(n, o+"_")
}

// session is one measurement.
type session struct {
	kind   rig.Kind
	log    *slog.Logger
	quick  bool
	towns  *towns
	closes []func() error
}

// size is how many of something are measured: full, or a few in quick mode.
func (s *session) size(full, quick int) int {
	if s.quick {
		return quick
	}
	return full
}

func (s *session) onClose(f func() error) { s.closes = append(s.closes, f) }

func (s *session) close() error {
	var errs []error
	for _, f := range slices.Backward(s.closes) {
		errs = append(errs, f())
	}
	s.closes = nil
	return errors.Join(errs...)
}

// rig starts a private town for this measurement.
func (s *session) rig() (*rig.Rig, error) {
	r, err := rig.New(s.kind)
	if err != nil {
		return nil, err
	}
	s.onClose(r.Close)
	return r, nil
}
