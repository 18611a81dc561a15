package demo

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestNobodyChasesWhatWasJustAnswered: after a receipt or a confirmation nobody asks where
// the answer is, and nobody says that more than a week has gone by when it has not.
func TestNobodyChasesWhatWasJustAnswered(t *testing.T) {
	lib, err := readLibrary()
	if err != nil {
		t.Fatal(err)
	}
	week := func(s string) bool { return strings.Contains(s, "settimana") }
	for _, c := range []struct {
		quiet         time.Duration
		asks, forWeek bool
	}{{time.Minute, false, false}, {23 * time.Hour, false, false}, {5 * 24 * time.Hour, true, false}, {8 * 24 * time.Hour, true, true}} {
		words := lib.chase(c.quiet)
		if (len(words) > 0) != c.asks || slices.ContainsFunc(words, week) != c.forWeek {
			t.Errorf("after %v: %v", c.quiet, words)
		}
	}
}
