package inbox

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/db"
)

// close ends a run: what no worker has goes back to the queue, calls in flight
// are waited for, and every outcome is written, whatever ended the run.
func (g *engine) close(ctx context.Context, cut context.CancelFunc, cause error) error {
	for more := true; more; {
		select {
		case j := <-g.jobs:
			delete(g.begun, j.d.ID)
			g.finished = append(g.finished, giveBack(j))
		default:
			more = false
		}
	}
	close(g.jobs)
	g.wait(ctx, cut)
	for _, j := range g.ready {
		g.finished = append(g.finished, giveBack(j))
	}
	if len(g.finished) == 0 {
		return cause
	}
	return errors.Join(cause, g.recordRest(context.WithoutCancel(ctx)))
}

// wait waits for the workers. Calls in flight are cut only when the program
// stops and stopGrace is over.
func (g *engine) wait(ctx context.Context, cut context.CancelFunc) {
	idle := make(chan struct{})
	go func() { g.group.Wait(); close(idle) }()
	stopping := ctx.Done()
	var grace <-chan time.Time
	for {
		select {
		case r := <-g.results:
			g.take(r)
		case <-idle:
			g.drain()
			return
		case <-stopping:
			stopping = nil
			t := time.NewTimer(stopGrace)
			defer t.Stop()
			grace = t.C
		case <-grace:
			cut()
		case <-g.beat.C:
			if err := g.renew(context.WithoutCancel(ctx)); err != nil {
				g.in.log.Warn("leases could not be renewed", "account", g.acc.Key, "error", db.SafeError(err))
			}
		}
	}
}

// recordRest writes the last outcomes, again and again for a while when the
// database is away: what is lost here is shown to people as unknown.
func (g *engine) recordRest(ctx context.Context) error {
	var err error
	for try := range recordTries {
		if try > 0 {
			t := time.NewTimer(200 * time.Millisecond << (try - 1))
			<-t.C
		}
		err = g.in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			return g.in.record(ctx, tx, g.acc.ID, g.holder, g.finished)
		})
		if err == nil || !db.IsDown(err) {
			return err
		}
	}
	return err
}

// renew keeps the leases of all that this run has.
func (g *engine) renew(ctx context.Context) error {
	ids := make([]int64, 0, len(g.begun)+len(g.ready))
	for id := range g.begun {
		ids = append(ids, id)
	}
	for _, j := range g.ready {
		ids = append(ids, j.d.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := g.in.db.Write.NewRaw("UPDATE deliveries SET lease_until = ? WHERE id IN (?) AND holder = ? AND state = 'sending'",
		g.in.clock.Now().Add(leaseFor), bun.List(ids), g.holder).Exec(ctx)
	return err
}
