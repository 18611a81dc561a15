package bench

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"filodiretto/bench/rig"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue/rush"
	"filodiretto/queue/score"
	"filodiretto/queue/simulate"
)

// rushes is the worst morning of a town hall: 64 counters call and 32 kiosks give
// numbers at once, without a pause.
func rushes(ctx context.Context, s *session) ([]Figure, error) {
	base, err := s.database()
	if err != nil {
		return nil, err
	}
	open := func() (*db.DB, error) { return db.Open(ctx, base.URL, clock.System{}, db.Options{}) }
	first, err := open()
	if err != nil {
		return nil, err
	}
	if err := first.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := first.Close(); err != nil {
		return nil, err
	}
	plan := rush.Whole
	plan.Tickets = s.size(plan.Tickets, 500)
	defer s.profile("rush")()
	r, err := rush.Run(ctx, plan, s.log, open)
	if err != nil {
		return nil, err
	}
	more := map[string]any{
		"counters": plan.Counters, "kiosks": plan.Kiosks, "most_waiting": r.MostWaiting, "seconds": round(r.Took.Seconds()), "commands_s": round(r.CommandsASec),
		"call_p50_ms": round(ms(r.CallP50)), "call_max_ms": round(ms(r.CallMax)), "issue_p99_ms": round(ms(r.IssueP99)),
	}
	return []Figure{
		{Name: "queue_ticket_twice", Value: float64(r.CalledTwice + r.NumberTwice), Unit: "tickets", N: plan.Tickets, More: map[string]any{"called_twice": r.CalledTwice, "number_twice": r.NumberTwice}},
		{Name: "queue_ticket_lost", Value: float64(r.NeverCalled + r.NumberLost), Unit: "tickets", N: plan.Tickets, More: map[string]any{"never_called": r.NeverCalled, "number_lost": r.NumberLost}},
		{Name: "call_next_p99_ms", Value: ms(r.CallP99), Unit: "ms", N: r.Calls, More: more},
	}, nil
}

// estimates scores the estimate of waits against the simple ones and the German
// peer's, on made-up offices with common random numbers (queue 4.4).
func estimates(ctx context.Context, s *session) ([]Figure, error) {
	size := score.Full
	if s.quick {
		size = score.Small
	}
	r, err := score.Score(ctx, simulate.Offices(), size)
	if err != nil {
		return nil, err
	}
	more := map[string]any{"offices": r.Offices}
	return []Figure{
		{Name: "eta_mae_ratio_zms", Value: r.RatioPeer, Unit: "ratio", N: len(r.Offices), More: more},
		{Name: "eta_mae_ratio_best", Value: r.RatioBest, Unit: "ratio", N: len(r.Offices)},
		{Name: "eta_p80_coverage", Value: r.Worst, Unit: "share", N: len(r.Offices), More: map[string]any{"band": r.WorstBand}},
	}, nil
}

// estimateSpeed is how long place and range of 300 waiting people take.
func estimateSpeed(_ context.Context, s *session) ([]Figure, error) {
	e, snapshot, err := score.Crowd(300)
	if err != nil {
		return nil, err
	}
	times := make([]time.Duration, s.size(60, 3))
	for i := range times {
		start := time.Now()
		if got := len(e.Estimate(snapshot).Waiting); got != 300 {
			return nil, fmt.Errorf("%d estimates of 300", got)
		}
		times[i] = time.Since(start)
	}
	slices.Sort(times)
	p95 := times[len(times)*95/100]
	return []Figure{{Name: "estimate_ms", Value: ms(p95), Unit: "ms", N: len(times), More: map[string]any{"people": 300, "p50_ms": round(ms(times[len(times)/2]))}}}, nil
}

// database is an empty one of this measurement's kind, gone with it.
func (s *session) database() (rig.Database, error) {
	dir, err := os.MkdirTemp("", "fd-bench-")
	if err != nil {
		return rig.Database{}, err
	}
	s.onClose(func() error { return os.RemoveAll(dir) })
	d, err := s.kind.Open(dir)
	if err == nil {
		s.onClose(d.Close)
	}
	return d, err
}
