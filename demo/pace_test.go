package demo

import (
	"context"
	"testing"
	"time"

	"filodiretto/internal/clock"
)

func at(t *testing.T, text string) clock.Instant {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", text, rome)
	if err != nil {
		t.Fatal(err)
	}
	return clock.At(v)
}

func TestOfficeHours(t *testing.T) {
	for in, want := range map[string][2]string{ // from when to when the office takes it up
		"2026-11-16 10:00": {"2026-11-16 10:00", "2026-11-16 10:00"}, // Monday
		"2026-11-16 06:00": {"2026-11-16 08:15", "2026-11-16 09:30"},
		"2026-11-16 17:30": {"2026-11-17 08:15", "2026-11-17 09:30"},
		"2026-11-18 13:40": {"2026-11-19 08:15", "2026-11-19 09:30"}, // Wednesday afternoon is closed
		"2026-11-20 16:00": {"2026-11-23 08:15", "2026-11-23 09:30"}, // Friday
		"2026-11-21 10:00": {"2026-11-23 08:15", "2026-11-23 09:30"}, // Saturday
		"2026-10-24 20:00": {"2026-10-26 08:15", "2026-10-26 09:30"}, // over the change of the clocks
	} {
		got := officeHours(someRand(), at(t, in))
		if got < at(t, want[0]) || got > at(t, want[1]) {
			t.Errorf("%s is taken up at %s, want from %s to %s", in, got.Time().In(rome), want[0], want[1])
		}
	}
}

func TestNobodyActsBeforeTheCause(t *testing.T) {
	rng := someRand()
	from := at(t, "2026-11-16 03:00")
	for name, p := range map[string]pace{"days": days{}, "moments": moments{speed: 1}} {
		for range 500 {
			if p.staff(rng, from) <= from || p.citizen(rng, from) <= from || p.later(rng, from) <= from {
				t.Fatal(name, "lets somebody act before the cause")
			}
			if got := (days{}).citizen(rng, from).Time().In(rome).Hour(); got < 7 {
				t.Fatal("a citizen writes at", got)
			}
		}
	}
	slow, fast := moments{speed: 0.5}, moments{speed: 10}
	if slow.citizen(rng, from).Sub(from) < 16*time.Second || fast.citizen(rng, from).Sub(from) > 4*time.Second {
		t.Error("the speed has no effect")
	}
}

func TestQueueOrder(t *testing.T) {
	var q agenda
	var got []string
	for _, x := range []struct {
		at   clock.Instant
		name string
	}{{30, "d"}, {10, "a"}, {20, "b"}, {20, "c"}, {40, "never"}} {
		q.plan(x.at, func(context.Context) error { got = append(got, x.name); return nil })
	}
	if q.next() != 10 {
		t.Error("the next is at", q.next())
	}
	for s, ok := q.due(30); ok; s, ok = q.due(30) {
		if err := s.do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := "abcd"; len(got) != 4 || got[0]+got[1]+got[2]+got[3] != want || q.next() != 40 {
		t.Errorf("got %v, then %d", got, q.next())
	}
}

func TestReplayClock(t *testing.T) {
	c := &replay{}
	c.moveTo(100)
	c.moveTo(50)
	if c.Now() != 100 {
		t.Error("the clock went back to", c.Now())
	}
	c.release()
	if c.Now() < at(t, "2025-01-01 00:00") {
		t.Error("released, the clock still stands")
	}
}
