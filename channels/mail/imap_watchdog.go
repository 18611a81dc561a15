package mail

import (
	"net"
	"sync"
	"time"
)

// watchdog is a connection that closes itself when nothing arrives while
// somebody waits. Bytes in either direction count as progress, so that a large
// message on a slow line is not cut off.
type watchdog struct {
	net.Conn
	usual time.Duration

	mu    sync.Mutex
	limit time.Duration // of the exchange under way
	timer *time.Timer
	armed int // exchanges under way
	fired bool
}

func newWatchdog(c net.Conn, limit time.Duration) *watchdog { return &watchdog{Conn: c, usual: limit} }

// arm begins an exchange.
func (w *watchdog) arm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed++
	w.limit = w.usual
	if w.timer == nil {
		w.timer = time.AfterFunc(w.limit, w.bite)
		return
	}
	w.timer.Reset(w.limit)
}

// disarm ends an exchange and tells whether the connection was closed for
// silence.
func (w *watchdog) disarm() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed--
	if w.armed == 0 {
		w.timer.Stop()
	}
	return w.fired
}

// grant gives the exchange under way another time, for an answer that may
// take long.
func (w *watchdog) grant(limit time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limit = limit
	w.timer.Reset(limit)
}

// bitten tells whether the connection was closed for silence.
func (w *watchdog) bitten() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fired
}

func (w *watchdog) bite() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.armed > 0 {
		w.fired = true
		_ = w.Conn.Close()
	}
}

func (w *watchdog) progress() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.armed > 0 && !w.fired {
		w.timer.Reset(w.limit)
	}
}

func (w *watchdog) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.progress()
	}
	return n, err
}

func (w *watchdog) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	if n > 0 {
		w.progress()
	}
	return n, err
}
