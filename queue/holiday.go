package queue

import (
	"slices"
	"time"
)

// fixedHolidays are those of the whole country. 4 October, Saint Francis, is one
// again from 2026 (law 151/2025).
var fixedHolidays = []string{"01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26"}

const (
	saintFrancis      = "10-04"
	saintFrancisSince = 2026
)

// Holiday reports whether a day is a holiday in Italy, or the town's patron's day
// ("10-04", empty for none).
func Holiday(d Day, patron string) bool {
	if len(d) != len(dayLayout) {
		return false
	}
	date := d.date()
	md := string(d[5:])
	if md == patron || slices.Contains(fixedHolidays, md) || md == saintFrancis && date.Year() >= saintFrancisSince {
		return true
	}
	easter := easterOf(date.Year())
	return d == easter || d == easter.Add(1)
}

// easterOf is Easter Sunday by the Gregorian calendar (Meeus, Jones and Butcher).
func easterOf(year int) Day {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return Day(time.Date(year, time.Month(n/31), n%31+1, 12, 0, 0, 0, time.UTC).Format(dayLayout))
}
