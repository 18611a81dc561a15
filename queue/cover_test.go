package queue

import (
	"testing"
	"time"
)

func TestCover(t *testing.T) {
	monday := Day("2026-11-23")
	at := func(hour, minute int) int { return hour*60 + minute }
	h := &House{
		Skills:   map[int64][]Skill{1: {{ServiceID: 10}}, 2: {{ServiceID: 20}}, 3: {{ServiceID: 20}}, 4: {{ServiceID: 30}}},
		Calendar: Calendar{Zone: rome, Week: map[int]Ranges{1: {{at(8, 30), at(13, 0)}, {at(15, 0), at(17, 0)}}}, Days: map[Day]Ranges{"2026-11-30": {}}},
		Counters: []*Counter{{ID: 1}, {ID: 2}, {ID: 3}, {ID: 4, EndedAt: 1}},
		Shifts: map[int64][]Shift{
			2: {{Weekday: 1, Kind: "open", FromMin: 9 * 60, ToMin: 12 * 60}, {Weekday: 1, Kind: "break", FromMin: 10 * 60, ToMin: 11 * 60}},
			3: {{Weekday: 1, Kind: "open", FromMin: 15 * 60, ToMin: 17 * 60}, {Weekday: 2, Kind: "open", FromMin: 9 * 60, ToMin: 17 * 60}},
		},
	}
	for _, c := range []struct {
		what    string
		day     Day
		minute  int
		service int64
		sitting []int64
		open    bool
		from    int // minutes of the day, 0 for nothing said
	}{
		{"somebody sits there", monday, 8 * 60, 10, []int64{1}, true, 0},
		{"the site is open, its counter has no shifts: nobody knows", monday, 9 * 60, 10, []int64{2}, false, 0},
		{"before it opens its hours tell", monday, 8 * 60, 10, nil, false, 8*60 + 30},
		{"between the two parts of the day too", monday, 14 * 60, 10, nil, false, 15 * 60},
		{"after the day nothing", monday, 18 * 60, 10, nil, false, 0},
		{"the next shift", monday, 8*60 + 45, 20, nil, false, 9 * 60},
		{"a shift that began already promises nothing, the end of its break does", monday, 9*60 + 30, 20, nil, false, 11 * 60},
		{"the shift of another counter", monday, 11*60 + 30, 20, nil, false, 15 * 60},
		{"nobody does it any more", monday, 9 * 60, 30, nil, false, 0},
		{"a day on which the site is shut", "2026-11-30", 8 * 60, 20, nil, false, 0},
		{"a day without hours", "2026-11-24", 8 * 60, 20, nil, false, 0},
	} {
		got := h.Cover(c.day.At(c.minute, rome), c.sitting, c.service)
		want := Cover{Open: c.open}
		if c.from != 0 {
			want.From = c.day.At(c.from, rome)
		}
		if got != want {
			t.Errorf("%s: open %t from %v, not %t %v", c.what, got.Open, got.From.Time().In(rome), want.Open, want.From.Time().In(rome))
		}
	}
	now := monday.At(9*60, rome)
	if got := h.CoverOf(now, []int64{1}, &Step{ServiceID: 10, TargetID: 2}); got.Open || got.From != now.Add(2*time.Hour) {
		t.Errorf("who waits for one counter: %+v", got)
	}
	if !h.CoverOf(now, []int64{2}, &Step{ServiceID: 10, TargetID: 2}).Open {
		t.Error("the counter that somebody waits for is open")
	}
}
