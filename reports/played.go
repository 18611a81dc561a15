package reports

import "sync"

// played keeps the advice on days that are over: it takes seconds to make, and is the
// same until the site's set-up or the newest day changes.
type played struct {
	mu     sync.Mutex
	advice map[string]*Advice
}
