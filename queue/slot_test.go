package queue

import (
	"fmt"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// wall writes instants as the clock on the wall shows them.
func wall(spans []Span) string {
	out := ""
	for i, s := range spans {
		if i > 0 {
			out += " "
		}
		out += s.From.Time().In(rome).Format("15:04-") + s.To.Time().In(rome).Format("15:04")
	}
	return out
}

// CarsonHoffman/office-hours-queue #16, easyappointments #845 and #1168 (queue 3, rows
// 35 and 36): what is at nine is at nine on both sides of both changes of the
// clocks.
func TestIssue16AppointmentsShiftWithDST(t *testing.T) {
	h := &House{Calendar: Calendar{Zone: rome, Week: map[int]Ranges{}, Days: map[Day]Ranges{}}}
	for d := 1; d <= 7; d++ {
		h.Calendar.Week[d] = Ranges{{9 * 60, 10 * 60}}
	}
	a := &Agenda{SlotMin: 30}
	for _, change := range []Day{"2026-03-29", "2026-10-25"} {
		for _, d := range []Day{change.Add(-1), change, change.Add(1)} {
			if got := wall(a.Times(h, d)); got != "09:00-09:30 09:30-10:00" {
				t.Errorf("%s: %s", d, got)
			}
		}
	}
	night := &House{Calendar: Calendar{Zone: rome, Days: map[Day]Ranges{"2026-03-29": {{60, 240}}, "2026-10-25": {{60, 240}}}}}
	for d, want := range map[Day]string{
		"2026-03-29": "01:00-01:30 01:30-03:00 03:00-03:30 03:30-04:00", // two o'clock does not happen
		"2026-10-25": "01:00-01:30 01:30-02:00 02:00-02:30 02:30-02:00 03:00-03:30 03:30-04:00",
	} {
		times := a.Times(night, d)
		if got := wall(times); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
		for _, s := range times {
			if s.To.Sub(s.From) != minutes(30) {
				t.Errorf("%s: a slot of %v", d, s.To.Sub(s.From))
			}
		}
		for i := 1; i < len(times); i++ {
			if times[i].From < times[i-1].To {
				t.Errorf("%s: slots overlap", d)
			}
		}
	}
}

// The hour of an appointment that was booked before the clocks change is the one
// that was said.
func TestIssue910BookedAcrossBothChanges(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		e.edit(func(a *Agenda) { a.HorizonDays = 366 })
		at := e.slot("2027-03-30", 9, 0) // booked in winter time, held in summer time
		ap, _ := e.books(at, "lucia@example.org")
		if got := ap.StartAt.Time().In(rome).Format("2006-01-02 15:04 MST"); got != "2027-03-30 09:00 CEST" {
			t.Fatal(got)
		}
		contains(t, e.mail.all[0].Text, "martedì 30 marzo 2027, ore 09:00")
		back := e.slot("2027-11-02", 9, 0)
		_, err := e.Book(t.Context(), inbox.Viewer{}, e.web(back, "lucia@example.org"))
		if err != nil {
			t.Fatal(err)
		}
		if got := back.Time().In(rome).Format("15:04 MST"); got != "09:00 CET" {
			t.Fatal(got)
		}
		want := e.slot("2027-03-29", 9, 0) // the day before, at the same hour on the wall
		if e.now(ap).RemindAt != want {
			t.Fatalf("the reminder is at %v", e.now(ap).RemindAt.Time().In(rome))
		}
	})
}

func TestTimesFollowTheHours(t *testing.T) {
	h := &House{Calendar: Calendar{Zone: rome, Patron: "12-06", Week: map[int]Ranges{2: {{480, 540}, {900, 960}}}, Days: map[Day]Ranges{
		"2026-12-01": {}, "2026-12-15": {{500, 530}},
	}}}
	site := &Agenda{SlotMin: 25}
	own := &Agenda{SlotMin: 25, Hours: AgendaHours{{2, 700, 800}, {2, 500, 560}, {7, 600, 660}}}
	for _, c := range []struct {
		a    *Agenda
		d    Day
		want string
	}{
		{site, "2026-11-24", "08:00-08:25 08:25-08:50 15:00-15:25 15:25-15:50"}, // what is left is too short
		{site, "2026-11-25", ""},
		{site, "2026-12-08", ""}, // a holiday
		{site, "2026-12-01", ""}, // shut on this one day
		{site, "2026-12-15", "08:20-08:45"},
		{own, "2026-11-24", "08:20-08:45 08:45-09:10 11:40-12:05 12:05-12:30 12:30-12:55 12:55-13:20"}, // also while the hall is shut
		{own, "2026-12-06", ""}, // the patron, a Sunday
		{own, "2026-11-29", "10:00-10:25 10:25-10:50"},
		{own, "2026-12-01", ""},
		{own, "2026-12-15", "08:20-08:45"}, // a day unlike the others bounds both
		{&Agenda{SlotMin: 25, EndedAt: 1}, "2026-11-24", ""},
	} {
		if got := wall(c.a.Times(h, c.d)); got != c.want {
			t.Errorf("%s: %q, want %q", c.d, got, c.want)
		}
	}
}

func TestFreeOfASlot(t *testing.T) {
	for _, c := range []struct {
		s             Slot
		public, staff int
	}{
		{Slot{Capacity: 5, Public: 3}, 3, 5},
		{Slot{Capacity: 5, Public: 3, Taken: 2, TakenPublic: 2}, 1, 3},
		{Slot{Capacity: 5, Public: 3, Taken: 4}, 1, 1}, // staff may have all
		{Slot{Capacity: 5, Public: 3, Taken: 3, TakenPublic: 3}, 0, 2},
		{Slot{Capacity: 5, Public: 3, Taken: 1, TakenPublic: 1, Resting: 1}, 1, 3},
		{Slot{Capacity: 2, Public: 0}, 0, 2},
		{Slot{Capacity: 3, Public: 3, Taken: 3, Resting: 1}, 0, 0},
	} {
		if a, b := c.s.free(true), c.s.free(false); a != c.public || b != c.staff {
			t.Errorf("%+v: %d and %d", c.s, a, b)
		}
	}
	a := &Agenda{Capacity: 2, Public: 1}
	s := Slot{Capacity: 5, Public: 5, OwnCapacity: -1, Taken: 4, TakenPublic: 4, Resting: 1}
	if s.follow(a); s.Capacity != 4 || s.Public != 1 || s.Resting != 0 || s.free(true) != 0 {
		t.Errorf("what is taken stays, and nothing more: %+v", s)
	}
	own := Slot{OwnCapacity: 5, OwnPublic: 4}
	if own.follow(a); own.Capacity != 5 || own.Public != 4 {
		t.Error(own)
	}
}

// Rows are made for the slots that somebody touched, and for no others.
func TestSlotsHaveRowsWhenTouched(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		free := must(e.FreeSlots(t.Context(), inbox.Viewer{}, e.agenda.ID, "2026-11-23", "2026-12-22"))(t)
		if n := e.number64("SELECT COUNT(*) FROM slots"); n != 0 || len(free) != 8+20*12 { // less those of today that are too soon, and two holidays
			t.Fatal(n, len(free))
		}
		e.books(e.slot(tuesday, 9, 0), "a@example.org")
		if n := e.number64("SELECT COUNT(*) FROM slots"); n != 1 {
			t.Fatal(n)
		}
		e.edit(func(a *Agenda) { a.Public = 2 })
		if e.free(inbox.Viewer{}, e.slot(tuesday, 9, 0)) != 1 {
			t.Fatal("a row follows its agenda")
		}
		if _, err := e.FreeSlots(t.Context(), e.carla, e.agenda.ID, tuesday, tuesday); err != ErrNotFound {
			t.Fatal(err)
		}
		if _, err := e.FreeSlots(t.Context(), inbox.Viewer{}, e.agenda.ID, tuesday, tuesday.Add(200)); err == nil {
			t.Fatal("a year at once is refused")
		}
	})
}

// it-at-m/eappointment #2889 (queue 3, row 15): what holds at the time of a slot holds
// at its very first moment.
func TestAppointmentCountedOneMinuteLate(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine := e.slot(tuesday, 9, 0)
		k := &booking{a: must(e.Bookings.Agenda(t.Context(), e.agenda.ID))(t), h: must(e.House(t.Context(), e.site))(t)}
		for _, c := range []struct {
			now  clock.Instant
			want string
		}{
			{nine.Add(-minutes(60)), ""}, {nine.Add(-minutes(60) + 1000), TooSoon}, {nine - 1, TooSoon}, {nine, NoSuchSlot}, {nine + 1, NoSuchSlot},
		} {
			if _, err := k.bookable(nine, c.now); c.want == "" && err != nil || c.want != "" && fmt.Sprint(err) != "refused: "+c.want {
				t.Errorf("%v before: %v, want %q", nine.Sub(c.now), err, c.want)
			}
		}
	})
}
