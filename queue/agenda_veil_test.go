package queue

import (
	"errors"
	"strings"
	"testing"

	"filodiretto/inbox"
)

// reserve makes the office of the taxes a reserved one, with an agenda.
func (e *agendaEnv) reserve() *Agenda {
	e.t.Helper()
	e.exec("UPDATE offices SET reserved = TRUE WHERE id = ?", e.demo)
	return e.newAgenda(func(a *Agenda) { a.Key, a.Services = "riservata", []int64{e.taxes} })
}

// What somebody comes for at a reserved office is seen by that office alone: others
// see that the place is taken.
func TestReservedAppointmentsAreVeiled(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		a := e.reserve()
		at := e.slot("2026-11-23", 10, 30)
		r := e.web(at, "ida@example.org")
		r.AgendaID, r.ServiceID = a.ID, e.taxes
		must(e.Book(t.Context(), inbox.Viewer{}, r))(t)
		ap := must(e.Confirm(t.Context(), e.lastLink(ToConfirm)))(t).Appointment
		carla := e.carla
		carla.FrontDesk = true // reception, and of the office itself
		for _, v := range []inbox.Viewer{e.anna, carla} {
			day := must(e.Day(t.Context(), v, a.ID, "2026-11-23"))(t)
			var got *Appointment
			for _, s := range day.Slots {
				if len(s.Appointments) > 0 {
					got = s.Appointments[0]
				}
			}
			if got == nil {
				t.Fatal("the place is taken for everybody")
			}
			mine := v.OperatorID == carla.OperatorID
			if got.Veiled == mine || mine != (got.Person == "Lucia Ferrante") || mine != (got.ServiceID == e.taxes) || mine != (got.CitizenID != 0) || mine != (got.Code != "") {
				t.Fatalf("%+v", got)
			}
			found := must(e.ExpectedToday(t.Context(), v, e.site, "ferrante"))(t)
			if mine != (len(found) == 1) {
				t.Fatalf("found by name: %d", len(found))
			}
			if found = must(e.ExpectedToday(t.Context(), v, e.site, strings.ToLower(ap.Code)))(t); len(found) != 1 || found[0].Veiled == mine {
				t.Fatalf("found by code: %d", len(found))
			}
		}
		if _, err := e.Change(t.Context(), e.anna, ChangeRequest{ID: ap.ID, Start: e.slot(tuesday, 9, 0)}); !errors.Is(err, ErrNotFound) {
			t.Fatal("and others do not move it", err)
		}
		if _, err := e.Cancel(t.Context(), e.anna, CancelRequest{ID: ap.ID}); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if _, err := e.CheckIn(t.Context(), e.anna, ap.ID); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if list := must(e.AppointmentsOf(t.Context(), e.anna, ap.CitizenID))(t); len(list) != 0 {
			t.Fatal("nor does the person's file tell")
		}
		in := must(e.CheckInByCode(t.Context(), e.anna, e.site, ap.Code))(t)
		if !in.Appointment.Veiled || in.Appointment.Person != "" || in.Ticket.Label != "T1" {
			t.Fatalf("%+v", in.Appointment)
		}
	})
}

// An administrator sees no contents by being administrator.
func TestConflictsNameNobodyToAdministrators(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		e.books(e.slot(tuesday, 9, 0), "lucia@example.org")
		must(e.SaveDay(t.Context(), e.admin, e.site, 0, SpecialDay{Day: tuesday}))(t)
		for _, x := range []struct {
			v    inbox.Viewer
			name string
		}{{e.admin, ""}, {e.anna, "Lucia Ferrante"}} {
			list := must(e.Conflicts(t.Context(), x.v, e.site))(t)
			if len(list) != 1 || list[0].Appointment.Person != x.name {
				t.Fatalf("%+v", list)
			}
		}
	})
}
