package demo

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// told is the database of a history that ends at an instant.
func told(t *testing.T, until clock.Instant) *db.DB {
	t.Helper()
	d := &Demo{opt: Options{Dir: filepath.Join(t.TempDir(), "demo"), Listen: "127.0.0.1:0"}}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := d.defaults(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.openFolder(); err != nil {
		t.Fatal(err)
	}
	if err := d.openWorld(true); err != nil {
		t.Fatal(err)
	}
	if err := d.world.tellHistory(t.Context(), d.config, slog.New(slog.DiscardHandler), until, nil); err != nil {
		t.Fatal(err)
	}
	in, err := db.Open(t.Context(), d.config.Database.URL.Reveal(), clock.System{}, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

// TestTheHistoryLooksRightOnAnyDate: whoever starts the demo on New Year's day,
// on a Sunday night, when the clocks change or on a leap day sees the same town,
// with its failed delivery and its merge that was undone, and nobody worked when
// the town hall was shut.
func TestTheHistoryLooksRightOnAnyDate(t *testing.T) {
	for name, text := range map[string]string{
		"New Year's day":             "2026-01-01 00:20",
		"a Sunday night":             "2026-11-22 23:40",
		"the clocks go forward":      "2026-03-29 03:10",
		"the clocks go back":         "2026-10-25 02:30",
		"a leap day":                 "2028-02-29 08:20",
		"the morning after holidays": "2026-12-28 08:10",
	} {
		t.Run(name, func(t *testing.T) {
			until := at(t, text)
			in := told(t, until)
			testHistory(t, in, until)
			testWorkingTimes(t, in, until)
		})
	}
}

func testWorkingTimes(t *testing.T, in *db.DB, until clock.Instant) {
	t.Helper()
	for _, table := range []string{"events", "messages"} {
		if n := numberIn(t, in, "SELECT count(*) FROM "+table+" WHERE at > ?", until); n > 0 {
			t.Errorf("%d %s lie ahead", n, table)
		}
	}
	late := func(query string) (n, odd int, sample clock.Instant) {
		t.Helper()
		var when []clock.Instant
		if err := in.Read.NewRaw(query).Scan(t.Context(), &when); err != nil {
			t.Fatal(err)
		}
		for _, at := range when {
			if !inOffice(at) && !inOffice(at.Add(-2*time.Hour)) {
				odd++
				sample = at
			}
		}
		return len(when), odd, sample
	}
	for what, query := range map[string]string{
		"visits and calls": "SELECT at FROM messages WHERE channel IN ('counter', 'phone') AND direction = 'in'",
		"answers of staff": "SELECT at FROM messages WHERE direction = 'out' AND origin = 'operator'",
		"deeds of staff":   "SELECT at FROM events WHERE actor = 'operator' AND kind NOT LIKE 'ticket.%' AND kind NOT LIKE 'counter.%'", // the room has hours of its own
	} {
		if n, odd, sample := late(query); odd > 0 {
			t.Errorf("%d of %d %s when the town hall was shut, such as %s", odd, n, what, sample.Time().In(rome))
		}
	}
}

func TestLastOfficeHours(t *testing.T) {
	for in, want := range map[string][2]string{ // between which instants the office worked last
		"2026-11-16 10:00": {"2026-11-16 10:00", "2026-11-16 10:00"},
		"2026-11-16 06:00": {"2026-11-13 11:58", "2026-11-13 13:30"}, // Monday morning: Friday
		"2026-11-22 23:40": {"2026-11-20 11:58", "2026-11-20 13:30"}, // Sunday night
		"2026-11-18 20:00": {"2026-11-18 11:58", "2026-11-18 13:30"},
		"2026-01-01 00:20": {"2025-12-31 11:58", "2025-12-31 13:30"},
		"2026-04-07 07:00": {"2026-04-03 11:58", "2026-04-03 13:30"}, // after Easter
		"2026-12-28 08:10": {"2026-12-24 15:28", "2026-12-24 17:00"},
		"2026-03-29 03:10": {"2026-03-27 11:58", "2026-03-27 13:30"},
		"2026-10-05 08:00": {"2026-10-02 11:58", "2026-10-02 13:30"}, // the patron's day was a Sunday
	} {
		got := lastOfficeHours(someRand(), at(t, in))
		if got < at(t, want[0]) || got > at(t, want[1]) || !inOffice(got) {
			t.Errorf("before %s the office worked last at %s, want from %s to %s", in, got.Time().In(rome), want[0], want[1])
		}
	}
	if next := officeHours(someRand(), at(t, "2025-12-24 14:00")); next < at(t, "2025-12-29 08:15") || !inOffice(next) {
		t.Errorf("after Christmas the office opens at %s", next.Time().In(rome))
	}
}
