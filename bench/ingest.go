package bench

import (
	"context"
	"fmt"
	"time"

	"filodiretto/app"
	"filodiretto/bench/rig"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// letterSeed makes the mails of all measurements, so that two runs compare.
const letterSeed = 2026

// ingest measures mails that wait in Dovecot when the program starts: fetched,
// committed raw, read, filed on cases and routed by ten rules, all durable. The
// time is from Start until nothing waits. Then every mail is looked for: none may
// be lost, doubled or in a case of another thread.
func ingest(ctx context.Context, s *session) ([]Figure, error) {
	letters := rig.Letters(letterSeed, s.size(10_000, 300))
	r, err := s.rig()
	if err != nil {
		return nil, err
	}
	stages := newStages(s.log.Handler())
	a, err := s.program(ctx, r, rig.Setup{Roles: []string{"worker"}}, stages.logger())
	if err != nil {
		return nil, err
	}
	if err := deliver(r, letters); err != nil {
		return nil, err
	}
	used := startUse()
	defer s.profile("ingest")()
	from := now()
	if err := a.Start(ctx); err != nil {
		return nil, err
	}
	if err := awaitFiled(ctx, a, len(letters)); err != nil {
		return nil, err
	}
	took := now().Sub(from)
	use := used.since(took)
	check, err := checkLetters(ctx, a.DB, letters)
	if err != nil {
		return nil, err
	}
	f := Figure{Name: "ingest", Value: perSecond(len(letters), took), Unit: "msg/s", N: len(letters), More: map[string]any{
		"seconds": round(took.Seconds()), "check": check, "use": use, "where": stages.told(),
	}}
	return []Figure{f}, check.err()
}

// program makes the program in this process, with the town's staff and rules.
// The caller starts it.
func (s *session) program(ctx context.Context, r *rig.Rig, set rig.Setup, log *logger) (*app.App, error) {
	cfg, err := r.Config(set)
	if err != nil {
		return nil, err
	}
	a, err := app.New(ctx, cfg, log)
	if err != nil {
		return nil, fmt.Errorf("make the program: %w", err)
	}
	s.onClose(a.Stop)
	if err := rig.Staff(ctx, a.Router, a.Hasher); err != nil {
		return nil, err
	}
	return a, nil
}

func deliver(r *rig.Rig, letters []rig.Letter) error {
	raws := make([][]byte, len(letters))
	for i := range letters {
		raws[i] = letters[i].Raw
	}
	return r.Deliver(raws...)
}

// awaitFiled waits until n raw items came and none of them waits any more.
func awaitFiled(ctx context.Context, a *app.App, n int) error { return awaitFiledIn(ctx, a.DB, n) }

func awaitFiledIn(ctx context.Context, d *db.DB, n int) error {
	return poll(ctx, func() (bool, error) {
		var all, pending int
		err := d.Read.NewRaw("SELECT count(*) FROM raws WHERE state = 'pending'").Scan(ctx, &pending)
		if err != nil || pending > 0 {
			return false, err
		}
		err = d.Read.NewRaw("SELECT count(*) FROM raws WHERE state <> 'pending'").Scan(ctx, &all)
		return all >= n, err
	})
}

// openDatabase is our own look at the database of a program that runs as a
// process of its own.
func openDatabase(ctx context.Context, r *rig.Rig) (*db.DB, error) {
	d, err := db.Open(ctx, r.Database.URL, clock.System{}, db.Options{})
	if err != nil {
		return nil, fmt.Errorf("look into the program's database: %w", err)
	}
	return d, nil
}

// patience is how long a measurement may wait for one thing.
const patience = 15 * time.Minute

// poll asks about 20 times a second until the answer is yes.
func poll(ctx context.Context, ask func() (bool, error)) error {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	t := time.NewTicker(50 * time.Millisecond)
	defer t.Stop()
	for {
		if ok, err := ask(); ok || err != nil {
			return err
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return fmt.Errorf("waited in vain: %w", ctx.Err())
		}
	}
}

func now() clock.Instant { return clock.System{}.Now() }
