package demo

import (
	"math/rand/v2"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue"
)

// patron is the town's own holiday, Saint Francis.
const patron = "10-04"

// holiday reports whether the town hall stays shut on a day for its being one.
func holiday(t time.Time) bool { return queue.Holiday(queue.DayOf(clock.At(t), rome), patron) }

// openingHours are those of a day: Monday, Tuesday and Thursday from 8:15 to
// 17:00, Wednesday and Friday to 13:30. ok is false on the others and on holidays.
func openingHours(t time.Time) (open, shut time.Time, ok bool) {
	hour := func(h, m int) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), h, m, 0, 0, rome) }
	open, shut = hour(8, 15), hour(17, 0)
	day := t.Weekday()
	if day == time.Wednesday || day == time.Friday {
		shut = hour(13, 30)
	}
	return open, shut, day != time.Saturday && day != time.Sunday && !holiday(t)
}

// officeHours moves an instant to the next time at which the offices work.
func officeHours(rng *rand.Rand, at clock.Instant) clock.Instant {
	t := at.Time().In(rome)
	for {
		open, shut, works := openingHours(t)
		switch {
		case works && t.Before(open):
			return clock.At(open.Add(time.Duration(rng.IntN(75*60)) * time.Second))
		case works && t.Before(shut):
			return clock.At(t)
		}
		t = time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, rome)
	}
}

// lastOfficeHours moves an instant back to when the offices last worked, or
// leaves it where they do. What staff did must lie behind us, on a Sunday night
// too.
func lastOfficeHours(rng *rand.Rand, at clock.Instant) clock.Instant {
	t := at.Time().In(rome)
	for {
		open, shut, works := openingHours(t)
		switch {
		case works && t.After(shut):
			return clock.At(shut.Add(-time.Duration(60+rng.IntN(90*60)) * time.Second))
		case works && t.After(open):
			return clock.At(t)
		}
		t = time.Date(t.Year(), t.Month(), t.Day()-1, 23, 59, 0, 0, rome)
	}
}

// inOffice reports whether the offices work at an instant.
func inOffice(at clock.Instant) bool {
	t := at.Time().In(rome)
	open, shut, works := openingHours(t)
	return works && !t.Before(open) && t.Before(shut)
}
