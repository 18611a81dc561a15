package crowd

import (
	"context"
	"sync"
	"time"
)

// room is one site with those who follow it.
type room struct {
	crowd  *Crowd
	site   int64
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{} // holds one token while something changed
	come   chan struct{} // and while somebody new follows
	later  chan bool     // how Picture.Later ended

	// Only the room's own goroutine uses these.
	thinking bool // Picture.Later runs
	behind   bool // it knows nothing of the last change

	mu        sync.Mutex
	followers map[*follower]struct{}
	picture   *Picture
}

func newRoom(c *Crowd, site int64) *room {
	ctx, cancel := context.WithCancel(context.Background())
	return &room{crowd: c, site: site, ctx: ctx, cancel: cancel, wake: make(chan struct{}, 1), come: make(chan struct{}, 1), later: make(chan bool, 1), followers: map[*follower]struct{}{}, behind: true}
}

// stir says that something changed.
func (r *room) stir() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// greet says that somebody new follows.
func (r *room) greet() {
	select {
	case r.come <- struct{}{}:
	default:
	}
}

// run looks at the room whenever something changed, and now and then, until nobody
// follows.
func (r *room) run() {
	defer r.close()
	t := r.crowd.timing
	beat, phones, look := time.NewTicker(t.beat), time.NewTicker(t.phone), time.NewTicker(t.look)
	defer beat.Stop()
	defer phones.Stop()
	defer look.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-r.wake:
			if !r.pause(t.breath) {
				return
			}
			r.behind = true
			r.look()
		case <-r.come: // thousands that come at once make no questions of their own
			if !r.pause(t.breath) {
				return
			}
			if p := r.seen(); p != nil && (p.Stale == nil || !p.Stale()) {
				r.show(p)
			} else {
				r.behind = true
				r.look()
			}
		case more := <-r.later:
			r.thinking = false
			if more {
				r.look()
			} else if p := r.seen(); p != nil {
				r.think(p)
			}
		case <-look.C:
			r.behind = true
			r.look()
		case <-beat.C:
			r.beat(true)
		case <-phones.C:
			r.beat(false)
		}
	}
}

func (r *room) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-r.ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// look finds out what the room looks like and tells everybody what is new for
// them. When that fails nothing is said, and the displays show that they are stale.
func (r *room) look() {
	select { // what came meanwhile is in this look
	case <-r.wake:
		r.behind = true
	default:
	}
	ctx, cancel := context.WithTimeout(r.ctx, lookWithin)
	defer cancel()
	p, err := r.crowd.source(ctx, r.site)
	r.mu.Lock()
	if r.picture = p; err != nil {
		r.picture = nil
	}
	r.mu.Unlock()
	if err != nil {
		if r.ctx.Err() == nil {
			r.crowd.complain(r.site, err)
		}
		return
	}
	r.show(p)
	r.think(p)
}

// think has found out what takes longer, once for all changes that come meanwhile.
func (r *room) think(p *Picture) {
	if p.Later == nil || r.thinking || !r.behind {
		return
	}
	r.thinking, r.behind = true, false
	go func() {
		ctx, cancel := context.WithTimeout(r.ctx, lookWithin)
		defer cancel()
		r.later <- p.Later(ctx)
	}()
}

// seen is the room as it was looked at last, and has not changed since; nil when it
// could not be.
func (r *room) seen() *Picture {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.picture
}

// show tells everybody what a picture has that is new for them.
func (r *room) show(p *Picture) {
	r.tell(func(f *follower) []byte {
		event, last := f.event(p)
		if event == nil || same(event, f.last) {
			return nil
		}
		f.last, f.ends = event, last
		return event
	})
}

// same compares events by their bytes; those of one picture are shared.
func same(a, b []byte) bool { return string(a) == string(b) }

// beat keeps lines alive, and tells displays that what they show is still true:
// not when the room could not be looked at.
func (r *room) beat(displays bool) {
	p := r.seen()
	r.tell(func(f *follower) []byte {
		switch {
		case (f.ticket == 0) != displays:
			return nil
		case !displays:
			return stillHere
		case p == nil:
			return nil
		}
		return p.Beat
	})
}

var stillHere = []byte(": here\n\n")

// tell writes to all followers for whom what gives something, some at a time.
func (r *room) tell(what func(*follower) []byte) {
	r.mu.Lock()
	all := make([]*follower, 0, len(r.followers))
	for f := range r.followers {
		all = append(all, f)
	}
	r.mu.Unlock()
	share := (len(all) + writers - 1) / writers
	var group sync.WaitGroup
	for at := 0; at < len(all); at += share {
		part := all[at:min(at+share, len(all))]
		group.Go(func() {
			var gone []*follower
			for _, f := range part {
				if event := what(f); event != nil && (!f.write(event) || f.ends) {
					f.close()
					gone = append(gone, f)
				}
			}
			if gone != nil {
				r.crowd.left(r, gone...)
			}
		})
	}
	group.Wait()
}

// close ends all streams: the program ends, or nobody follows.
func (r *room) close() {
	r.crowd.mu.Lock()
	r.mu.Lock()
	all := r.followers
	r.followers = map[*follower]struct{}{}
	r.mu.Unlock()
	r.crowd.count -= len(all)
	if r.crowd.rooms[r.site] == r {
		delete(r.crowd.rooms, r.site)
	}
	r.crowd.mu.Unlock()
	for f := range all {
		f.close()
	}
}
