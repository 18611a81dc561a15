package textfold

import (
	"strconv"
	"strings"
	"time"
)

// Day is a date of the calendar, in the municipality's own zone. The zero Day is none.
type Day struct{ Year, Month, Day int }

// DayOf gives the date of t in t's own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, int(m), d}
}

// IsZero reports whether there is no date.
func (d Day) IsZero() bool { return d == Day{} }

// Time is midnight of the day in loc. Where the clocks change at midnight, it
// is the first instant that the day has.
func (d Day) Time(loc *time.Location) time.Time {
	return time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, loc)
}

// Add gives the date n days later.
func (d Day) Add(n int) Day { return DayOf(d.Time(time.UTC).AddDate(0, 0, n)) }

// String writes the date as 2026-11-21.
func (d Day) String() string { return d.Time(time.UTC).Format(time.DateOnly) }

func (d Day) valid() bool {
	return d.Year >= 1900 && d.Year <= 9999 && DayOf(d.Time(time.UTC)) == d
}

// relative are the words for days near today.
var relative = map[string]int{
	"oggi": 0, "today": 0, "ieri": -1, "yesterday": -1, "domani": 1, "tomorrow": 1, "dopodomani": 2,
}

// readDays reads 2026-11-21, 21/11/2026, 21.11.26, 21-11-2026, 21/11 (this
// year), 11/2026 and 2026-11 (the month), 2026 (the year), and the words for
// days near today. It gives the first day and the first one after. What depends
// on today fails when today is unknown.
func readDays(s string, today Day) (from, to Day, ok bool) {
	if n, ok := relative[Fold(s)]; ok {
		return today.Add(n), today.Add(n + 1), !today.IsZero()
	}
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	n := make([]int, len(fields))
	for i, f := range fields {
		v, err := strconv.Atoi(f)
		if err != nil || len(f) > 4 || f[0] == '+' {
			return Day{}, Day{}, false
		}
		n[i] = v
	}
	var d Day
	years, months, days := 0, 0, 1
	switch {
	case len(n) == 3 && len(fields[0]) == 4:
		d = Day{n[0], n[1], n[2]}
	case len(n) == 3:
		d = Day{n[2], n[1], n[0]}
		if len(fields[2]) == 2 {
			d.Year += 2000
		}
	case len(n) == 2 && len(fields[0]) == 4:
		d, months, days = Day{n[0], n[1], 1}, 1, 0
	case len(n) == 2 && len(fields[1]) == 4:
		d, months, days = Day{n[1], n[0], 1}, 1, 0
	case len(n) == 2 && !today.IsZero():
		d = Day{today.Year, n[1], n[0]}
	case len(n) == 1 && len(fields[0]) == 4:
		d, years, days = Day{n[0], 1, 1}, 1, 0
	}
	if !d.valid() {
		return Day{}, Day{}, false
	}
	return d, DayOf(d.Time(time.UTC).AddDate(years, months, days)), true
}
