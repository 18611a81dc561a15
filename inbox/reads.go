package inbox

import (
	"sync"
	"time"

	"filodiretto/internal/clock"
)

const readAgain = 10 * time.Minute

type readKey struct{ operator, citizen, caseID int64 }

// reads remembers what was lately noted as read, so that a page that is drawn
// again writes nothing. After a restart a reading is noted once more.
type reads struct {
	mu   sync.Mutex
	seen map[readKey]clock.Instant
}

// first reports whether the reading should be noted, and remembers it.
func (r *reads) first(k readKey, now clock.Instant) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seen = map[readKey]clock.Instant{}
	}
	if at, ok := r.seen[k]; ok && now.Sub(at) < readAgain {
		return false
	}
	if len(r.seen) > 10_000 {
		for k, at := range r.seen {
			if now.Sub(at) >= readAgain {
				delete(r.seen, k)
			}
		}
	}
	r.seen[k] = now
	return true
}

// forget makes the next reading be noted again, after one could not be.
func (r *reads) forget(k readKey) {
	r.mu.Lock()
	delete(r.seen, k)
	r.mu.Unlock()
}
