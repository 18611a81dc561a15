package app

import (
	"testing"
	"time"

	"filodiretto/channels"
)

// A login that fails is tried less and less: providers lock accounts after some
// failures (PEC reference section 9).
func TestABrokenLoginIsTriedLessAndLess(t *testing.T) {
	refused := &channels.Error{Class: channels.AuthBroken}
	pause, tries, passed := time.Second, 0, time.Duration(0)
	for passed < 24*time.Hour {
		pause = nextPause(refused, pause)
		passed += pause
		tries++
	}
	if pause != time.Hour || tries > 30 {
		t.Errorf("%d tries in a day, at last each %s", tries, pause)
	}
	for _, x := range []struct {
		e           *channels.Error
		pause, want time.Duration
	}{
		{&channels.Error{Class: channels.RetryBackoff}, time.Second, 2 * time.Second},
		{&channels.Error{Class: channels.RetryBackoff}, time.Hour, 5 * time.Minute},
		{&channels.Error{Class: channels.RetryAfter, After: 30 * time.Second}, time.Hour, 30 * time.Second},
		{refused, time.Second, 5 * time.Minute},
	} {
		if got := nextPause(x.e, x.pause); got != x.want {
			t.Errorf("%s after %s: %s, want %s", x.e.Class, x.pause, got, x.want)
		}
	}
}
