package crowd

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// Whoever comes is told what is known by now, not what was when the room was looked
// at.
func TestWhoComesIsToldTheNewest(t *testing.T) {
	h := newHouse(t, timing{time.Millisecond, time.Hour, time.Hour, time.Hour}, false)
	var stale atomic.Bool
	h.stale = func() bool { return stale.Swap(false) }
	until(t, h.lines(t, "/ticket/7"), "ticket waiting")
	h.mu.Lock()
	h.tickets[8] = "newer"
	h.mu.Unlock()
	stale.Store(true)
	if passed := until(t, h.lines(t, "/ticket/8"), "ticket newer"); len(passed) != 0 {
		t.Errorf("first came %q", passed)
	}
}

// What takes long is not waited for: changes are told meanwhile, and what was found
// out follows. It is found out once for all changes that came in between.
func TestChangesAreToldWhileSomethingTakesLong(t *testing.T) {
	h := newHouse(t, timing{time.Millisecond, time.Hour, time.Hour, time.Hour}, false)
	began, found := make(chan int), make(chan bool)
	runs := 0
	h.later = func(ctx context.Context) bool {
		runs++
		select {
		case began <- runs:
		case <-ctx.Done():
			return false
		}
		select {
		case more := <-found:
			return more
		case <-ctx.Done():
			return false
		}
	}
	starts := func(want int) {
		t.Helper()
		select {
		case n := <-began:
			if n != want {
				t.Fatalf("run %d began, want %d", n, want)
			}
		case <-time.After(patience):
			t.Fatalf("run %d did not begin", want)
		}
	}
	seven := h.lines(t, "/ticket/7")
	until(t, seven, "ticket waiting")
	starts(1)
	for _, s := range []string{"third", "second", "first"} {
		h.change(func() { h.tickets[7] = s })
		until(t, seven, "ticket "+s)
	}
	h.mu.Lock()
	h.tickets[7] = "first, in 5 minutes" // nobody is told of it but by another look
	h.mu.Unlock()
	found <- true
	until(t, seven, "ticket first, in 5 minutes")
	starts(2) // for the three changes
	looks := h.looks.Load()
	found <- false
	h.change(func() { h.tickets[7] = "called" })
	until(t, seven, "ticket called")
	starts(3)
	if n := h.looks.Load() - looks; n != 1 {
		t.Errorf("%d looks for one change", n)
	}
}
