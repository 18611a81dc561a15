package queue

import (
	"errors"
	"testing"
)

func TestPublishedShowsHolidaysAndClosures(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		must(e.SaveDay(t.Context(), e.admin, e.site, 0, SpecialDay{Day: "2026-12-07", Reason: "Ponte"}))(t)
		must(e.SaveDay(t.Context(), e.admin, e.site, 0, SpecialDay{Day: "2026-12-09", Intervals: Ranges{{10 * 60, 11 * 60}}, Reason: "Assemblea"}))(t)
		a := *e.agenda
		a.HorizonDays = 20
		list := must(e.Published(t.Context(), e.admin, a, "2026-12-04", 12))(t)
		for i, want := range []PublishedDay{
			{Day: "2026-12-04", Slots: 12, Places: 24, Public: 12},
			{Day: "2026-12-05", Why: "no_hours"},
			{Day: "2026-12-06", Why: "holiday"}, // the town's own
			{Day: "2026-12-07", Why: "shut", Reason: "Ponte"},
			{Day: "2026-12-08", Why: "holiday"},
			{Day: "2026-12-09", Slots: 4, Places: 8, Public: 4, Reason: "Assemblea"},
			{Day: "2026-12-10", Slots: 12, Places: 24, Public: 12},
		} {
			got := list[i]
			got.Hours = nil
			if got.Day != want.Day || got.Slots != want.Slots || got.Places != want.Places || got.Public != want.Public || got.Why != want.Why || got.Reason != want.Reason {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		if last := list[11]; last.Day != "2026-12-15" || last.Why != "too_far" || last.Slots != 12 {
			t.Errorf("behind the horizon: %+v", last)
		}
		if n := e.number64("SELECT count(*) FROM slots"); n != 0 {
			t.Error("looking makes no slots", n)
		}
		if _, err := e.Published(t.Context(), e.anna, a, "2026-12-04", 12); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		a.SlotMin = 1
		if _, err := e.Published(t.Context(), e.admin, a, "2026-12-04", 12); !errors.Is(err, ErrInvalid) {
			t.Fatal(err)
		}
	})
}

// The consequences of a shut day are shown before, and are what happens then.
func TestShutDay(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		e.edit(func(a *Agenda) { a.Capacity, a.Public = 3, 3 })
		mail, _ := e.books(e.slot(tuesday, 9, 0), "lucia@example.org")
		r := e.web(e.slot(tuesday, 11, 0), "")
		r.Holder, r.Phone = "", "347 5551234" // a telephone is no way for a message
		silent := must(e.Book(t.Context(), e.anna, r))(t).Appointment
		e.books(e.slot("2026-11-25", 9, 0), "mario@example.org")
		late := SpecialDay{Day: tuesday, Intervals: Ranges{{11 * 60, 12 * 60}}, Reason: "Assemblea"}
		would := must(e.WouldShut(t.Context(), e.admin, e.site, late))(t)
		if len(would.Booked) != 1 || would.Booked[0].ID != mail.ID || !would.Booked[0].Told || would.Unfilled != 8*3-1 {
			t.Fatalf("%+v", would)
		}
		would = must(e.WouldShut(t.Context(), e.admin, e.site, SpecialDay{Day: tuesday}))(t)
		if len(would.Booked) != 2 || would.Booked[1].Told || would.DayOpen || would.Waiting != 0 {
			t.Fatalf("%+v", would)
		}
		if list := must(e.SpecialDays(t.Context(), e.site, tuesday))(t); len(list) != 0 {
			t.Fatal("looking changes nothing")
		}
		if _, err := e.WouldShut(t.Context(), e.anna, e.site, late); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if _, err := e.WouldShut(t.Context(), e.admin, e.site, SpecialDay{Day: "2026-11-20"}); !errors.Is(err, ErrInvalid) {
			t.Fatal("a day that is over", err)
		}
		e.deliver(e.mail)
		done := must(e.ShutDay(t.Context(), e.admin, e.site, 0, SpecialDay{Day: tuesday, Reason: "Sciopero"}, true))(t)
		if *done != (ShutDone{Conflicts: 2, Told: 1, ToCall: 1}) {
			t.Fatalf("%+v", done)
		}
		if sent := e.deliver(e.mail); len(sent) != 1 || e.now(mail).ConflictAt == 0 || e.now(silent).State != BookedSlot {
			t.Fatalf("%d letters", len(sent))
		}
		if again := must(e.ShutDay(t.Context(), e.admin, e.site, 0, SpecialDay{Day: tuesday, Reason: "Sciopero"}, true))(t); again.Told != 0 {
			t.Fatal("nobody is told twice")
		}
	})
}

func TestShutTodayCountsWhoWaits(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		e.take(e.cards)
		e.take(e.cards)
		would := must(e.WouldShut(t.Context(), e.admin, e.site, SpecialDay{Day: "2026-11-23"}))(t)
		if !would.DayOpen || would.Waiting != 2 {
			t.Fatalf("%+v", would)
		}
	})
}

// A site where somebody has an appointment cannot be given up.
func TestCloseSiteWaitsForAppointments(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		ap := e.staffBooks(e.slot(tuesday, 9, 0))
		got := must(e.WouldClose(t.Context(), e.admin, e.site))(t)
		if got.Ahead != 1 || got.Agendas != 1 || got.DayOpen || got.Devices == 0 {
			t.Fatalf("%+v", got)
		}
		refused(t, e.CloseSite(t.Context(), e.admin, e.site, 0), InUse)
		must(e.Cancel(t.Context(), e.anna, CancelRequest{ID: ap.ID, Reason: "La sede chiude."}))(t)
		if err := e.CloseSite(t.Context(), e.admin, e.site, 0); err != nil {
			t.Fatal(err)
		}
	})
}
