package main

import (
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue"
)

// opensAt is the minute of the day at which every town begins.
const opensAt = 10 * 60

var rome = func() *time.Location {
	z, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	return z
}()

// morning is a clock by which it is ten in the morning of a working day: of today,
// or of the last one before. A day that begins or ends meanwhile shuts the rooms and
// begins the numbers again, and on a holiday they do not open at all.
func morning(now clock.Instant) clock.Shifted {
	day := queue.DayOf(now, rome)
	for day.Weekday() > 5 || queue.Holiday(day, "") {
		day = day.Add(-1)
	}
	return clock.Shifted{By: day.At(opensAt, rome).Sub(now)}
}
