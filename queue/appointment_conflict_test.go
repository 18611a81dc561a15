package queue

import (
	"errors"
	"testing"

	"filodiretto/inbox"
)

func (e *agendaEnv) conflicts() []AgendaConflict {
	e.t.Helper()
	return must(e.Bookings.Conflicts(e.t.Context(), e.anna, e.site))(e.t)
}

// it-at-m/eappointment #1654 (queue 3, row 5): hours are cut beneath bookings. All that
// have no place any more are listed, each with the next step, and none is lost.
func TestOverbookedAfterShortenedHours(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		e.edit(func(a *Agenda) { a.Public = 2 })
		stays, _ := e.books(e.slot(tuesday, 9, 0), "stays@example.org")
		cut, _ := e.books(e.slot(tuesday, 11, 45), "cut@example.org")
		nobody := e.staffBooks(e.slot(tuesday, 11, 45))
		second, _ := e.books(e.slot(tuesday, 9, 0), "second@example.org")
		e.deliver(e.mail)
		if got := e.conflicts(); len(got) != 0 {
			t.Fatalf("%+v", got)
		}
		e.edit(func(a *Agenda) {
			a.Capacity, a.Public = 1, 1
			for i := range a.Hours {
				a.Hours[i].To = 11 * 60
			}
		})
		got := e.conflicts()
		if len(got) != 3 || got[0].Appointment.ID != second.ID || got[0].Why != "capacity" || got[0].Next != "tell" ||
			got[1].Appointment.ID != cut.ID || got[1].Why != "no_slot" || got[2].Appointment.ID != nobody.ID || got[2].Next != "call" {
			t.Fatalf("%+v", got)
		}
		if f := got[1].Free; len(f) != 3 || f[0].Start != e.slot(tuesday, 10, 45) {
			t.Fatalf("the nearest free times: %+v", f)
		}
		if e.now(cut).State != BookedSlot || e.now(stays).State != BookedSlot {
			t.Fatal("nothing is cancelled by itself")
		}
		told := must(e.TellConflict(t.Context(), e.anna, cut.ID, e.now(cut).Version))(t)
		if told.Told.Channel != "mail" || e.conflicts()[1].Next != "wait" {
			t.Fatalf("%+v", told.Told)
		}
		text := e.deliver(e.mail)[0].Text
		contains(t, text, "l'orario degli sportelli è cambiato", "ore 11:45")
		call := must(e.TellConflict(t.Context(), e.anna, nobody.ID, 0))(t)
		if call.Told.Held != "no_address" || e.now(nobody).ConflictAt != 0 {
			t.Fatalf("who cannot be told stays to be called: %+v", call.Told)
		}
		must(e.Change(t.Context(), inbox.Viewer{}, ChangeRequest{Token: tokenIn(text, ToChange), Start: e.slot(tuesday, 10, 0)}))(t)
		if got := e.conflicts(); len(got) != 2 || e.now(cut).ConflictAt != 0 {
			t.Fatalf("%+v", got)
		}
		day := must(e.Day(t.Context(), e.anna, e.agenda.ID, tuesday))(t)
		if len(day.Others) != 1 || day.Others[0].ID != nobody.ID || len(day.Slots[0].Appointments) != 2 {
			t.Fatalf("the day shows them too: %+v", day)
		}
	})
}

func TestConflictsOfTheWholeSite(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		e.edit(func(a *Agenda) { a.Hours = nil }) // those of the site
		ap, _ := e.books(e.slot(tuesday, 16, 0), "lucia@example.org")
		must(e.SaveDay(t.Context(), e.admin, e.site, 0, SpecialDay{Day: tuesday, Reason: "assemblea"}))(t)
		if got := e.conflicts(); len(got) != 1 || got[0].Why != "shut" {
			t.Fatalf("%+v", got)
		}
		must(e.SaveDay(t.Context(), e.admin, e.site, 0, SpecialDay{Day: tuesday, Intervals: Ranges{{480, 780}}}))(t)
		if got := e.conflicts(); len(got) != 1 || got[0].Why != "no_slot" {
			t.Fatalf("%+v", got)
		}
		must(e.DropDay(t.Context(), e.admin, e.site, 0, tuesday))(t)
		if got := e.conflicts(); len(got) != 0 {
			t.Fatalf("%+v", got)
		}
		e.edit(func(a *Agenda) { a.Services = []int64{e.registry} })
		if got := e.conflicts(); len(got) != 1 || got[0].Why != "service_ended" {
			t.Fatalf("%+v", got)
		}
		if err := e.EndAgenda(t.Context(), e.admin, e.agenda.ID, e.agenda.Version); err != nil {
			t.Fatal(err)
		}
		if got := e.conflicts(); len(got) != 1 || got[0].Why != "agenda_ended" || len(got[0].Free) != 0 {
			t.Fatalf("%+v", got)
		}
		if _, err := e.Bookings.Conflicts(t.Context(), inbox.Viewer{OperatorID: 9}, e.site); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		must(e.Cancel(t.Context(), e.anna, CancelRequest{ID: ap.ID}))(t)
		if got := e.conflicts(); len(got) != 0 {
			t.Fatalf("%+v", got)
		}
	})
}
