package queue

import (
	"fmt"
	"testing"
	"time"

	"filodiretto/internal/clock"
)

// The two days of 2026 on which the clocks change in Rome.
const (
	spring = Day("2026-03-29") // 2:00 becomes 3:00: 23 hours
	autumn = Day("2026-10-25") // 3:00 becomes 2:00: 25 hours
)

func instant(year, month, day, hour, minute int) clock.Instant {
	return clock.At(time.Date(year, time.Month(month), day, hour, minute, 0, 0, time.UTC))
}

// Queue 3, row 22: numbers went wrong after 17:00, which was midnight in UTC. Every
// quarter of an hour of both days of change, and of those around them, belongs to
// the day that the clock on the wall says.
func TestIssue626BusinessDayOverEveryHourOfClockChanges(t *testing.T) {
	for _, d := range []Day{spring, autumn} {
		for day := d.Add(-1); day <= d.Add(1); day = day.Add(1) {
			hours := map[Day]time.Duration{spring: 23 * time.Hour, autumn: 25 * time.Hour}[day]
			if hours == 0 {
				hours = 24 * time.Hour
			}
			from, to := day.Start(rome), day.End(rome)
			if got := to.Sub(from); got != hours {
				t.Errorf("%s has %v", day, got)
			}
			for at := from; at < to; at = at.Add(15 * time.Minute) {
				if got := DayOf(at, rome); got != day {
					t.Errorf("%v is %s, want %s", at.Time(), got, day)
				}
			}
			if DayOf(from.Add(-time.Microsecond), rome) != day.Add(-1) || DayOf(to, rome) != day.Add(1) {
				t.Errorf("the edges of %s", day)
			}
		}
	}
}

// At and AtLast give back the wall's time, whatever the hour and the zone.
func TestWallClock(t *testing.T) {
	for _, zone := range []*time.Location{rome, time.UTC, mustZone("America/Vancouver"), mustZone("Pacific/Chatham"), mustZone("Africa/Casablanca")} {
		for day := Day("2026-01-01"); day < "2027-01-01"; day = day.Add(1) {
			before := clock.Instant(0)
			for m := 0; m <= 24*60; m += 30 {
				first, last := day.At(m, zone), day.AtLast(m, zone)
				if first < before || last < first {
					t.Fatalf("%s %d in %v goes back", day, m, zone)
				}
				before = first
				if m == 24*60 {
					continue
				}
				f, l := WallMinute(first, zone), WallMinute(last, zone)
				if (f != m || l != m) && (first != last || DayOf(first, zone) != day) {
					t.Fatalf("%s %d in %v: the wall shows %d and %d", day, m, zone, f, l)
				}
			}
		}
	}
}

func TestWallClockOnDaysOfChange(t *testing.T) {
	for _, x := range []struct {
		day         Day
		minute      int
		first, last clock.Instant
	}{
		{spring, 1 * 60, instant(2026, 3, 29, 0, 0), instant(2026, 3, 29, 0, 0)},
		{spring, 2*60 + 30, instant(2026, 3, 29, 1, 0), instant(2026, 3, 29, 1, 0)}, // never: the change
		{spring, 3 * 60, instant(2026, 3, 29, 1, 0), instant(2026, 3, 29, 1, 0)},
		{spring, 9 * 60, instant(2026, 3, 29, 7, 0), instant(2026, 3, 29, 7, 0)},
		{autumn, 2*60 + 30, instant(2026, 10, 25, 0, 30), instant(2026, 10, 25, 1, 30)}, // twice
		{autumn, 3 * 60, instant(2026, 10, 25, 2, 0), instant(2026, 10, 25, 2, 0)},
		{autumn, 9 * 60, instant(2026, 10, 25, 8, 0), instant(2026, 10, 25, 8, 0)},
		{autumn, 24 * 60, instant(2026, 10, 25, 23, 0), instant(2026, 10, 25, 23, 0)},
	} {
		if first, last := x.day.At(x.minute, rome), x.day.AtLast(x.minute, rome); first != x.first || last != x.last {
			t.Errorf("%s %d: %v and %v", x.day, x.minute, first.Time(), last.Time())
		}
	}
}

func TestHolidays(t *testing.T) {
	for day, want := range map[Day]bool{
		"2026-01-01": true, "2026-01-06": true, "2026-04-05": true, "2026-04-06": true, "2026-04-07": false, "2026-04-25": true,
		"2026-05-01": true, "2026-06-02": true, "2026-08-15": true, "2026-11-01": true, "2026-12-08": true, "2026-12-25": true,
		"2026-12-26": true, "2026-12-24": false, "2025-10-04": false, "2026-10-04": true, "2027-10-04": true, "2026-12-06": true,
		"2027-03-29": true, "2024-04-01": true, "": false,
	} {
		if got := Holiday(day, "12-06"); got != want {
			t.Errorf("%s: %v", day, got)
		}
	}
	if Holiday("2026-12-06", "") {
		t.Error("a patron's day of nobody")
	}
}

func TestEaster(t *testing.T) {
	for year, want := range map[int]Day{ // as published
		2000: "2000-04-23", 2008: "2008-03-23", 2011: "2011-04-24", 2019: "2019-04-21", 2024: "2024-03-31", 2025: "2025-04-20",
		2026: "2026-04-05", 2027: "2027-03-28", 2030: "2030-04-21", 2038: "2038-04-25", 2049: "2049-04-18", 2100: "2100-03-28",
	} {
		if got := easterOf(year); got != want {
			t.Errorf("%d: %s", year, got)
		}
	}
}

func week() Calendar {
	c := Calendar{Zone: rome, Week: map[int]Ranges{}, Days: map[Day]Ranges{}}
	for d := 1; d <= 5; d++ {
		c.Week[d] = Ranges{{8 * 60, 13 * 60}, {15 * 60, 18 * 60}}
	}
	return c
}

// Opening and closing to the microsecond, in summer and winter time.
func TestOpenAtTheEdges(t *testing.T) {
	c := week()
	for _, day := range []Day{"2026-03-27", "2026-03-30", "2026-10-23", "2026-10-26"} {
		for _, r := range c.Ranges(day) {
			from, to := day.At(r.From, rome), day.At(r.To, rome)
			for at, want := range map[clock.Instant]bool{from - 1: false, from: true, to - 1: true, to: false} {
				if _, got := c.Open(at); got != want {
					t.Errorf("%s %v: %v", day, at.Time().In(rome), got)
				}
			}
			if until, _ := c.Open(from); until != to {
				t.Errorf("%s is open until %v", day, until.Time())
			}
		}
	}
	if WallMinute(Day("2026-03-27").At(8*60, rome), time.UTC) != 7*60 || WallMinute(Day("2026-03-30").At(8*60, rome), time.UTC) != 6*60 {
		t.Error("eight o'clock is not where it is in UTC")
	}
}

// A site that is open over the change of the clocks is open as long as the wall
// says: an hour less, or more.
func TestOpenOverClockChanges(t *testing.T) {
	c := Calendar{Zone: rome, Week: map[int]Ranges{7: {{60, 240}}}}
	for day, want := range map[Day]time.Duration{"2026-03-22": 3 * time.Hour, spring: 2 * time.Hour, autumn: 4 * time.Hour} {
		spans := c.Spans(day)
		if len(spans) != 1 || spans[0].To.Sub(spans[0].From) != want {
			t.Errorf("%s: %v", day, spans)
		}
	}
	c.Week[7] = Ranges{{2*60 + 10, 2*60 + 50}}
	if spans := c.Spans(spring); len(spans) != 0 {
		t.Error("hours that do not happen:", spans)
	}
}

func TestNextOpening(t *testing.T) {
	c := week()
	c.Patron = "11-24"
	c.Days["2026-11-25"] = nil
	c.Days["2026-11-28"] = Ranges{{9 * 60, 12 * 60}} // a Saturday
	for _, x := range []struct{ at, want clock.Instant }{
		{instant(2026, 11, 23, 6, 0), instant(2026, 11, 23, 7, 0)},
		{instant(2026, 11, 23, 7, 30), instant(2026, 11, 23, 7, 30)},
		{instant(2026, 11, 23, 12, 0), instant(2026, 11, 23, 14, 0)},
		{instant(2026, 11, 23, 17, 0), instant(2026, 11, 26, 7, 0)}, // patron's day, and one that is shut
		{instant(2026, 11, 27, 17, 0), instant(2026, 11, 28, 8, 0)},
	} {
		if got := c.Next(x.at); got != x.want {
			t.Errorf("after %v: %v", x.at.Time(), got.Time())
		}
	}
	if (Calendar{Zone: rome}).Next(instant(2026, 1, 1, 0, 0)) != 0 {
		t.Error("a site without hours opens")
	}
	if got := c.Closing("2026-11-23"); got != instant(2026, 11, 23, 17, 0) || c.Closing("2026-11-25") != 0 {
		t.Error(got)
	}
}

func TestTidyRanges(t *testing.T) {
	for _, x := range []struct {
		in    Ranges
		want  string
		wrong string
	}{
		{nil, "[]", ""},
		{Ranges{{900, 1080}, {480, 780}}, "[{480 780} {900 1080}]", ""},
		{Ranges{{480, 600}, {600, 780}}, "[{480 780}]", ""},
		{Ranges{{480, 600}, {599, 780}}, "[]", "overlap"},
		{Ranges{{480, 480}}, "[]", "range"},
		{Ranges{{-1, 480}}, "[]", "range"},
		{Ranges{{0, 1441}}, "[]", "range"},
	} {
		got, wrong := x.in.tidy()
		if fmt.Sprint(got) != x.want || wrong != x.wrong {
			t.Errorf("%v: %v %q", x.in, got, wrong)
		}
	}
}

func FuzzDay(f *testing.F) {
	for _, s := range []string{"2026-11-23", "2026-02-29", "", "2026-1-1", "2026-03-29T00:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDay(s)
		if err != nil {
			return
		}
		if string(d) != s || d.Add(1).Add(-1) != d || DayOf(d.Start(rome), rome) != d || d.Weekday() < 1 || d.Weekday() > 7 {
			t.Errorf("%q", s)
		}
	})
}
