package queue

import (
	"testing"
	"time"

	"filodiretto/inbox"
)

// Names and contacts go after the site's time; how it went remains.
func TestForgetPeopleLeavesTheFigures(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		at := e.slot("2026-11-23", 10, 30)
		came, _ := e.books(at, "lucia@example.org")
		e.edit(func(a *Agenda) { a.Capacity, a.Public = 9, 9 })
		missed, _ := e.books(at, "mario@example.org")
		must(e.Book(t.Context(), inbox.Viewer{}, e.web(at, "nina@example.org")))(t) // never proven
		e.clockTo(10, 20)
		must(e.CheckInAtKiosk(t.Context(), e.kiosk, came.Code))(t)
		sit := e.sit(e.anna, e.c1)
		served := e.serve(e.anna, sit.CounterID)
		e.finish(e.anna, served.Step.ID)
		e.after(12 * time.Hour)
		must(e.EndAppointments(t.Context()))(t)
		must(e.Settle(t.Context()))(t)
		counts := func() AppointmentCount {
			return must(e.AppointmentCounts(t.Context(), e.anna, e.site, "2026-11-23", "2026-11-23"))(t)[0]
		}
		before := counts()
		if before.Came != 1 || before.Missed != 1 {
			t.Fatalf("%+v", before)
		}

		e.after(8 * 24 * time.Hour)
		if n := must(e.ForgetPeople(t.Context()))(t); n != 1 {
			t.Fatalf("what was never proven goes after a week: %d", n)
		}
		if got := e.now(came); got.Person == "" || got.CitizenID == 0 {
			t.Fatal("who came is kept for the site's time")
		}
		e.after(82 * 24 * time.Hour)
		if n := must(e.ForgetPeople(t.Context()))(t); n != 0 {
			t.Fatalf("the last day still: %d", n)
		}
		e.after(24 * time.Hour)
		if n := must(e.ForgetPeople(t.Context()))(t); n != 2 {
			t.Fatalf("emptied %d", n)
		}
		for _, ap := range []*Appointment{came, missed} {
			got := e.now(ap)
			if got.Person != "" || got.Contact != "" || got.Holder != "" || got.Code != "" || got.CitizenID != 0 || got.IdentityID != 0 || got.AccountID != 0 || got.Note != "" {
				t.Fatalf("still known: %+v", got)
			}
		}
		if after := counts(); after != before {
			t.Fatalf("%+v, was %+v", after, before)
		}
		if n := e.number64("SELECT count(*) FROM booking_counts"); n != 0 {
			t.Fatal("nor is it known who booked often", n)
		}
		if n := must(e.ForgetPeople(t.Context()))(t); n != 0 {
			t.Fatal("once", n)
		}
	})
}

// A site keeps names for as long as it says, and an appointment ahead is never touched.
func TestForgetPeopleWaitsForTheDay(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		h := must(e.House(t.Context(), e.site))(t)
		set := h.Set
		set.KeepDays = 1
		must(e.SaveSite(t.Context(), e.admin, SiteEdit{ID: e.site, Key: h.Site.Key, Name: h.Site.Name, Settings: set}))(t)
		ap := e.staffBooks(e.slot("2026-12-15", 9, 0))
		e.after(20 * 24 * time.Hour)
		if n := must(e.ForgetPeople(t.Context()))(t); n != 0 || e.now(ap).Person == "" {
			t.Fatal(n)
		}
	})
}
