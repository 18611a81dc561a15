package simulate

import (
	"container/heap"

	"filodiretto/internal/clock"
)

// task is something that will happen.
type task struct {
	at    clock.Instant
	seq   int // the order of making, for what happens at one instant
	kind  taskKind
	visit int64
	desk  int
	turn  int
}

type taskKind int

const (
	arrive taskKind = iota
	eligible
	give
	ready
	finish
	stop
)

// agenda gives tasks in order of time.
type agenda struct {
	tasks taskHeap
	made  int
}

func (a *agenda) at(at clock.Instant, t task) {
	a.made++
	t.at, t.seq = at, a.made
	heap.Push(&a.tasks, t)
}

func (a *agenda) next() (task, bool) {
	if len(a.tasks) == 0 {
		return task{}, false
	}
	return heap.Pop(&a.tasks).(task), true
}

type taskHeap []task

func (h taskHeap) Len() int { return len(h) }
func (h taskHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].seq < h[j].seq
}
func (h taskHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *taskHeap) Push(x any)   { *h = append(*h, x.(task)) }
func (h *taskHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	*h = old[:len(old)-1]
	return t
}
