package main

import (
	"testing"
	"time"

	"filodiretto/internal/clock"
)

func TestMorning(t *testing.T) {
	for _, x := range []struct{ now, begins string }{
		{"2026-11-24T09:12:00+01:00", "2026-11-24T10:00:00+01:00"}, // a Tuesday
		{"2026-11-24T23:50:00+01:00", "2026-11-24T10:00:00+01:00"},
		{"2026-11-25T00:10:00+01:00", "2026-11-25T10:00:00+01:00"},
		{"2026-11-29T18:00:00+01:00", "2026-11-27T10:00:00+01:00"}, // Sunday: the Friday before
		{"2026-12-25T11:00:00+01:00", "2026-12-24T10:00:00+01:00"},
		{"2026-12-31T23:59:00+01:00", "2026-12-31T10:00:00+01:00"},
		{"2027-01-01T00:01:00+01:00", "2026-12-31T10:00:00+01:00"},
		{"2027-03-28T02:59:00Z", "2027-03-26T10:00:00+01:00"},      // Easter, and clocks go forward
		{"2026-10-25T02:30:00+01:00", "2026-10-23T10:00:00+02:00"}, // clocks went back
		{"2027-10-31T12:00:00+01:00", "2027-10-29T10:00:00+02:00"},
	} {
		now, err := time.Parse(time.RFC3339, x.now)
		if err != nil {
			t.Fatal(err)
		}
		at := clock.At(now).Add(morning(clock.At(now)).By)
		if got := at.Time().In(rome).Format(time.RFC3339); got != x.begins {
			t.Errorf("at %s the town begins at %s, not %s", x.now, got, x.begins)
		}
	}
}
