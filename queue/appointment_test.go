package queue

import (
	"errors"
	"testing"

	"filodiretto/inbox"
)

func TestBookByWeb(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine := e.slot(tuesday, 9, 0)
		held := must(e.Bookings.Hold(t.Context(), inbox.Viewer{}, e.web(nine, "lucia@example.org").HoldRequest))(t)
		if held.State != HeldSlot || held.HoldUntil.Sub(e.env.clock.Now()) != minutes(10) || e.free(inbox.Viewer{}, nine) != 0 || e.free(e.anna, nine) != 1 {
			t.Fatalf("%+v", held)
		}
		r := e.web(nine, "lucia@example.org")
		r.HoldID = held.ID
		asked := must(e.Book(t.Context(), inbox.Viewer{}, r))(t)
		if asked.Token != "" || asked.Appointment.State != HeldSlot || asked.Told.Held != "" || asked.Told.Channel != "mail" {
			t.Fatalf("who typed an address must prove it: %+v", asked)
		}
		mails := e.deliver(e.mail)
		contains(t, mails[0].Text, "martedì 24 novembre 2026, ore 09:00", "oggi alle 10:00", "https://filo.example/p/appointment/confirm/")
		booked := must(e.Confirm(t.Context(), tokenIn(mails[0].Text, ToConfirm)))(t)
		if booked.Appointment.State != BookedSlot || len(booked.Appointment.Code) != 6 || booked.Token == "" {
			t.Fatalf("%+v", booked.Appointment)
		}
		mails = e.deliver(e.mail)
		contains(t, mails[0].Text, "cards", "Municipio", booked.Appointment.Code, "Una foto tessera.", "https://filo.example/p/appointment/")
		if len(mails[0].Files) != 1 || mails[0].Files[0].Type != "text/calendar; charset=utf-8; method=PUBLISH" {
			t.Fatalf("%+v", mails[0].Files)
		}
		if got := e.number64("SELECT proof FROM identities WHERE value = 'lucia@example.org'"); got != int64(inbox.Confirmed) {
			t.Fatal("a link that came back proves the address", got)
		}
		view := must(e.Look(t.Context(), tokenIn(mails[0].Text, ToChange)))(t)
		if view.Appointment.ID != held.ID || view.When != "martedì 24 novembre 2026, ore 09:00" || !view.MayChange {
			t.Fatalf("%+v", view)
		}
		if e.events("appointment.asked") != 1 || e.events("appointment.booked") != 1 || e.slotRow(nine).Taken != 1 {
			t.Fatal("events and slot")
		}
	})
}

func TestBookRepeatedIsOnce(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		r := e.web(e.slot(tuesday, 9, 0), "lucia@example.org")
		first := must(e.Book(t.Context(), inbox.Viewer{}, r))(t)
		second := must(e.Book(t.Context(), inbox.Viewer{}, r))(t)
		if !second.Repeated || second.Appointment.ID != first.Appointment.ID || e.slotRow(r.Start).Taken != 1 || len(e.deliver(e.mail)) != 1 {
			t.Fatalf("%+v", second)
		}
		one := must(e.Bookings.Hold(t.Context(), inbox.Viewer{}, r.HoldRequest))(t)
		if one.ID != first.Appointment.ID {
			t.Fatal("the same key is the same hold")
		}
	})
}

// A proven chat needs no confirmation, and hears in the chat.
func TestBookInAChat(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		_, identity := e.chat("501")
		r := e.web(e.slot(tuesday, 9, 0), "")
		r.Holder, r.IdentityID, r.AccountID, r.Proven, r.Lang = "501", identity, e.bot.acc.ID, true, "en"
		got := must(e.Book(t.Context(), inbox.Viewer{}, r))(t)
		if got.Appointment.State != BookedSlot || got.Token == "" || got.Told.Channel != "telegram" {
			t.Fatalf("%+v", got)
		}
		contains(t, e.deliver(e.bot)[0].Text, "Tuesday 24 November 2026, 09:00", "A photograph.", got.Appointment.Code)
	})
}

func TestStaffBookTheInternalShareAndMore(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		soon := e.slot("2026-11-23", 9, 15) // sooner than citizens may
		e.staffBooks(soon)
		e.staffBooks(soon)
		r := e.web(soon, "")
		r.Holder = ""
		_, err := e.Book(t.Context(), e.anna, r)
		refused(t, err, SlotFull)
		_, err = e.Book(t.Context(), inbox.Viewer{}, e.web(soon, "a@example.org"))
		refused(t, err, TooSoon)
		if _, err := e.Book(t.Context(), e.carla, r); !errors.Is(err, ErrNotFound) {
			t.Error("who does not work the site books for nobody", err)
		}
		ten := e.slot(tuesday, 10, 0)
		e.books(ten, "a@example.org")
		_, err = e.Book(t.Context(), inbox.Viewer{}, e.web(ten, "b@example.org"))
		refused(t, err, SlotFull) // the other place is for staff
		e.staffBooks(ten)
	})
}

func TestWhatCannotBeBooked(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		for name, c := range map[string]struct {
			change func(*BookRequest)
			code   string
		}{
			"no slot at that time":      {func(r *BookRequest) { r.Start = e.slot(tuesday, 9, 7) }, NoSuchSlot},
			"after hours":               {func(r *BookRequest) { r.Start = e.slot(tuesday, 12, 0) }, NoSuchSlot},
			"on Sunday":                 {func(r *BookRequest) { r.Start = e.slot("2026-11-29", 9, 0) }, NoSuchSlot},
			"the Immaculate Conception": {func(r *BookRequest) { r.Start = e.slot("2026-12-08", 9, 0) }, NoSuchSlot},
			"in the past":               {func(r *BookRequest) { r.Start = e.slot("2026-11-20", 9, 0) }, NoSuchSlot},
			"in less than an hour":      {func(r *BookRequest) { r.Start = e.slot("2026-11-23", 9, 45) }, TooSoon},
			"further than the horizon":  {func(r *BookRequest) { r.Start = e.slot("2027-01-25", 9, 0) }, TooFar},
		} {
			r := e.web(e.slot(tuesday, 9, 0), "a@example.org")
			c.change(&r)
			_, err := e.Book(t.Context(), inbox.Viewer{}, r)
			if t.Run(name, func(t *testing.T) { refused(t, err, c.code) }); t.Failed() {
				return
			}
		}
		for name, c := range map[string]struct {
			change func(*BookRequest)
			want   error
		}{
			"no key":               {func(r *BookRequest) { r.Key = "" }, ErrInvalid},
			"no holder":            {func(r *BookRequest) { r.Holder = "" }, ErrInvalid},
			"no name":              {func(r *BookRequest) { r.Person = " " }, ErrInvalid},
			"no address":           {func(r *BookRequest) { r.Email = "" }, ErrInvalid},
			"no mail address":      {func(r *BookRequest) { r.Email = "lucia" }, ErrInvalid},
			"a service of others":  {func(r *BookRequest) { r.ServiceID = e.taxes }, ErrInvalid},
			"an unknown procedure": {func(r *BookRequest) { r.Procedure = "x" }, ErrInvalid},
			"an odd language":      {func(r *BookRequest) { r.Lang = "it<" }, ErrInvalid},
			"somebody else's file": {func(r *BookRequest) { r.CitizenID = e.citizen("X") }, ErrForbidden},
			"a precedence":         {func(r *BookRequest) { r.Class = "protected" }, ErrForbidden},
			"an unknown agenda":    {func(r *BookRequest) { r.AgendaID = 5 }, ErrNotFound},
			"somebody else's hold": {func(r *BookRequest) { r.HoldID = e.staffBooks(e.slot(tuesday, 11, 0)).ID }, ErrNotFound},
		} {
			r := e.web(e.slot(tuesday, 9, 0), "a@example.org")
			c.change(&r)
			if _, err := e.Book(t.Context(), inbox.Viewer{}, r); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// One browser holds one place: looking at a second time gives the first one back.
func TestHoldingAnotherGivesTheFirstBack(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine, ten := e.slot(tuesday, 9, 0), e.slot(tuesday, 10, 0)
		must(e.Bookings.Hold(t.Context(), inbox.Viewer{}, e.web(nine, "lucia").HoldRequest))(t)
		must(e.Bookings.Hold(t.Context(), inbox.Viewer{}, e.web(ten, "lucia").HoldRequest))(t)
		if e.free(inbox.Viewer{}, nine) != 1 || e.free(inbox.Viewer{}, ten) != 0 || e.slotRow(nine).Taken != 0 {
			t.Fatal("the first place is free at once", e.slotRow(nine))
		}
	})
}

func TestChange(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine, ten := e.slot(tuesday, 9, 0), e.slot(tuesday, 10, 0)
		ap, token := e.books(nine, "lucia@example.org")
		e.deliver(e.mail)
		got := must(e.Change(t.Context(), inbox.Viewer{}, ChangeRequest{Token: token, Start: ten}))(t)
		if got.Appointment.StartAt != ten || got.Appointment.Sequence != 1 || got.Appointment.Code != ap.Code || e.slotRow(nine).Taken != 0 || e.slotRow(ten).TakenPublic != 1 {
			t.Fatalf("%+v", got.Appointment)
		}
		mail := e.deliver(e.mail)[0]
		contains(t, mail.Text, "ore 10:00", "Quello di prima, martedì 24 novembre 2026, ore 09:00")
		for _, link := range []string{token, got.Token, tokenIn(mail.Text, ToChange)} {
			if view := must(e.Look(t.Context(), link))(t); view.Appointment.StartAt != ten {
				t.Fatal("the links go on to hold")
			}
		}
		again := must(e.Change(t.Context(), inbox.Viewer{}, ChangeRequest{Token: token, Start: ten}))(t)
		if !again.Repeated || e.slotRow(ten).Taken != 1 {
			t.Fatal("twice is once")
		}
		e.books(e.slot(tuesday, 11, 0), "other@example.org")
		_, err := e.Change(t.Context(), inbox.Viewer{}, ChangeRequest{Token: token, Start: e.slot(tuesday, 11, 0)})
		refused(t, err, SlotFull)
		if n := e.now(ap); n.StartAt != ten || n.State != BookedSlot {
			t.Fatal("who gets no other place keeps the own one", n)
		}
		staff := must(e.Change(t.Context(), e.anna, ChangeRequest{ID: ap.ID, Version: e.now(ap).Version, Start: e.slot(tuesday, 11, 0)}))(t)
		if staff.Appointment.Public {
			t.Fatal("staff have the other share")
		}
		if _, err := e.Change(t.Context(), e.anna, ChangeRequest{ID: ap.ID, Version: 1, Start: nine}); !errors.Is(err, ErrChanged) {
			t.Fatal(err)
		}
		e.clockTo(18, 0)
		e.after(minutes(16*60 + 15)) // Tuesday 10:15
		_, err = e.Change(t.Context(), inbox.Viewer{}, ChangeRequest{Token: token, Start: e.slot("2026-11-25", 9, 0)})
		refused(t, err, TooLateToChange)
	})
}

func TestCancel(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine := e.slot(tuesday, 9, 0)
		ap, token := e.books(nine, "lucia@example.org")
		e.deliver(e.mail)
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: token}))(t)
		n := e.now(ap)
		if n.State != AppointmentCancel || n.Outcome != "citizen" || e.slotRow(nine).Taken != 0 {
			t.Fatalf("%+v", n)
		}
		mail := e.deliver(e.mail)[0]
		if mail.Files[0].Type != "text/calendar; charset=utf-8; method=CANCEL" {
			t.Fatal(mail.Files[0].Type)
		}
		contains(t, mail.Text, "è annullato", "https://filo.example/p/book")
		for name, f := range map[string]func() error{
			"cancel": func() error { _, err := e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: token}); return err },
			"change": func() error {
				_, err := e.Change(t.Context(), inbox.Viewer{}, ChangeRequest{Token: token, Start: nine})
				return err
			},
			"look": func() error { _, err := e.Look(t.Context(), token); return err },
		} {
			if err := f(); !errors.Is(err, ErrNotFound) {
				t.Errorf("a link is over with its appointment: %s: %v", name, err)
			}
		}
		other, _ := e.books(e.slot(tuesday, 9, 15), "marta@example.org")
		e.deliver(e.mail)
		must(e.Cancel(t.Context(), e.anna, CancelRequest{ID: other.ID, Reason: "Lo sportello è chiuso.\r\nDavvero."}))(t)
		contains(t, e.deliver(e.mail)[0].Text, "Lo sportello è chiuso. Davvero.")
		third, _ := e.books(e.slot(tuesday, 9, 30), "anna@example.org")
		e.deliver(e.mail)
		if must(e.Cancel(t.Context(), e.anna, CancelRequest{ID: third.ID, Silent: true}))(t); len(e.deliver(e.mail)) != 0 {
			t.Fatal("silent is silent")
		}
		_, err := e.Cancel(t.Context(), e.anna, CancelRequest{ID: third.ID})
		refused(t, err, NotBooked)
	})
}
