// Package crash kills the real program again and again at moments of chance,
// while mail goes on arriving in Dovecot and answers go on being posted through
// the API, and then looks whether anything was lost or doubled.
package crash

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"filodiretto/bench/rig"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Options say what to do.
type Options struct {
	Program string // path of the program to be killed
	Kind    rig.Kind
	Rounds  int // kills
	Seed    uint64
	Log     *slog.Logger
}

// How long a life is: from the first moments of the start to well into the work.
const (
	shortest = 100 * time.Millisecond
	longest  = 2200 * time.Millisecond
)

// world is what goes on around the program.
type world struct {
	Options
	rig    *rig.Rig
	setup  rig.Setup
	feeds  func(context.Context) error // lets mail arrive until ctx ends
	due    func() int                  // how much must have arrived by now
	db     *db.DB                      // our own look at the program's database
	arrive *rand.Rand                  // of the mail
	lives  *rand.Rand
	token  string

	mu      sync.Mutex
	addr    string          // where the present life answers
	mails   []string        // Message-IDs that were delivered
	replies map[string]bool // by mark: whether the API said that it is done
	refused int
}

// Run kills the program Rounds times and reports what became of everything.
func Run(ctx context.Context, o Options) (rep *Report, err error) {
	r, err := rig.New(o.Kind)
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := r.Close(); err == nil {
			err = cerr
		}
	}()
	w := newWorld(o, r)
	w.feeds, w.due = w.feed, func() int { return len(w.mails) }
	rep = &Report{}
	err = w.whole(ctx, rep, func() error { return w.count(ctx, rep) })
	return rep, err
}

func newWorld(o Options, r *rig.Rig) *world {
	return &world{Options: o, rig: r, replies: map[string]bool{}, arrive: rand.New(rand.NewPCG(o.Seed, 1)), lives: rand.New(rand.NewPCG(o.Seed, 2))}
}

// whole prepares the town, lets it live and die, and then counts.
func (w *world) whole(ctx context.Context, rep *Report, count func() error) (err error) {
	if w.token, err = prepare(ctx, w.rig, w.setup, w.Log); err != nil {
		return fmt.Errorf("crash: prepare the town: %w", err)
	}
	if w.db, err = db.Open(ctx, w.rig.Database.URL, clock.System{}, db.Options{}); err != nil {
		return fmt.Errorf("crash: %w", err)
	}
	defer w.db.Close()
	if err := w.live(ctx, rep); err != nil {
		return err
	}
	return count()
}

// live lets the town go on while the program dies and comes back, and then lets
// the last life finish what is left.
func (w *world) live(ctx context.Context, rep *Report) error {
	town, stop := context.WithCancel(ctx)
	defer stop()
	var group sync.WaitGroup
	var feedErr error
	group.Go(func() { feedErr = w.feeds(town) })
	posting, give := context.WithCancel(ctx)
	defer give()
	for i := range posters {
		group.Go(func() { w.post(town, posting, i) })
	}
	for round := range w.Rounds {
		if err := w.oneLife(ctx, rep); err != nil {
			return fmt.Errorf("crash: life %d: %w", round+1, err)
		}
	}
	last, err := w.start()
	if err != nil {
		return err
	}
	if err := last.AwaitReady(ctx); err != nil {
		return err
	}
	stop() // no new mail and no new answers; those begun are posted to their end
	group.Wait()
	if feedErr != nil {
		return feedErr
	}
	if err := w.awaitDone(ctx, last); err != nil {
		return err
	}
	return last.Stop()
}

// oneLife starts the program, kills it after a while, and notes what it was at.
func (w *world) oneLife(ctx context.Context, rep *Report) error {
	p, err := w.start()
	if err != nil {
		return err
	}
	t := time.NewTimer(shortest + time.Duration(w.lives.Int64N(int64(longest-shortest))))
	defer t.Stop()
	select {
	case <-t.C:
	case <-p.Ended():
		return fmt.Errorf("the program ended by itself: %w", p.AwaitReady(ctx))
	case <-ctx.Done():
		return ctx.Err()
	}
	p.Kill()
	rep.Kills++
	return w.lookAt(ctx, rep)
}

func (w *world) start() (*rig.Process, error) {
	p, err := w.rig.Start(w.Program, w.setup)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.addr = p.Addr
	w.mu.Unlock()
	return p, nil
}

// lookAt counts in what the kill broke in.
func (w *world) lookAt(ctx context.Context, rep *Report) error {
	var at struct{ Pending, Sending, Queued int }
	err := w.db.Read.NewRaw(`SELECT (SELECT count(*) FROM raws WHERE state = 'pending') AS pending,
		(SELECT count(*) FROM deliveries WHERE state = 'sending') AS sending,
		(SELECT count(*) FROM deliveries WHERE state = 'queued') AS queued`).Scan(ctx, &at)
	if err != nil {
		return fmt.Errorf("crash: %w", err)
	}
	rep.InIngest += min(at.Pending, 1)
	rep.InSend += min(at.Sending, 1)
	rep.WithQueue += min(at.Queued, 1)
	return nil
}

// doneWithin is how long the last life may take; deliveries whose process died
// wait for their lease to run out.
const doneWithin = 3 * time.Minute

// awaitDone waits until every mail was taken in and nothing waits any more.
func (w *world) awaitDone(ctx context.Context, p *rig.Process) error {
	ctx, stop := context.WithTimeout(ctx, doneWithin)
	defer stop()
	t := time.NewTicker(100 * time.Millisecond)
	defer t.Stop()
	for {
		var at struct{ Raws, Pending, Under int }
		err := w.db.Read.NewRaw(`SELECT (SELECT count(*) FROM raws) AS raws, (SELECT count(*) FROM raws WHERE state = 'pending') AS pending,
			(SELECT count(*) FROM deliveries WHERE state IN ('queued','sending')) AS under`).Scan(ctx, &at)
		if err == nil && at.Raws >= w.due() && at.Pending == 0 && at.Under == 0 {
			return nil
		}
		select {
		case <-t.C:
		case <-p.Ended():
			return fmt.Errorf("crash: the last life ended by itself: %w", p.AwaitReady(ctx))
		case <-ctx.Done():
			return fmt.Errorf("crash: after %s there are %d of %d mails, %d pending and %d deliveries under way: %w", doneWithin, at.Raws, w.due(), at.Pending, at.Under, ctx.Err())
		}
	}
}
