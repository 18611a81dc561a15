package db

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"

	"filodiretto/internal/clock"
)

// ids hands out the numbers of this process: 41 bits of milliseconds since
// 2025, 22 bits that start at random in each millisecond and then count. Two
// processes may meet once in millions of rows; the primary key then refuses the
// second, and its transaction is run again.
var ids struct {
	sync.Mutex
	ms  int64
	seq int64
}

var epoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// NewID returns a number that no row has yet and that is greater than those
// given before by this process, so that order of id is order of making.
func NewID(c clock.Clock) int64 {
	now := c.Now().Time().UnixMilli() - epoch
	ids.Lock()
	defer ids.Unlock()
	if now > ids.ms {
		var b [4]byte
		_, _ = rand.Read(b[:])
		ids.ms = now
		ids.seq = int64(binary.LittleEndian.Uint32(b[:]) & (1<<21 - 1))
	} else if ids.seq++; ids.seq >= 1<<22 {
		ids.ms++
		ids.seq = 0
	}
	return ids.ms<<22 | ids.seq
}

// RewindIDs lets NewID follow a clock that was set back. It is for a test that went years
// ahead: the numbers of those after it would be of days that their clocks do not know.
func RewindIDs() {
	ids.Lock()
	defer ids.Unlock()
	ids.ms, ids.seq = 0, 0
}

// FirstID is the smallest number that NewID may have given at an instant or
// later: rows are found by the time of their making without an index of their own.
func FirstID(at clock.Instant) int64 {
	return max(0, at.Time().UnixMilli()-epoch) << 22
}

// MadeAt is the instant, in whole milliseconds, at which NewID gave a number.
func MadeAt(id int64) clock.Instant { return clock.At(time.UnixMilli(id>>22 + epoch)) }
