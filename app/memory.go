package app

import (
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"filodiretto/internal/jobs"
)

// room is how much garbage may always lie about, in bytes. The collector runs
// when there is as much garbage as live memory, and a quiet program holds so
// little of that (some 8 MiB) that it would run for every few pages, and one page
// in ten would wait for it.
const room = 24 << 20

// ballast counts as live memory and is never touched, so that it costs address
// space only. It must be made first of all: memory that was used before would
// have to be cleared, and would be there.
var ballast = make([]byte, room)

// Nobody can ask for a profile of the memory. To keep one, the runtime walks the
// stack for every half megabyte of what is asked of it, and so has much of the
// program's tables in memory: some 6 MiB in a quiet process.
func init() { runtime.MemProfileRate = 0 }

// settling gives starting's memory back again when each of the chores that come
// every minute or oftener has been done once: their first round goes through
// much of the program that later rounds, with nothing to do, do not need. Chores
// that are rarer may have been done before this process began.
func settling(chores []jobs.Chore) []jobs.Chore {
	var left atomic.Int32
	out := slices.Clone(chores)
	for i, c := range out {
		if c.Every > time.Minute {
			continue
		}
		left.Add(1)
		var once sync.Once
		out[i].Run = func(ctx context.Context) error {
			defer once.Do(func() {
				if left.Add(-1) == 0 {
					settled()
				}
			})
			return c.Run(ctx)
		}
	}
	return out
}

// settled gives back to the system what only starting needed: the migrations'
// buffers and most of the program's own pages. It reports how much room is kept.
// What lies in pools is garbage only for the second collection.
func settled() int {
	runtime.GC()
	debug.FreeOSMemory()
	_ = leaveProgram() // then it holds more than it needs, as any program does
	return len(ballast)
}
