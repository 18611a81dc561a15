package app

import (
	"errors"
	"testing"
	"time"

	"filodiretto/internal/clock"
)

// Rule 13: where nobody can be told what is wrong, it is tried ever more rarely, and once
// an hour in the end; whoever can be told again is told at once of the next thing.
func TestRule13WhoCannotBeToldIsNotTriedEveryMinute(t *testing.T) {
	now := clock.At(time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC))
	var p alarmPace
	refused, tries := errors.New("refused"), 0
	answer := refused
	minutes := func(n int) {
		for range n {
			if err := p.try(now, func() error { tries++; return answer }); err != answer && !errors.Is(err, errNotYet) {
				t.Fatal(err)
			}
			now = now.Add(alarmEvery)
		}
	}
	minutes(24 * 60)
	if tries < 24 || tries > 32 {
		t.Errorf("%d tries in a day", tries)
	}
	answer = nil
	minutes(60)
	if tries = 0; p.next != 0 {
		t.Error("it is not told again within an hour")
	}
	answer = refused
	minutes(2)
	if tries != 2 {
		t.Errorf("%d tries in the first two minutes", tries)
	}
}
