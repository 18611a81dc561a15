package app

import (
	"context"
	"syscall"
	"time"
)

// While the program has little to do, as at night, it gives back once a minute what
// lies about. Somebody works with it when it takes more than this share of a minute;
// then it keeps all, since what is given back must be fetched again.
const (
	restEvery = time.Minute
	restBelow = restEvery * 3 / 100
)

// resting does so until the context ends. The chores that are done when a program
// starts go through much of it, and it is in the first such minute that they are over.
func resting(ctx context.Context) {
	t := time.NewTicker(restEvery)
	defer t.Stop()
	before := processorTime()
	for {
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
		if processorTime()-before < restBelow {
			settled()
		}
		before = processorTime()
	}
}

// processorTime is what this process has spent.
func processorTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
