package app

import (
	"errors"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// Rule 13: where nobody can be told what is wrong, it is tried ever more rarely, and once
// an hour in the end; whoever can be told again is told at once of the next thing.
func TestRule13WhoCannotBeToldIsNotTriedEveryMinute(t *testing.T) {
	now := clock.At(time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC))
	var p alarmPace
	refused, tries := errors.New("refused"), 0
	answer := refused
	causes := []inbox.Alarm{{AccountID: 1, Cause: inbox.AlarmDown}}
	minutes := func(n int) {
		for range n {
			if err := p.try(now, causes, func() error { tries++; return answer }); err != answer && !errors.Is(err, errNotYet) {
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

// Rule 13: after a night in which nobody could be told, what is new is told at once, and
// with the pace of its own; what is over, or comes back among the same, is nothing new.
func TestRule13ANewCauseDoesNotWaitForThoseThatCouldNotBeTold(t *testing.T) {
	now := clock.At(time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC))
	var p alarmPace
	down, login, other := inbox.Alarm{AccountID: 1, Cause: inbox.AlarmDown}, inbox.Alarm{AccountID: 1, Cause: inbox.AlarmRefused}, inbox.Alarm{AccountID: 2, Cause: inbox.AlarmDown}
	tried := func(causes ...inbox.Alarm) bool {
		tries := 0
		_ = p.try(now, causes, func() error { tries++; return errNobodyTold })
		now = now.Add(alarmEvery)
		return tries > 0
	}
	for range 12 * 60 {
		tried(down)
	}
	for i, x := range []struct {
		causes []inbox.Alarm
		want   bool
	}{
		{[]inbox.Alarm{down}, false},
		{[]inbox.Alarm{down, other}, true},
		{[]inbox.Alarm{down, other}, true},
		{[]inbox.Alarm{down, other}, false},
		{[]inbox.Alarm{other}, true}, // two minutes after the one before
		{[]inbox.Alarm{other}, false},
		{[]inbox.Alarm{other, login}, true},
	} {
		if got := tried(x.causes...); got != x.want {
			t.Errorf("%d: tried %v, want %v", i, got, x.want)
		}
	}
}
