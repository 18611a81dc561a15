package bench

import (
	"context"
	"time"

	"filodiretto/bench/rig"
)

const mib = 1 << 20

// idle measures one process with an empty database, a mailbox that nobody writes
// to and a bot that nobody speaks to, over a minute: memory and processor.
func idle(ctx context.Context, s *session) ([]Figure, error) {
	p, _, err := s.process(ctx, rig.Setup{Bot: true})
	if err != nil {
		return nil, err
	}
	settle, watch := 10*time.Second, time.Minute
	if s.quick {
		settle, watch = time.Second, 2*time.Second
	}
	if err := rest(ctx, settle); err != nil {
		return nil, err
	}
	before, err := p.CPU()
	if err != nil {
		return nil, err
	}
	from := now()
	if err := rest(ctx, watch); err != nil {
		return nil, err
	}
	took := now().Sub(from)
	after, err := p.CPU()
	if err != nil {
		return nil, err
	}
	held, most, err := p.Memory()
	if err != nil {
		return nil, err
	}
	more := map[string]any{"most_mib": round(float64(most) / mib), "seconds": round(took.Seconds()), "load": load()}
	return []Figure{
		{Name: "idle_rss_mib", Value: float64(held) / mib, Unit: "MiB", N: 1, More: more},
		{Name: "idle_cpu_pct", Value: 100 * (after - before).Seconds() / took.Seconds(), Unit: "% of one core", N: 1, More: more},
	}, p.Stop()
}

// ingestMemory is the ingest measurement with the program as a process of its
// own: the most memory that it ever held.
func ingestMemory(ctx context.Context, s *session) ([]Figure, error) {
	letters := rig.Letters(letterSeed, s.size(10_000, 300))
	r, err := s.rig()
	if err != nil {
		return nil, err
	}
	// the town is made beforehand, by a program that is stopped again
	a, err := s.program(ctx, r, rig.Setup{}, s.log)
	if err != nil {
		return nil, err
	}
	if err := a.Stop(); err != nil {
		return nil, err
	}
	if err := deliver(r, letters); err != nil {
		return nil, err
	}
	from := now()
	p, err := s.start(ctx, r, rig.Setup{})
	if err != nil {
		return nil, err
	}
	look, err := openDatabase(ctx, r)
	if err != nil {
		return nil, err
	}
	defer look.Close()
	if err := awaitFiledIn(ctx, look, len(letters)); err != nil {
		return nil, err
	}
	took := now().Sub(from)
	_, most, err := p.Memory()
	if err != nil {
		return nil, err
	}
	return []Figure{{Name: "ingest_rss_mib", Value: float64(most) / mib, Unit: "MiB", N: len(letters), More: map[string]any{
		"msg_per_s": round(perSecond(len(letters), took)), "load": load(),
	}}}, p.Stop()
}

// process starts the program as a process of its own on a fresh rig.
func (s *session) process(ctx context.Context, set rig.Setup) (*rig.Process, *rig.Rig, error) {
	r, err := s.rig()
	if err != nil {
		return nil, nil, err
	}
	p, err := s.start(ctx, r, set)
	return p, r, err
}

func (s *session) start(ctx context.Context, r *rig.Rig, set rig.Setup) (*rig.Process, error) {
	program, err := rig.Program()
	if err != nil {
		return nil, err
	}
	p, err := r.Start(program, set)
	if err != nil {
		return nil, err
	}
	return p, p.AwaitReady(ctx)
}

// rest waits.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
