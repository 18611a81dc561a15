package queue

import (
	"fmt"
	"time"

	"filodiretto/internal/clock"
)

// Day is a local day, "2026-11-23". Days compare as texts.
type Day string

const dayLayout = "2006-01-02"

// DayOf is the business day to which an instant belongs in a zone. It never
// depends on the machine's zone nor on UTC midnight (queue 3, row 22).
func DayOf(at clock.Instant, zone *time.Location) Day {
	return Day(at.Time().In(zone).Format(dayLayout))
}

// ParseDay reads "2026-11-23".
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(dayLayout, s)
	if err != nil || t.Year() < 2000 || t.Year() > 2999 {
		return "", fmt.Errorf("queue: %q is no day", s)
	}
	return Day(s), nil
}

// date is the day's noon in UTC, for counting days; the zero time for a wrong one.
func (d Day) date() time.Time {
	t, err := time.Parse(dayLayout, string(d))
	if err != nil {
		return time.Time{}
	}
	return t.Add(12 * time.Hour)
}

// Weekday is 1 for Monday to 7 for Sunday.
func (d Day) Weekday() int { return (int(d.date().Weekday())+6)%7 + 1 }

// Add counts days on.
func (d Day) Add(days int) Day { return Day(d.date().AddDate(0, 0, days).Format(dayLayout)) }

// Start is the first instant of the day, End the first of the next one.
func (d Day) Start(zone *time.Location) clock.Instant { return d.At(0, zone) }

// End is the first instant of the next day.
func (d Day) End(zone *time.Location) clock.Instant { return d.At(24*60, zone) }

// At is the instant at which the clock on the wall shows so many minutes after
// midnight. When the clocks go back that happens twice: At is the first time,
// AtLast the second. When they go forward it never happens: both are the instant
// of the change.
func (d Day) At(minute int, zone *time.Location) clock.Instant {
	first, _ := d.walls(minute, zone)
	return clock.At(first)
}

// AtLast is At, but the second time when there are two.
func (d Day) AtLast(minute int, zone *time.Location) clock.Instant {
	_, last := d.walls(minute, zone)
	return clock.At(last)
}

func (d Day) walls(minute int, zone *time.Location) (first, last time.Time) {
	wall := d.date().Add(-12 * time.Hour).Add(time.Duration(minute) * time.Minute) // as if in UTC
	before, after := offset(wall.Add(-26*time.Hour), zone), offset(wall.Add(26*time.Hour), zone)
	x, y := wall.Add(-before), wall.Add(-after)
	okX, okY := offset(x, zone) == before, offset(y, zone) == after
	switch {
	case okX && okY && x.Before(y): // the hour that happens twice, or x equal y
		return x, y
	case okX && okY:
		return y, x
	case okX:
		return x, x
	case okY:
		return y, y
	}
	change := changeBetween(y, x, zone)
	return change, change
}

func offset(t time.Time, zone *time.Location) time.Duration {
	_, s := t.In(zone).Zone()
	return time.Duration(s) * time.Second
}

// changeBetween is the instant at which the zone's offset changes, to the second.
func changeBetween(from, to time.Time, zone *time.Location) time.Time {
	if to.Before(from) {
		from, to = to, from
	}
	from, to = from.Add(-time.Second), to.Add(time.Second)
	was := offset(from, zone)
	for to.Sub(from) > time.Second {
		mid := from.Add(to.Sub(from) / 2).Truncate(time.Second)
		if offset(mid, zone) == was {
			from = mid
		} else {
			to = mid
		}
	}
	return to
}

// WallMinute is how many minutes after midnight the clock on the wall shows.
func WallMinute(at clock.Instant, zone *time.Location) int {
	t := at.Time().In(zone)
	return t.Hour()*60 + t.Minute()
}
