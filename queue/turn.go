package queue

import "sync"

type turns struct {
	mu    sync.Mutex
	sites map[int64]*siteTurns
}
type siteTurns struct{}
