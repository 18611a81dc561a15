package reports

import "sync"

// played keeps what was played again of days that are over.
type played struct {
	mu sync.Mutex
}
