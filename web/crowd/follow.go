package crowd

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"
)

// follower is one open stream. Only its room writes to it.
type follower struct {
	ticket int64  // 0 for a display
	last   []byte // the event that it was sent last; shared
	ends   bool   // that was its last one

	write func([]byte) bool
	end   func()
	once  sync.Once
}

func (f *follower) close() { f.once.Do(f.end) }

// event is what a picture says to a follower, and whether it is the last word.
func (f *follower) event(p *Picture) (event []byte, last bool) {
	if f.ticket == 0 {
		return p.Room, false
	}
	if e := p.Tickets[f.ticket]; e != nil {
		return e, false
	}
	return p.Gone, true
}

// Follow sends what becomes of a room (ticket 0), or of one number in it, until one
// side ends. The first event is the whole state. It answers 503 when no more can
// follow.
func (c *Crowd) Follow(w http.ResponseWriter, r *http.Request, site, ticket int64) {
	f := &follower{ticket: ticket}
	head := w.Header()
	head.Set("Content-Type", "text/event-stream; charset=utf-8")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Accel-Buffering", "no") // nginx would keep the events back
	hello := fmt.Appendf(nil, "retry: %d\n\n", 1000+rand.IntN(2000))
	rc := http.NewResponseController(w)
	conn, _, err := rc.Hijack()
	if errors.Is(err, http.ErrNotSupported) {
		c.stay(w, r, rc, site, f, hello)
		return
	}
	if err != nil {
		return // the connection is of no use any more
	}
	if !takeOver(conn, f, head, hello) {
		return
	}
	if _, err := c.join(site, f); err != nil {
		f.close()
	}
}

// takeOver makes a bare connection the stream: it ends when it is closed, and
// nobody waits for it.
func takeOver(conn net.Conn, f *follower, head http.Header, hello []byte) bool {
	f.end = func() { _ = conn.Close() }
	f.write = func(b []byte) bool {
		if conn.SetWriteDeadline(time.Now().Add(writeFor)) != nil {
			return false
		}
		_, err := conn.Write(b)
		return err == nil
	}
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 200 OK\r\n")
	head.Set("Connection", "close")
	_ = head.Write(&b) // into memory
	b.WriteString("\r\n")
	b.Write(hello)
	if conn.SetReadDeadline(time.Time{}) != nil || !f.write(b.Bytes()) {
		f.close()
		return false
	}
	return true
}

// stay serves a connection that cannot be taken over, such as one of HTTP/2: the
// handler waits while the room writes.
func (c *Crowd) stay(w http.ResponseWriter, r *http.Request, rc *http.ResponseController, site int64, f *follower, hello []byte) {
	ended := make(chan struct{})
	var mu sync.Mutex // after the handler has returned, w is nobody's
	over := false
	f.end = func() { close(ended) }
	f.write = func(b []byte) bool {
		mu.Lock()
		defer mu.Unlock()
		if over {
			return false
		}
		if err := rc.SetWriteDeadline(time.Now().Add(writeFor)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return false
		}
		if _, err := w.Write(b); err != nil {
			return false
		}
		return rc.Flush() == nil
	}
	room, err := c.join(site, f)
	if err != nil {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many follow", http.StatusServiceUnavailable)
		return
	}
	f.write(hello)
	select {
	case <-r.Context().Done():
		c.left(room, f)
	case <-ended:
	}
	mu.Lock()
	over = true
	mu.Unlock()
}
