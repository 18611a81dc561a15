package testcost

import (
	"runtime"
	"testing"
)

// What is held for a moment only is counted, and what was there before is not.
func TestOfCountsTheHighestMoment(t *testing.T) {
	before := make([]byte, 30<<20)
	fill(before)
	c := Of(t, func() func() {
		return func() {
			fill(make([]byte, 40<<20))
			runtime.GC()
			fill(make([]byte, 40<<20))
		}
	})
	runtime.KeepAlive(before)
	if mib := c.Memory >> 20; mib < 38 || mib > 90 {
		t.Errorf("%d MiB were measured", mib)
	}
	if c.Time <= 0 {
		t.Errorf("%v were measured", c.Time)
	}
}

func fill(b []byte) {
	for i := 0; i < len(b); i += 1024 {
		b[i] = 1
	}
}
