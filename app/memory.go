package app

import (
	"runtime"
	"runtime/debug"
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

// settled gives back to the system what is not needed now, as after starting: the
// migrations' buffers and most of the program's own pages. It reports how much room
// is kept.
// What lies in pools is garbage only for the second collection.
func settled() int {
	runtime.GC()
	debug.FreeOSMemory()
	_ = leaveProgram() // then it holds more than it needs, as any program does
	return len(ballast)
}
