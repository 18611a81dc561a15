// Package crowd passes the state of rooms on to everybody who follows it: the
// displays, and thousands of telephones on which people follow their numbers.
//
// What a room looks like is found out once for each change, by one goroutine of
// the room, whoever looks; everybody is then sent bytes that are ready. A follower
// asks the database nothing and draws no page. Where the connection can be taken
// over, a follower has no goroutine either: only its socket and a few words of
// memory (5,000 of them in less than 200 MiB).
package crowd

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"filodiretto/internal/db"
	"filodiretto/internal/live"
)

// Picture is a room at an instant. The events are whole ("event: x\ndata: y\n\n"),
// shared by all who get them, and never changed.
type Picture struct {
	// Room is for the displays.
	Room []byte
	// Tickets are for the followers of one number each.
	Tickets map[int64][]byte
	// Gone is for those whose number is in the room no more; their stream ends.
	Gone []byte
	// Beat tells the displays that this is still true.
	Beat []byte
	// Later finds out what takes too long to be waited for, and reports whether the
	// room is to be looked at again for it. It runs beside the room, and is nil where
	// nothing takes long.
	Later func(context.Context) bool
	// Stale reports whether more is known by now, so that whoever comes is not told
	// less than a page has said already; nil where that cannot be.
	Stale func() bool
}

// Source finds out what a room looks like.
type Source func(ctx context.Context, site int64) (*Picture, error)

// timing is how often a room does what.
type timing struct {
	breath time.Duration // after a change those that follow at once are gathered
	beat   time.Duration // displays hear that the room lives
	phone  time.Duration // telephones too, so that proxies keep the line
	look   time.Duration // hours and codes change without an event
}

var usual = timing{breath: 40 * time.Millisecond, beat: 5 * time.Second, phone: 25 * time.Second, look: 20 * time.Second}

const (
	lookWithin = 5 * time.Second
	writeFor   = 250 * time.Millisecond // who takes nothing for longer comes back by itself
	writers    = 8                      // at a time, so that one slow line does not hold the others
)

// Most is how many may follow the rooms of one process.
const Most = 20_000

// Crowd is all who follow. Make it with New; it ends when the hub is closed.
type Crowd struct {
	source Source
	log    *slog.Logger
	timing timing

	mu    sync.Mutex
	rooms map[int64]*room
	count int
	over  bool
}

// New makes a Crowd.
func New(hub *live.Hub, source Source, log *slog.Logger) *Crowd {
	return start(hub, source, log, usual)
}

func start(hub *live.Hub, source Source, log *slog.Logger, t timing) *Crowd {
	c := &Crowd{source: source, log: log, timing: t, rooms: map[int64]*room{}}
	events, _ := hub.Subscribe(c.note)
	go func() {
		for range events { // only those for all rooms: a resync
			c.everyRoom(func(r *room) { r.stir() })
		}
		c.end()
	}()
	return c
}

// note is called by whoever publishes: it wakes the room and keeps nothing.
func (c *Crowd) note(e live.Event) bool {
	switch e.Topic {
	case live.TopicResync:
		return true
	case "queue":
		c.mu.Lock()
		r := c.rooms[e.ID]
		c.mu.Unlock()
		if r != nil {
			r.stir()
		}
	}
	return false
}

func (c *Crowd) everyRoom(f func(*room)) {
	c.mu.Lock()
	rooms := make([]*room, 0, len(c.rooms))
	for _, r := range c.rooms {
		rooms = append(rooms, r)
	}
	c.mu.Unlock()
	for _, r := range rooms {
		f(r)
	}
}

func (c *Crowd) end() {
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	c.everyRoom(func(r *room) { r.cancel() })
}

// Followers is how many follow now, for the metrics.
func (c *Crowd) Followers() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count
}

// ErrFull says that too many follow, or that the program ends.
var ErrFull = errors.New("crowd: no more can follow")

// join adds a follower to its room, which begins with its first one.
func (c *Crowd) join(site int64, f *follower) (*room, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.count >= Most {
		return nil, ErrFull
	}
	r := c.rooms[site]
	if r == nil {
		r = newRoom(c, site)
		c.rooms[site] = r
		go r.run()
	}
	c.count++
	r.mu.Lock()
	r.followers[f] = struct{}{}
	r.mu.Unlock()
	r.greet()
	return r, nil
}

// left takes followers out. A room that nobody follows ends with its next look.
func (c *Crowd) left(r *room, gone ...*follower) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range gone {
		if _, in := r.followers[f]; in {
			delete(r.followers, f)
			c.count--
		}
	}
	if len(r.followers) == 0 && c.rooms[r.site] == r {
		delete(c.rooms, r.site)
		r.cancel()
	}
}

func (c *Crowd) complain(site int64, err error) {
	c.log.Error("a room could not be looked at; its displays say so", "site", site, "error", db.SafeError(err))
}
