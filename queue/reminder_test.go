package queue

import (
	"errors"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

func TestWhenRemindersAreDue(t *testing.T) {
	set := DefaultAgendaSettings() // three hours before; 8:00 to 20:00
	day := Day("2026-12-02")
	at := func(d Day, h, m int) clock.Instant { return d.At(h*60+m, rome) }
	for _, c := range []struct{ start, first, second clock.Instant }{
		{at(day, 15, 0), at(day.Add(-1), 15, 0), at(day, 12, 0)},
		{at(day, 11, 0), at(day.Add(-1), 11, 0), at(day, 8, 0)},
		{at(day, 10, 45), at(day.Add(-1), 10, 45), 0}, // before the morning
		{at(day, 7, 30), at(day.Add(-1), 8, 0), 0},
		{at(day, 21, 0), at(day.Add(-1), 19, 59), at(day, 18, 0)},
	} {
		if got := reminders(set, rome, c.start); got != [2]clock.Instant{c.first, c.second} {
			t.Errorf("%v: %v", c.start.Time().In(rome), got)
		}
	}
	set.RemindMin = -1
	if got := reminders(set, rome, at(day, 15, 0)); got[1] != 0 {
		t.Error(got)
	}
}

// bcgov/queue-management #392, #460 and #1048 (queue 3, row 23): the reminder of the day
// before comes at the hour on the wall also when the clocks change that night.
func TestIssue392RemindersInTheWrongTimeZone(t *testing.T) {
	set := DefaultAgendaSettings()
	for _, c := range []struct{ start, want string }{
		{"2026-03-29 10:00 +0200", "2026-03-28 10:00 +0100"},
		{"2026-03-30 10:00 +0200", "2026-03-29 10:00 +0200"},
		{"2026-10-25 10:00 +0100", "2026-10-24 10:00 +0200"},
		{"2026-10-26 10:00 +0100", "2026-10-25 10:00 +0100"},
	} {
		start := must(time.Parse("2006-01-02 15:04 -0700", c.start))(t)
		got := reminders(set, rome, clock.At(start))[0].Time().In(rome).Format("2006-01-02 15:04 -0700")
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.start, got, c.want)
		}
	}
}

func TestRemindersWithConfirmAndCancel(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		at := e.slot(tuesday.Add(1), 11, 45)
		ap, _ := e.books(at, "lucia@example.org")
		e.deliver(e.mail)
		if n := must(e.Remind(t.Context()))(t); n != 0 {
			t.Fatal("too soon", n)
		}
		e.clockTo(23, 0)
		e.after(minutes(12*60 + 45)) // Tuesday 11:45
		if a, b := must(e.Remind(t.Context()))(t), must(e.Remind(t.Context()))(t); a != 1 || b != 0 {
			t.Fatal("once", a, b)
		}
		text := e.deliver(e.mail)[0].Text
		contains(t, text, "ti aspettiamo", "mercoledì 25 novembre 2026, ore 11:45", ap.Code)
		cancel := tokenIn(text, ToCancel)
		must(e.Confirm(t.Context(), tokenIn(text, ToConfirm)))(t)
		if e.now(ap).ConfirmedAt != e.env.clock.Now() || e.events("appointment.confirmed") != 1 {
			t.Fatal("the person will come")
		}
		if _, err := e.Confirm(t.Context(), tokenIn(text, ToConfirm)); !errors.Is(err, ErrNotFound) {
			t.Fatal("a link to confirm is for one use", err)
		}
		if _, err := e.Change(t.Context(), inbox.Viewer{}, ChangeRequest{Token: cancel, Start: at}); !errors.Is(err, ErrNotFound) {
			t.Fatal("and one to cancel for nothing else", err)
		}
		e.after(minutes(21 * 60)) // Wednesday 8:45
		if n := must(e.Remind(t.Context()))(t); n != 1 {
			t.Fatal("the second one", n)
		}
		text = e.deliver(e.mail)[0].Text
		if tokenIn(text, ToConfirm) != "" {
			t.Fatal("who has confirmed is not asked again")
		}
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: cancel}))(t)
		if n := e.now(ap); n.State != AppointmentCancel || n.RemindAt != 0 {
			t.Fatalf("%+v", n)
		}
	})
}

// What was booked so late that the hour of a reminder is over has none; a change
// begins again.
func TestRemindersFollowTheAppointment(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		soon := e.slot("2026-11-23", 11, 45)
		ap, token := e.books(soon, "lucia@example.org") // it is nine; three hours before was 8:45
		if e.now(ap).RemindAt != 0 {
			t.Fatal(e.now(ap).RemindAt.Time())
		}
		must(e.Change(t.Context(), inbox.Viewer{}, ChangeRequest{Token: token, Start: e.slot("2026-11-25", 11, 45)}))(t)
		if e.now(ap).RemindAt != e.slot(tuesday, 11, 45) {
			t.Fatal(e.now(ap).RemindAt.Time())
		}
		e.clockTo(23, 50)
		e.after(minutes(35 * 60)) // a long stop: Wednesday 10:50
		if n := must(e.Remind(t.Context()))(t); n != 1 || e.now(ap).Reminded != 2 || e.now(ap).RemindAt != 0 {
			t.Fatal("one for both", n, e.now(ap).Reminded)
		}
		gone, _ := e.books(e.slot("2026-11-26", 9, 0), "b@example.org")
		e.after(minutes(30 * 60)) // Thursday 16:50: it is over
		e.deliver(e.mail)
		if n := must(e.Remind(t.Context()))(t); n != 0 || e.now(gone).RemindAt != 0 || len(e.deliver(e.mail)) != 0 {
			t.Fatal("nobody is reminded of what was", n)
		}
	})
}

func TestNoRemindersAtNight(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		ap, _ := e.books(e.slot("2026-11-25", 9, 0), "a@example.org")
		e.clockTo(23, 0)
		e.after(minutes(22 * 60)) // Tuesday 21:00, after a long stop
		if n := must(e.Remind(t.Context()))(t); n != 0 || e.now(ap).RemindAt != e.slot("2026-11-25", 8, 0) {
			t.Fatal(n, e.now(ap).RemindAt.Time())
		}
		e.after(minutes(11 * 60))
		if n := must(e.Remind(t.Context()))(t); n != 1 {
			t.Fatal(n)
		}
	})
}

// Who wants no notices gets none that they did not ask for.
func TestReminderRespectsTheOptOut(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		e.books(e.slot(tuesday.Add(1), 11, 45), "lucia@example.org")
		e.deliver(e.mail)
		e.exec("UPDATE identities SET opted_out_at = 1, status = 'opted_out'")
		e.clockTo(23, 0)
		e.after(minutes(13 * 60))
		must(e.Remind(t.Context()))(t)
		if got := e.deliver(e.mail); len(got) != 0 {
			t.Fatal(got[0].Text)
		}
	})
}
