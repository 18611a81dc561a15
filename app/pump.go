package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/jobs"
	"filodiretto/internal/lease"
)

// pump moves the messages of one account through this process: it receives
// while it holds the account's lease, and ingests, delivers and fetches when
// woken. What it is not woken for, because the process that made the work died,
// comes through the jobs.
type pump struct {
	in     *inbox.Inbox
	acc    inbox.Account
	ch     channels.Channel
	leases *lease.Keeper
	clock  clock.Clock
	log    *slog.Logger

	stale func()                                         // called when the account turns out to have changed
	talk  func(ctx context.Context, account int64) error // answers what was said to a bot; nil where nobody talks
	greet func(context.Context, channels.Channel)        // called when the account begins to receive

	kicks  map[jobs.Task]chan struct{}
	due    chan clock.Instant // when the next delivery is due
	locks  map[jobs.Task]*sync.Mutex
	cancel context.CancelFunc
	done   sync.WaitGroup
}

var tasks = []jobs.Task{jobs.Ingest, jobs.Deliver, jobs.Fetch, jobs.Reconcile}

func newPump(in *inbox.Inbox, acc inbox.Account, ch channels.Channel, leases *lease.Keeper, c clock.Clock, log *slog.Logger) *pump {
	p := &pump{
		in: in, acc: acc, ch: ch, leases: leases, clock: c, log: log.With("account", acc.Key),
		kicks: map[jobs.Task]chan struct{}{}, due: make(chan clock.Instant, 1), locks: map[jobs.Task]*sync.Mutex{},
	}
	for _, t := range tasks {
		p.kicks[t], p.locks[t] = make(chan struct{}, 1), &sync.Mutex{}
	}
	return p
}

func (p *pump) start(ctx context.Context) {
	ctx, p.cancel = context.WithCancel(ctx)
	if r, ok := p.ch.(channels.Receiver); ok {
		p.done.Go(func() { p.receive(ctx, r) })
	}
	p.done.Go(func() { p.loop(ctx, jobs.Ingest) })
	p.done.Go(func() { p.loop(ctx, jobs.Fetch) })
	p.done.Go(func() { p.loop(ctx, jobs.Reconcile) })
	p.done.Go(func() { p.deliverLoop(ctx) })
	for _, t := range tasks {
		p.kick(t)
	}
}

func (p *pump) stop() {
	p.cancel()
	p.done.Wait()
}

// kick wakes a loop; a second kick before it looked is the same kick.
func (p *pump) kick(t jobs.Task) {
	select {
	case p.kicks[t] <- struct{}{}:
	default:
	}
}

// dueAt wakes the deliveries at an instant.
func (p *pump) dueAt(at clock.Instant) {
	for {
		select {
		case p.due <- at:
			return
		case earlier := <-p.due:
			at = min(at, earlier)
		}
	}
}

func (p *pump) loop(ctx context.Context, t jobs.Task) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.kicks[t]:
		}
		if err := p.run(ctx, t); err != nil && ctx.Err() == nil {
			if errors.Is(err, jobs.ErrBusy) {
				continue // whoever is at it will find this too, or the sweep will
			}
			p.log.Error("work on an account failed and is tried again", "task", t, "error", db.SafeError(err))
			p.wait(ctx, 2*time.Second)
			p.kick(t)
		}
	}
}

// deliverLoop is loop with a timer for what is due later.
func (p *pump) deliverLoop(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var next clock.Instant
	set := func(at clock.Instant) {
		if at.IsZero() || (!next.IsZero() && next <= at) {
			return
		}
		next = at
		timer.Reset(max(0, at.Sub(p.clock.Now())))
	}
	for {
		select {
		case <-ctx.Done():
			return
		case at := <-p.due:
			set(at)
			continue
		case <-timer.C:
		case <-p.kicks[jobs.Deliver]:
		}
		next = 0
		at, err := p.deliver(ctx)
		if err != nil && ctx.Err() == nil {
			p.log.Error("deliveries of an account failed and are tried again", "error", db.SafeError(err))
			at = p.clock.Now().Add(2 * time.Second)
		}
		set(at)
	}
}

// run does one task to its end. Of two callers in a process one waits; of two
// processes the second is told jobs.ErrBusy.
func (p *pump) run(ctx context.Context, t jobs.Task) error {
	switch t {
	case jobs.Ingest:
		return p.alone(ctx, t, p.ingest)
	case jobs.Fetch:
		return p.alone(ctx, t, p.fetch)
	case jobs.Reconcile:
		return p.alone(ctx, t, p.reconcile)
	case jobs.Deliver:
		at, err := p.deliver(ctx)
		if err == nil && !at.IsZero() {
			p.dueAt(at)
		}
		return err
	default:
		return fmt.Errorf("unknown task %q", t)
	}
}

func (p *pump) alone(ctx context.Context, t jobs.Task, f func(context.Context, int64) error) error {
	p.locks[t].Lock()
	defer p.locks[t].Unlock()
	ran, err := p.leases.Hold(ctx, fmt.Sprintf("%s:%d", t, p.acc.ID), func(ctx context.Context) error { return f(ctx, p.acc.ID) })
	if err == nil && !ran {
		return jobs.ErrBusy
	}
	return err
}

func (p *pump) ingest(ctx context.Context, id int64) error {
	for {
		n, err := p.in.Ingest(ctx, id)
		if err != nil {
			return err
		}
		if p.talk != nil {
			err = p.talk(ctx, id)
		}
		if err != nil || n == 0 {
			return err
		}
	}
}

// fetch asks outside for what belongs to messages that are filed: their files, and
// by the DNS whether they are from whom they say.
func (p *pump) fetch(ctx context.Context, id int64) error {
	return errors.Join(p.in.FetchFiles(ctx, id), p.in.CheckSenders(ctx, id))
}

func (p *pump) deliver(ctx context.Context) (next clock.Instant, err error) {
	if _, ok := p.ch.(channels.Sender); !ok {
		return 0, nil
	}
	p.locks[jobs.Deliver].Lock()
	defer p.locks[jobs.Deliver].Unlock()
	for more := true; more && err == nil; {
		more, next, err = p.in.DeliverDue(ctx, p.acc.ID)
	}
	if err != nil {
		return next, err
	}
	at, err := p.edit(ctx)
	if next == 0 || at != 0 && at < next {
		next = at
	}
	return next, err
}

// reconcile compares the account with its platform where that was asked for.
func (p *pump) reconcile(ctx context.Context, id int64) error {
	return p.in.Reconcile(ctx, id, &intake{in: p.in, account: id, clock: p.clock})
}

// errStale ends the receiving with settings that are no longer the account's.
var errStale = errors.New("the account has changed")

// receive keeps the receiver running while this process has the account's lease
// (mail rule 6), with growing pauses after failures.
func (p *pump) receive(ctx context.Context, r channels.Receiver) {
	k := &intake{in: p.in, account: p.acc.ID, clock: p.clock}
	pause := time.Second
	for ctx.Err() == nil {
		began := p.clock.Now()
		ran, err := p.leases.Hold(ctx, fmt.Sprintf("receive:%d", p.acc.ID), func(ctx context.Context) error {
			// Whoever had the lease may have given it up because the account changed.
			if ok, err := p.isCurrent(ctx); err != nil || !ok {
				return errors.Join(err, errStale)
			}
			p.greet(ctx, p.ch)
			return r.Receive(ctx, k)
		})
		if ctx.Err() != nil {
			return
		}
		switch {
		case errors.Is(err, errStale):
			p.stale()
			pause = time.Second
		case errors.Is(err, lease.ErrLost), err == nil && !ran:
			pause = 5 * time.Second // another process receives
		case err == nil:
			pause = time.Second
		default:
			pause = p.trouble(ctx, err, pause, p.clock.Now().Sub(began))
		}
		p.wait(ctx, pause)
	}
}

// trouble records a failure and says how long to wait.
func (p *pump) trouble(ctx context.Context, err error, pause, lasted time.Duration) time.Duration {
	e := channels.AsError(err)
	if lasted > time.Minute {
		pause = time.Second // it worked for a while: begin again
	}
	next := nextPause(e, pause)
	p.log.Warn("receiving failed", "class", e.Class, "code", e.Code, "reason", e.Text, "again_in", next)
	if terr := p.in.Trouble(ctx, p.acc.ID, e, 0); terr != nil {
		p.log.Error("the failure could not be recorded", "error", db.SafeError(terr))
	}
	return next
}

// nextPause is how long a receiver rests after a failure, by the pause before it.
func nextPause(e *channels.Error, pause time.Duration) time.Duration {
	switch e.Class {
	case channels.RetryAfter:
		return max(e.After, time.Second)
	case channels.AuthBroken:
		// Every try may count against the account, and providers lock it after some
		// (PEC reference section 9); who mends it does not have to wait.
		return min(max(2*pause, 5*time.Minute), time.Hour)
	}
	return min(2*pause, 5*time.Minute)
}

// wait pauses for about d, so that many accounts do not come back at once.
func (p *pump) wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d + rand.N(d/4+time.Millisecond))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
