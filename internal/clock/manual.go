package clock

import (
	"sync"
	"time"
)

// Manual is a clock that moves only when told, for tests and replays.
type Manual struct {
	mu  sync.Mutex
	now Instant
}

// NewManual starts a clock that stands at t.
func NewManual(t time.Time) *Manual { return &Manual{now: At(t)} }

// Now is the instant at which the clock stands.
func (m *Manual) Now() Instant {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Advance moves the clock on by d.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
}
