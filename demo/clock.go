package demo

import (
	"sync"

	"filodiretto/internal/clock"
)

// replay is the clock of the town: it stands where the history is being told,
// and runs with the machine's once it is released.
type replay struct {
	mu   sync.Mutex
	at   clock.Instant // 0 when released
	real clock.System
}

// Now is the instant of the history, or the present.
func (r *replay) Now() clock.Instant {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at != 0 {
		return r.at
	}
	return r.real.Now()
}

// moveTo sets the instant; it never goes back.
func (r *replay) moveTo(at clock.Instant) {
	r.mu.Lock()
	r.at = max(r.at, at)
	r.mu.Unlock()
}

// release lets the clock run.
func (r *replay) release() {
	r.mu.Lock()
	r.at = 0
	r.mu.Unlock()
}
