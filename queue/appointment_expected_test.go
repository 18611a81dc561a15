package queue

import (
	"errors"
	"testing"
)

func TestExpectedToday(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		at := e.slot("2026-11-23", 10, 30)
		e.edit(func(a *Agenda) { a.Capacity, a.Public = 5, 5 })
		lucia, _ := e.books(at, "lucia@example.org")
		r := e.web(at, "")
		r.Holder, r.Person, r.Phone = "", "Mario D'Angelo", "347 5551234"
		mario := must(e.Book(t.Context(), e.anna, r))(t).Appointment
		tomorrow := e.staffBooks(e.slot(tuesday, 9, 0))
		for _, x := range []struct {
			query string
			want  []int64
		}{
			{"", []int64{lucia.ID, mario.ID}},
			{"ferr", []int64{lucia.ID}},
			{"Ferrante lucia", []int64{lucia.ID}},
			{"lucia rossi", nil},
			{"d'angelo", []int64{mario.ID}},
			{"347 555", []int64{mario.ID}},
			{"1234", []int64{mario.ID}},
			{lucia.Code[:2] + "-" + lucia.Code[2:], []int64{lucia.ID}},
			{tomorrow.Code, nil},
		} {
			got := must(e.ExpectedToday(t.Context(), e.anna, e.site, x.query))(t)
			var ids []int64
			for _, g := range got {
				ids = append(ids, g.ID)
			}
			if len(ids) != len(x.want) || len(ids) > 0 && ids[0] != x.want[0] {
				t.Errorf("%q finds %v, want %v", x.query, ids, x.want)
			}
		}
		in := must(e.CheckIn(t.Context(), e.anna, mario.ID))(t)
		if got := must(e.ExpectedToday(t.Context(), e.anna, e.site, "d'angelo"))(t); len(got) != 1 || got[0].Label != in.Ticket.Label || got[0].State != Arrived {
			t.Fatalf("%+v", got)
		}
		if got := must(e.ExpectedToday(t.Context(), e.anna, e.site, in.Ticket.Label))(t); len(got) != 1 || got[0].ID != mario.ID {
			t.Fatal("by the number of the ticket")
		}
		if got := must(e.ExpectedToday(t.Context(), e.anna, e.site, ""))(t); len(got) != 1 {
			t.Fatal("who is here is not looked for")
		}
		if _, err := e.ExpectedToday(t.Context(), e.carla, e.site, ""); !errors.Is(err, ErrNotFound) {
			t.Fatal("a specialist of the back office does not receive", err)
		}
	})
}

func TestStaffSayThatNobodyCame(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		ap := e.staffBooks(e.slot("2026-11-23", 10, 30))
		_, err := e.Missed(t.Context(), e.anna, ap.ID, 0)
		refused(t, err, NotYet)
		e.clockTo(10, 50)
		if _, err := e.Missed(t.Context(), e.carla, ap.ID, 0); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		got := must(e.Missed(t.Context(), e.anna, ap.ID, ap.Version))(t)
		if got.State != AppointmentMissed || e.events("appointment.no_show") != 1 {
			t.Fatalf("%+v", got)
		}
		_, err = e.Missed(t.Context(), e.anna, ap.ID, 0)
		refused(t, err, NotBooked)
		late := must(e.CheckIn(t.Context(), e.anna, ap.ID))(t)
		if !late.Late || e.now(ap).State != Arrived {
			t.Fatal("who comes late all the same is received")
		}
	})
}
