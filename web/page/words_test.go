package page

import (
	"testing"
	"time"

	"filodiretto/internal/clock"
)

// speaker says things at 11:12 on Tuesday 17 November 2026 in Rome.
func speaker(t testing.TB, l Lang) (*words, func(y int, m time.Month, d, h, min int) clock.Instant) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	at := func(y int, m time.Month, d, h, min int) clock.Instant {
		return clock.At(time.Date(y, m, d, h, min, 0, 0, zone))
	}
	return &words{lang: l, cat: mustCatalogue(t), clock: clock.NewManual(at(2026, 11, 17, 11, 12).Time()), zone: zone}, at
}

func TestShort(t *testing.T) {
	w, at := speaker(t, Italian)
	for _, tt := range []struct {
		at   clock.Instant
		want string
	}{
		{at(2026, 11, 17, 0, 0), "00:00"},
		{at(2026, 11, 17, 11, 4), "11:04"},
		{at(2026, 11, 16, 23, 59), "ieri"},
		{at(2026, 11, 15, 12, 0), "15 nov"},
		{at(2025, 12, 31, 12, 0), "31 dic 2025"},
	} {
		if got := w.Short(tt.at); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.at.Time(), got, tt.want)
		}
	}
}

// The night in which the clock goes back has 25 hours: yesterday stays yesterday.
func TestDaysAreCountedOnTheCalendar(t *testing.T) {
	w, at := speaker(t, Italian)
	w.clock = clock.NewManual(at(2026, 10, 25, 23, 30).Time())
	if got := w.Short(at(2026, 10, 24, 0, 10)); got != "ieri" {
		t.Errorf("got %q", got)
	}
	if got := w.Moment(at(2026, 10, 26, 9, 0)); got != "domani alle 09:00" {
		t.Errorf("got %q", got)
	}
}

func TestDueInWords(t *testing.T) {
	it, at := speaker(t, Italian)
	en, _ := speaker(t, English)
	for _, tt := range []struct {
		due    Due
		it, en string
	}{
		{Due{At: at(2026, 11, 17, 17, 0)}, "Scade oggi 17:00", "Due today 17:00"},
		{Due{At: at(2026, 11, 18, 0, 0)}, "Scade domani", "Due tomorrow"},
		{Due{At: at(2026, 11, 23, 12, 0)}, "Scade tra 6 giorni", "Due in 6 days"},
		{Due{At: at(2026, 11, 17, 9, 0)}, "Scaduta oggi alle 09:00", "Overdue since 09:00"},
		{Due{At: at(2026, 11, 16, 9, 0)}, "Scaduta da 1 giorno", "Overdue by 1 day"},
		{Due{At: at(2026, 11, 15, 23, 0)}, "Scaduta da 2 giorni", "Overdue by 2 days"},
		{Due{At: at(2026, 11, 15, 23, 0), Paused: true}, "Termine sospeso", "Term suspended"},
	} {
		if got := it.Due(tt.due); got != tt.it {
			t.Errorf("got %q, want %q", got, tt.it)
		}
		if got := en.Due(tt.due); got != tt.en {
			t.Errorf("got %q, want %q", got, tt.en)
		}
	}
}

func TestDatesInWords(t *testing.T) {
	w, at := speaker(t, Italian)
	for _, tt := range []struct{ got, want string }{
		{w.Day(at(2026, 11, 17, 1, 0)), "Oggi"},
		{w.Day(at(2026, 11, 16, 1, 0)), "Ieri"},
		{w.Day(at(2026, 11, 10, 1, 0)), "Martedì 10 novembre"},
		{w.Day(at(2025, 11, 10, 1, 0)), "Lunedì 10 novembre 2025"},
		{w.Moment(at(2026, 11, 17, 9, 5)), "oggi alle 09:05"},
		{w.Moment(at(2026, 11, 16, 9, 5)), "ieri alle 09:05"},
		{w.Moment(at(2026, 3, 4, 9, 5)), "4 mar, 09:05"},
		{w.Moment(at(2024, 3, 4, 9, 5)), "4 mar 2024, 09:05"},
		{w.Date(at(2026, 5, 1, 0, 0)), "1 mag 2026"},
		{w.LongDate(at(2026, 12, 12, 0, 0)), "sabato 12 dicembre 2026"},
		{w.ISO(at(2026, 7, 1, 8, 0)), "2026-07-01T08:00:00+02:00"},
		{w.Since(at(2026, 11, 17, 11, 12)), "da 0 secondi"},
		{w.Since(at(2026, 11, 17, 11, 11)), "da 1 minuto"},
		{w.Since(at(2026, 11, 17, 8, 0)), "da 3 ore"},
		{w.Since(at(2026, 11, 14, 8, 0)), "da 3 giorni"},
		{w.Since(at(2026, 11, 18, 8, 0)), "da 0 secondi"}, // a clock that is ahead
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestSizes(t *testing.T) {
	it, _ := speaker(t, Italian)
	en, _ := speaker(t, English)
	for n, want := range map[int64][2]string{
		0: {"0 byte", "0 bytes"}, 999: {"999 byte", "999 bytes"}, 1499: {"1 kB", "1 kB"}, 840_000: {"840 kB", "840 kB"},
		2_100_000: {"2,1 MB", "2.1 MB"}, 12_345_678: {"12,3 MB", "12.3 MB"},
	} {
		if got := it.size(n); got != want[0] {
			t.Errorf("%d: got %q, want %q", n, got, want[0])
		}
		if got := en.size(n); got != want[1] {
			t.Errorf("%d: got %q, want %q", n, got, want[1])
		}
	}
}

func TestBadgeSaysWhatMattersMost(t *testing.T) {
	w, at := speaker(t, Italian)
	late := Due{At: at(2026, 11, 15, 9, 0), Level: LevelLate}
	soon := Due{At: at(2026, 11, 17, 17, 0), Level: LevelSoon}
	for _, tt := range []struct {
		row  Row
		want Mark
	}{
		{Row{Failed: true, Due: late}, Mark{LevelLate, "error", "Consegna fallita"}},
		{Row{Due: late, Status: StatusWaiting}, Mark{LevelLate, "warning-circle", "Scaduta da 2 giorni"}},
		{Row{Due: soon, Status: StatusWaiting}, Mark{LevelNone, "", "In attesa del cittadino"}},
		{Row{Due: soon}, Mark{LevelSoon, "clock", "Scade oggi 17:00"}},
		{Row{Due: late, Status: StatusClosed}, Mark{LevelNone, "", "Chiusa"}},
		{Row{SnoozedUntil: at(2026, 11, 18, 9, 0), Due: late}, Mark{LevelNone, "clock", "Posticipata: domani alle 09:00"}},
		{Row{}, Mark{LevelNone, "", "Non assegnata"}},
		{Row{Assignee: &Who{Name: "Elena"}}, Mark{LevelNone, "", "Senza termine"}},
	} {
		if got := w.badge(tt.row); got != tt.want {
			t.Errorf("got %+v, want %+v", got, tt.want)
		}
	}
}
