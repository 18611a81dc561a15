package queue

import (
	"errors"
	"testing"

	"filodiretto/inbox"
)

func TestSaveAgenda(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		a := *must(e.Bookings.Agenda(t.Context(), e.agenda.ID))(t)
		if a.Settings.HoldMin != 10 || a.Settings.OfferMin != 120 || len(a.Hours) != 5 || a.Services[0] != e.cards {
			t.Fatalf("what is not said has its default: %+v", a)
		}
		a.Names, a.Version = Names{"it": "Carte"}, 1
		saved := must(e.SaveAgenda(t.Context(), e.admin, a))(t)
		if saved.Version != 2 {
			t.Fatal(saved.Version)
		}
		if _, err := e.SaveAgenda(t.Context(), e.admin, a); !errors.Is(err, ErrChanged) {
			t.Fatal("somebody else was quicker", err)
		}
		if _, err := e.SaveAgenda(t.Context(), e.anna, a); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		list := must(e.Agendas(t.Context(), e.site))(t)
		if len(list) != 1 || list[0].Names.In("it") != "Carte" || e.events("agenda.saved") != 2 {
			t.Fatalf("%+v", list)
		}
		twin := a
		twin.ID = 0
		if _, err := e.SaveAgenda(t.Context(), e.admin, twin); !errors.Is(err, ErrInvalid) {
			t.Fatal("a key is one agenda's", err)
		}
	})
}

func TestAgendaIsChecked(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		for field, change := range map[string]func(*Agenda){
			"key":           func(a *Agenda) { a.Key = "Due parole" },
			"names":         func(a *Agenda) { a.Names = nil },
			"slot_min":      func(a *Agenda) { a.SlotMin = 3 },
			"capacity":      func(a *Agenda) { a.Capacity = 0 },
			"public":        func(a *Agenda) { a.Public = 3 },
			"lead_min":      func(a *Agenda) { a.LeadMin = -1 },
			"horizon_days":  func(a *Agenda) { a.HorizonDays = 0 },
			"services":      func(a *Agenda) { a.Services = []int64{5} },
			"counter":       func(a *Agenda) { a.CounterID = e.c3 }, // which does taxes only
			"hours":         func(a *Agenda) { a.Hours = AgendaHours{{1, 60, 120}, {1, 100, 200}} },
			"rest_from_min": func(a *Agenda) { a.Settings.RestFrom, a.Settings.RestTo = 30, 20 },
			"most_open":     func(a *Agenda) { a.Settings.MostOpen = 1000 },
			"tell_from":     func(a *Agenda) { a.Settings.TellFrom, a.Settings.TellTo = 600, 610 },
		} {
			a := Agenda{SiteID: e.site, Key: "other", Names: Names{"it": "Altra"}, SlotMin: 15, Capacity: 2, Public: 1, HorizonDays: 30, Services: []int64{e.cards}}
			change(&a)
			_, err := e.SaveAgenda(t.Context(), e.admin, a)
			var invalid *inbox.InvalidError
			if !errors.As(err, &invalid) || invalid.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

// The agenda of a specialist of the back office is worked by that office, and its
// hours are its own.
func TestAgendaOfASpecialist(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		a := e.newAgenda(func(a *Agenda) {
			a.Key, a.CounterID, a.Services, a.Hours = "tributi", e.c3, []int64{e.taxes}, AgendaHours{{4, 14 * 60, 15 * 60}}
		})
		r := e.web(e.slot("2026-11-26", 14, 0), "")
		r.AgendaID, r.ServiceID, r.Holder = a.ID, e.taxes, ""
		got := must(e.Book(t.Context(), e.carla, r))(t)
		day := must(e.Day(t.Context(), e.carla, a.ID, "2026-11-26"))(t)
		if len(day.Slots) != 4 || len(day.Slots[0].Appointments) != 1 || day.Slots[0].Appointments[0].ID != got.Appointment.ID || day.Slots[0].Free != 1 {
			t.Fatalf("%+v", day)
		}
		if _, err := e.Day(t.Context(), e.carla, e.agenda.ID, tuesday); !errors.Is(err, ErrNotFound) {
			t.Fatal("and not the hall's", err)
		}
	})
}

func TestAppointmentsOfAPerson(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		ap, _ := e.books(e.slot(tuesday, 9, 0), "lucia@example.org")
		list := must(e.AppointmentsOf(t.Context(), e.anna, ap.CitizenID))(t)
		if len(list) != 1 || list[0].ID != ap.ID {
			t.Fatal(len(list))
		}
		if list := must(e.AppointmentsOf(t.Context(), inbox.Viewer{OperatorID: 7, Offices: []int64{99}}, ap.CitizenID))(t); len(list) != 0 {
			t.Fatal("who does not see the site does not see who goes there")
		}
	})
}
