package queue

import (
	"errors"
	"testing"

	"filodiretto/inbox"
)

func TestCheckInAtTheKiosk(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		at := e.slot("2026-11-23", 10, 30)
		ap, _ := e.books(at, "lucia@example.org")
		e.clockTo(10, 20)
		code := ap.Code[:3] + " " + ap.Code[3:]
		got := must(e.CheckInAtKiosk(t.Context(), e.kiosk, code))(t)
		if got.Ticket.Label != "A1" || got.Ticket.Origin != ForAppointment || got.Step.SlotAt != at || got.Step.RefAt != at || got.Step.AppointmentID != ap.ID || got.Early || got.Late || got.Secret == "" {
			t.Fatalf("%+v %+v", got.Ticket, got.Step)
		}
		if n := e.now(ap); n.State != Arrived || n.TicketID != got.Ticket.ID || n.RemindAt != 0 || got.Ticket.CitizenID != ap.CitizenID {
			t.Fatalf("%+v", n)
		}
		again := must(e.CheckInAtKiosk(t.Context(), e.kiosk, ap.Code))(t)
		if !again.Repeated || again.Ticket.ID != got.Ticket.ID || e.number64("SELECT COUNT(*) FROM tickets") != 1 {
			t.Fatal("a second time gives the same ticket")
		}
		for _, wrong := range []string{"", "AAAAAA", ap.Code[:5], ap.Code + "X"} {
			if _, err := e.CheckInAtKiosk(t.Context(), e.kiosk, wrong); !errors.Is(err, ErrNotFound) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		if e.events("appointment.arrived") != 1 || e.events("ticket.issued") != 1 {
			t.Fatal("events")
		}
	})
}

// The window: who is early is called from its beginning on, who is late has the
// place of who comes now (queue 4.5, guards).
func TestCheckInEarlyAndLate(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		at := e.slot("2026-11-23", 10, 30)
		e.edit(func(a *Agenda) { a.Capacity, a.Public = 10, 10 })
		early, atStart, onTime, late := e.staffBooks(at), e.staffBooks(at), e.staffBooks(at), e.staffBooks(at)
		first := must(e.CheckIn(t.Context(), e.anna, early.ID))(t)
		if !first.Early || first.Step.EligibleAt != at.Add(-minutes(15)) || first.Step.RefAt != at {
			t.Fatalf("%+v", first.Step)
		}
		e.clockTo(10, 15)
		if got := must(e.CheckIn(t.Context(), e.anna, atStart.ID))(t); got.Early || got.Step.EligibleAt != e.env.clock.Now() {
			t.Fatalf("the first moment of the window is in it: %+v", got.Step)
		}
		e.clockTo(10, 45)
		if got := must(e.CheckIn(t.Context(), e.anna, onTime.ID))(t); got.Late || got.Step.RefAt != at {
			t.Fatalf("and so is the last: %+v", got.Step)
		}
		e.after(1000)
		got := must(e.CheckIn(t.Context(), e.anna, late.ID))(t)
		if !got.Late || got.Step.RefAt != e.env.clock.Now() {
			t.Fatalf("%+v", got.Step)
		}
		if _, err := e.CheckIn(t.Context(), e.carla, late.ID); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
	})
}

func TestCheckInRefused(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		tomorrow, token := e.books(e.slot(tuesday, 9, 0), "lucia@example.org")
		_, err := e.CheckInAtKiosk(t.Context(), e.kiosk, tomorrow.Code)
		refused(t, err, WrongDay)
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: token}))(t)
		if _, err = e.CheckInAtKiosk(t.Context(), e.kiosk, tomorrow.Code); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		_, err = e.CheckIn(t.Context(), e.anna, tomorrow.ID)
		refused(t, err, NotBooked)
		held := must(e.Bookings.Hold(t.Context(), inbox.Viewer{}, e.web(e.slot("2026-11-23", 10, 30), "x").HoldRequest))(t)
		_, err = e.CheckIn(t.Context(), e.anna, held.ID)
		refused(t, err, NotBooked)
	})
}

// A walk-in ticket that the same person took is in the way, and is told.
func TestCheckInWithAnOpenTicket(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		ap, _ := e.books(e.slot("2026-11-23", 10, 30), "lucia@example.org")
		other := e.remote(e.cards, ap.CitizenID)
		_, err := e.CheckIn(t.Context(), e.anna, ap.ID)
		if r := refused(t, err, AlreadyWaiting); r.Ticket != other.Ticket.ID {
			t.Fatal(r)
		}
		if e.now(ap).State != BookedSlot {
			t.Fatal("nothing was done")
		}
	})
}

// By phone, with the code that the display shows: from home nobody checks in.
func TestCheckInByPhone(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		ap, token := e.books(e.slot("2026-11-23", 10, 30), "lucia@example.org")
		e.take(e.taxes) // opens the day
		s := new(Session)
		if err := e.env.db.Read.NewSelect().Model(s).Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
		shown := presenceCode(s, e.house.Set, e.env.clock.Now())
		wrong := "0000"
		if shown == wrong {
			wrong = "0001"
		}
		_, err := e.CheckInByPhone(t.Context(), token, wrong)
		refused(t, err, WrongCode)
		_, err = e.CheckInByPhone(t.Context(), token, "")
		refused(t, err, WrongCode)
		got := must(e.CheckInByPhone(t.Context(), token, shown))(t)
		if got.Ticket.PresentAt == 0 || got.Ticket.ID != e.now(ap).TicketID {
			t.Fatalf("%+v", got.Ticket)
		}
		_, guess := e.books(e.slot("2026-11-23", 10, 45), "guess@example.org")
		for range mostCodeTries {
			_, err = e.CheckInByPhone(t.Context(), guess, wrong)
			refused(t, err, WrongCode)
		}
		_, err = e.CheckInByPhone(t.Context(), guess, shown)
		refused(t, err, TooManyTries)
	})
}

// Somebody with precedence keeps it, and nothing in the public eye tells.
func TestCheckInKeepsThePrecedence(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		r := e.web(e.slot("2026-11-23", 10, 30), "")
		r.Holder, r.Class = "", "protected"
		ap := must(e.Book(t.Context(), e.anna, r))(t).Appointment
		got := must(e.CheckIn(t.Context(), e.anna, ap.ID))(t)
		if c := e.house.Class(got.Step.ClassID); c.Key != "protected" {
			t.Fatal(c.Key)
		}
		other := must(e.CheckIn(t.Context(), e.anna, e.staffBooks(e.slot("2026-11-23", 10, 30)).ID))(t)
		if c := e.house.Class(other.Step.ClassID); c.Key != "appointment" {
			t.Fatal(c.Key)
		}
	})
}

// it-at-m/eappointment #962 and #963 (queue 3, row 10): a missed appointment is called
// by nobody; only who checks in is in the queue. At the end of the day who did not
// come is marked, once.
func TestIssue963MissedAppointmentIsNeverCalled(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		missed, _ := e.books(e.slot("2026-11-23", 10, 30), "missed@example.org")
		e.edit(func(a *Agenda) { a.Public = 2 })
		came, _ := e.books(e.slot("2026-11-23", 10, 30), "came@example.org")
		silent, _ := e.books(e.slot("2026-11-23", 10, 45), "silent@example.org")
		ahead, _ := e.books(e.slot(tuesday, 9, 0), "ahead@example.org")
		e.clockTo(10, 30)
		must(e.CheckIn(t.Context(), e.anna, came.ID))(t)
		must(e.CheckIn(t.Context(), e.anna, silent.ID))(t)
		e.sit(e.anna, e.c1)
		d := e.serve(e.anna, e.c1)
		if d.Step.AppointmentID != came.ID {
			t.Fatal("who is here is called", d.Step)
		}
		e.finish(e.anna, d.Step.ID)
		no := e.call(e.anna, e.c1)
		must(e.NoShow(t.Context(), e.anna, e.act(no)))(t)
		_, err := e.CallNext(t.Context(), e.anna, At{CounterID: e.c1, Key: e.key()})
		refused(t, err, Nobody)
		e.clockTo(12, 0)
		if n := must(e.EndAppointments(t.Context()))(t); n != 1 || e.now(silent).State != AppointmentMissed || e.now(came).State != AppointmentDone || e.now(missed).State != BookedSlot {
			t.Fatal("on the day one may still come", n, e.now(silent).State, e.now(came).State, e.now(missed).State)
		}
		e.clockTo(20, 0) // two hours after closing
		if n := must(e.EndAppointments(t.Context()))(t); n != 1 || e.now(missed).State != AppointmentMissed || e.now(missed).Outcome != "not_here" || e.now(ahead).State != BookedSlot {
			t.Fatal(n, e.now(missed))
		}
		if n := must(e.EndAppointments(t.Context()))(t); n != 0 || e.events("appointment.no_show") != 2 || e.events("appointment.done") != 1 {
			t.Fatal("once", n)
		}
		counts := must(e.AppointmentCounts(t.Context(), e.anna, e.site, "2026-11-23", tuesday))(t)
		if len(counts) != 2 || counts[0].Booked != 3 || counts[0].Came != 1 || counts[0].Missed != 2 || counts[1].Open != 1 {
			t.Fatalf("%+v", counts)
		}
		if got := counts[0].NoShow(); got < 0.66 || got > 0.67 || counts[1].NoShow() != -1 {
			t.Fatal(got)
		}
	})
}

// Who comes after being marked, while the day lasts, is welcome.
func TestLateAfterTheMark(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		ap, _ := e.books(e.slot("2026-11-23", 10, 30), "late@example.org")
		e.exec("UPDATE appointments SET state = 'no_show', outcome = 'not_here', version = version + 1 WHERE id = ?", ap.ID)
		e.clockTo(11, 30)
		got := must(e.CheckInAtKiosk(t.Context(), e.kiosk, ap.Code))(t)
		if !got.Late || e.now(ap).State != Arrived || e.now(ap).Outcome != "" {
			t.Fatalf("%+v", e.now(ap))
		}
		if c := must(e.AppointmentCounts(t.Context(), e.anna, e.site, "2026-11-23", "2026-11-23"))(t); c[0].Late != 1 {
			t.Fatalf("%+v", c)
		}
	})
}
