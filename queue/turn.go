package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"filodiretto/internal/db"
)

// command is something that somebody asks of one site. do decides on the rows that
// the room holds and changes them there. It checks everything before it changes
// anything, and may be run more than once, each time in a new room.
type command struct {
	ctx  context.Context
	want want
	do   func(ctx context.Context, r *room) error
	err  error
	done chan struct{}
}

// turns are the commands that wait, by site. While one transaction is committed,
// those that come are collected, and then decided one after the other in the next:
// one commit to the disk serves them all, and sixty counters that call at the same
// moment do not wait for sixty commits. Nothing is kept between two turns.
type turns struct {
	mu    sync.Mutex
	sites map[int64]*siteTurns
}

type siteTurns struct {
	waiting []*command
	running bool
}

// mostInTurn and turnLimit bound a transaction. callsInTurn is how many of the
// commands of a turn may be calls that overtake others: somebody sits at a counter
// and everybody in the room looks up, while a kiosk that prints for two seconds
// does not feel a turn. The rest of a turn is for whoever waits longest, so that
// nobody waits for good.
const (
	mostInTurn  = 8
	callsInTurn = 6
	turnLimit   = 30 * time.Second
)

// at has a command decided at a site and committed. Within a transaction made of
// several (db.Whole) it is a part of that one.
func (q *Queue) at(ctx context.Context, siteID int64, w want, do func(ctx context.Context, r *room) error) error {
	c := &command{ctx: ctx, want: w, do: do, done: make(chan struct{})}
	if db.InWhole(ctx) {
		q.turn(ctx, siteID, []*command{c})
		return c.err
	}
	if q.turns.add(siteID, c) {
		go q.run(siteID)
	}
	<-c.done // soon: nobody who is in the turn waits for anything but the database
	return c.err
}

// add puts a command in line and reports whether nobody works the site's line.
func (t *turns) add(siteID int64, c *command) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.sites[siteID]
	if s == nil {
		s = &siteTurns{}
		t.sites[siteID] = s
	}
	s.waiting = append(s.waiting, c)
	start := !s.running
	s.running = true
	return start
}

// take gives the commands of the next turn, calls before the others; none ends the
// work.
func (t *turns) take(siteID int64) []*command {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.sites[siteID]
	if len(s.waiting) == 0 {
		delete(t.sites, siteID)
		return nil
	}
	var batch, rest []*command
	for _, c := range s.waiting {
		if c.want.call && len(batch) < callsInTurn {
			batch = append(batch, c)
		} else {
			rest = append(rest, c)
		}
	}
	n := min(len(rest), mostInTurn-len(batch))
	s.waiting = rest[n:]
	return append(batch, rest[:n]...)
}

// run works a site's line until it is empty.
func (q *Queue) run(siteID int64) {
	for batch := q.turns.take(siteID); batch != nil; batch = q.turns.take(siteID) {
		live := batch[:0:0]
		for _, c := range batch {
			if c.err = c.ctx.Err(); c.err == nil {
				live = append(live, c)
			}
		}
		if len(live) > 0 {
			q.turn(context.WithoutCancel(live[0].ctx), siteID, live)
		}
		for _, c := range batch {
			close(c.done)
		}
		runtime.Gosched() // whoever goes on with a next command is in time for the next turn
	}
}

// turn decides and commits a batch. When that fails as a whole, each command is
// tried alone, so that one cannot spoil it for the others.
func (q *Queue) turn(ctx context.Context, siteID int64, batch []*command) {
	err := q.together(ctx, siteID, batch)
	if err == nil {
		return
	}
	if len(batch) == 1 || db.IsDown(err) {
		for _, c := range batch {
			c.err = err
		}
		return
	}
	for _, c := range batch {
		if c.err = nil; c.ctx.Err() != nil {
			c.err = c.ctx.Err()
			continue
		}
		if err := q.together(ctx, siteID, []*command{c}); err != nil {
			c.err = err
		}
	}
}

// together is one transaction. Commands that are refused leave their error in
// themselves; the error returned is of the transaction.
func (q *Queue) together(ctx context.Context, siteID int64, batch []*command) (err error) {
	if !db.InWhole(ctx) {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, turnLimit)
		defer stop()
		defer func() {
			if p := recover(); p != nil { // of one request, which must not end the others
				err = fmt.Errorf("queue: panic: %v", p)
				q.log.Error("a command of the queue panicked", "panic", p, "stack", string(debug.Stack()))
			}
		}()
	}
	err = q.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := q.enter(ctx, tx, siteID)
		if err != nil {
			return err
		}
		var all want
		for _, c := range batch {
			all.add(c.want)
		}
		if err := r.load(ctx, all); err != nil {
			return err
		}
		for _, c := range batch {
			before := r.changes
			if c.err = c.do(ctx, r); c.err != nil && (r.changes != before || len(batch) == 1) {
				return c.err // it may have begun to change the room: nobody else's change may stand on that
			}
		}
		return r.store(ctx)
	})
	switch {
	case err == nil:
		return nil
	case len(batch) == 1 && (db.IsUnique(err) || errors.Is(err, errOvertaken)):
		return ErrChanged
	}
	return err
}
