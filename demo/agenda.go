package demo

import (
	"container/heap"
	"context"

	"filodiretto/internal/clock"
)

// step is something that happens in the story at an instant.
type step struct {
	at  clock.Instant
	seq int // of two at the same instant the one that was planned first
	do  func(context.Context) error
}

// agenda holds the steps to come, the next one first.
type agenda struct {
	steps steps
	count int
}

type steps []step

func (s steps) Len() int { return len(s) }
func (s steps) Less(i, j int) bool {
	return s[i].at < s[j].at || s[i].at == s[j].at && s[i].seq < s[j].seq
}
func (s steps) Swap(i, j int) { s[i], s[j] = s[j], s[i] }
func (s *steps) Push(x any)   { *s = append(*s, x.(step)) }
func (s *steps) Pop() any {
	old := *s
	x := old[len(old)-1]
	*s = old[:len(old)-1]
	return x
}

// plan adds a step.
func (q *agenda) plan(at clock.Instant, do func(context.Context) error) {
	q.count++
	heap.Push(&q.steps, step{at, q.count, do})
}

// due takes out the next step if it is not after the instant.
func (q *agenda) due(now clock.Instant) (step, bool) {
	if len(q.steps) == 0 || q.steps[0].at > now {
		return step{}, false
	}
	return heap.Pop(&q.steps).(step), true
}

// next is when the next step comes, 0 when there is none.
func (q *agenda) next() clock.Instant {
	if len(q.steps) == 0 {
		return 0
	}
	return q.steps[0].at
}
