package queue

import (
	"errors"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
)

// waits puts somebody of the chat on the list.
func (e *agendaEnv) waits(name string) (*Wish, int64) {
	e.t.Helper()
	_, identity := e.chat(name)
	w := must(e.Join(e.t.Context(), inbox.Viewer{}, JoinRequest{
		AgendaID: e.agenda.ID, ServiceID: e.cards, From: tuesday, To: tuesday.Add(10), Key: name, Lang: "it", Person: name,
		IdentityID: identity, AccountID: e.bot.acc.ID, Proven: true,
	}))(e.t)
	return w, identity
}

func (e *agendaEnv) wish(id int64) *Wish {
	e.t.Helper()
	w := new(Wish)
	if err := e.env.db.Read.NewSelect().Model(w).Where("wl.id = ?", id).Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return w
}

// settled lets a place rest to its end.
func (e *agendaEnv) settled() {
	e.t.Helper()
	e.after(minutes(31))
	must(e.Settle(e.t.Context()))(e.t)
}

// chatLink is the token of the newest word of the bot with a link for a purpose,
// to a chat.
func (e *agendaEnv) chatLink(p Purpose, name string) string {
	e.t.Helper()
	e.deliver(e.bot)
	for i := len(e.bot.all) - 1; i >= 0; i-- {
		if o := e.bot.all[i]; o.ThreadKey == name && tokenIn(o.Text, p) != "" {
			return tokenIn(o.Text, p)
		}
	}
	e.t.Fatalf("the chat %s has no link to %s", name, p)
	return ""
}

// A place that was given back rests, then goes to the waiting list, and only then
// to everybody.
func TestFreedSlotRestsThenGoesToTheList(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine := e.slot(tuesday, 9, 0)
		_, token := e.books(nine, "lucia@example.org")
		w, _ := e.waits("501")
		contains(t, e.deliver(e.bot)[0].Text, "dal 24 novembre al 4 dicembre 2026")
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: token}))(t)
		s := e.slotRow(nine)
		if rest := s.RestUntil.Sub(e.env.clock.Now()); s.Resting != 1 || rest < minutes(5) || rest > minutes(30) {
			t.Fatalf("%+v %v", s, rest)
		}
		friend := e.web(nine, "friend@example.org")
		if e.free(inbox.Viewer{}, nine) != 0 {
			t.Fatal("nobody is told")
		}
		_, err := e.Book(t.Context(), inbox.Viewer{}, friend)
		refused(t, err, SlotFull)
		e.settled()
		if e.free(inbox.Viewer{}, nine) != 0 || e.wish(w.ID).State != Offered {
			t.Fatal("it is offered", e.wish(w.ID))
		}
		_, err = e.Book(t.Context(), inbox.Viewer{}, friend)
		refused(t, err, SlotFull)
		offer := e.deliver(e.bot)[0].Text
		contains(t, offer, "Si è liberato un posto", "ore 09:00", "oggi alle 11:31")
		got := must(e.Accept(t.Context(), tokenIn(offer, ToOffer)))(t)
		if got.Appointment.State != BookedSlot || got.Appointment.Code == "" || e.wish(w.ID).State != Taken || e.slotRow(nine).TakenPublic != 1 {
			t.Fatalf("%+v", got.Appointment)
		}
		if _, err := e.Accept(t.Context(), tokenIn(offer, ToOffer)); !errors.Is(err, ErrNotFound) {
			t.Fatal("once", err)
		}
	})
}

// What nobody of the list wants is for everybody.
func TestRestedSlotWithoutAListIsPublic(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine := e.slot(tuesday, 9, 0)
		_, token := e.books(nine, "lucia@example.org")
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: token}))(t)
		e.after(minutes(31))
		// No sweep has run: the booking itself sees that the rest is over.
		must(e.Book(t.Context(), inbox.Viewer{}, e.web(nine, "other@example.org")))(t)
		if s := e.slotRow(nine); s.Resting != 0 || s.TakenPublic != 1 {
			t.Fatal(s)
		}
	})
}

func TestOfferRefusedOrForgottenGoesOn(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine := e.slot(tuesday, 9, 0)
		_, token := e.books(nine, "lucia@example.org")
		first, _ := e.waits("1")
		second, _ := e.waits("2")
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: token}))(t)
		e.settled()
		if err := e.Refuse(t.Context(), e.chatLink(ToOffer, "1")); err != nil {
			t.Fatal(err)
		}
		if a, b := e.wish(first.ID), e.wish(second.ID); a.State != OnList || a.Offers != 1 || b.State != Offered {
			t.Fatal("the next is asked at once", a, b)
		}
		late := e.chatLink(ToOffer, "2")
		e.after(minutes(121)) // forgets to answer
		must(e.Settle(t.Context()))(t)
		if b := e.wish(second.ID); b.State != OnList || e.free(inbox.Viewer{}, nine) != 1 {
			t.Fatal("and then it is for everybody", b)
		}
		if _, err := e.Accept(t.Context(), late); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if e.events("appointment.offered") != 2 || e.events("appointment.refused") != 1 {
			t.Fatal("events")
		}
	})
}

// Who does not answer three times leaves the list.
func TestThreeOffersWithoutAnAnswer(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		w, _ := e.waits("1")
		for i := range 3 {
			_, token := e.books(e.slot(tuesday.Add(1), 9, 15*i), "lucia@example.org")
			must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: token}))(t)
			e.settled()
			e.after(minutes(121))
			must(e.Settle(t.Context()))(t)
		}
		if got := e.wish(w.ID); got.State != ListEnd || got.Offers != 3 || e.events("waitlist.ended") != 1 {
			t.Fatalf("%+v", got)
		}
	})
}

// Nobody is asked at night: the place rests until the morning.
func TestNoOffersAtNight(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		at := e.slot(tuesday.Add(1), 9, 0)
		_, token := e.books(at, "lucia@example.org")
		w, _ := e.waits("1")
		e.deliver(e.bot)
		e.clockTo(21, 0)
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: token}))(t)
		e.settled()
		s := e.slotRow(at)
		if s.Resting != 1 || s.RestUntil != e.slot(tuesday, 8, 0) || e.wish(w.ID).State != OnList || e.free(inbox.Viewer{}, at) != 0 {
			t.Fatalf("%+v", s)
		}
		e.after(minutes(11 * 60)) // past eight
		must(e.Settle(t.Context()))(t)
		if e.wish(w.ID).State != Offered {
			t.Fatal("in the morning they are")
		}
	})
}

// Somebody who has an appointment and would like an earlier one keeps it until an
// offer is accepted, and gives it back with that.
func TestEarlierAppointmentInsteadOfALaterOne(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		early, late, never := e.slot(tuesday, 9, 0), e.slot("2026-12-03", 10, 0), e.slot("2026-12-04", 10, 0)
		_, mine := e.books(late, "lucia@example.org")
		w := must(e.Join(t.Context(), inbox.Viewer{}, JoinRequest{From: tuesday, To: tuesday.Add(10), Key: "k", Lang: "it", Token: mine}))(t)
		again := must(e.Join(t.Context(), inbox.Viewer{}, JoinRequest{From: tuesday, To: tuesday.Add(10), Key: "k", Lang: "it", Token: mine}))(t)
		if again.ID != w.ID {
			t.Fatal("the same key is the same entry")
		}
		_, err := e.Join(t.Context(), inbox.Viewer{}, JoinRequest{From: tuesday, To: tuesday.Add(10), Key: "other", Lang: "it", Token: mine})
		refused(t, err, OnTheList)
		for i, at := range []clock.Instant{never, early} {
			_, token := e.books(at, []string{"a@example.org", "b@example.org"}[i])
			must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: token}))(t)
			e.settled()
		}
		if e.wish(w.ID).State != Offered || e.wish(w.ID).LastStartAt != early {
			t.Fatal("a later one is not offered", e.wish(w.ID))
		}
		got := must(e.Accept(t.Context(), e.lastLink(ToOffer)))(t)
		if got.Appointment.StartAt != early || e.slotRow(early).TakenPublic != 1 {
			t.Fatalf("%+v", got.Appointment)
		}
		if s := e.slotRow(late); s.Taken != 0 || s.Resting != 1 || e.number64("SELECT COUNT(*) FROM appointments WHERE state = 'cancelled' AND outcome = 'replaced'") != 1 {
			t.Fatal("the later one is given back", s)
		}
		if _, err := e.Look(t.Context(), mine); !errors.Is(err, ErrNotFound) {
			t.Fatal("with its links", err)
		}
	})
}

func TestLeaveTheList(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		nine := e.slot(tuesday, 9, 0)
		_, token := e.books(nine, "lucia@example.org")
		first, _ := e.waits("1")
		second, _ := e.waits("2")
		link := e.chatLink(ToLeave, "1")
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: token}))(t)
		e.settled()
		if err := e.LeaveList(t.Context(), inbox.Viewer{}, link, 0); err != nil {
			t.Fatal(err)
		}
		if a, b := e.wish(first.ID), e.wish(second.ID); a.State != OffList || b.State != Offered {
			t.Fatal("an open offer goes to the next", a.State, b.State)
		}
		if err := e.LeaveList(t.Context(), inbox.Viewer{}, link, 0); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if list := must(e.WaitingList(t.Context(), e.anna, e.agenda.ID))(t); len(list) != 1 || list[0].ID != second.ID {
			t.Fatal(len(list))
		}
		if _, err := e.WaitingList(t.Context(), e.carla, e.agenda.ID); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		if err := e.LeaveList(t.Context(), e.anna, "", second.ID); err != nil || e.free(inbox.Viewer{}, nine) != 1 {
			t.Fatal("staff take somebody off", err)
		}
	})
}

// Only who has proven an address may join: nobody is put on a list by others.
func TestJoinNeedsAProvenAddress(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		r := JoinRequest{AgendaID: e.agenda.ID, ServiceID: e.cards, From: tuesday, To: tuesday, Key: "k", Person: "X", Email: "x@example.org"}
		if _, err := e.Join(t.Context(), inbox.Viewer{}, r); !errors.Is(err, ErrForbidden) {
			t.Fatal(err)
		}
		must(e.Join(t.Context(), e.anna, r))(t)
		for name, change := range map[string]func(*JoinRequest){
			"days in the past":       func(r *JoinRequest) { r.From, r.To = "2026-11-01", "2026-11-02" },
			"days turned around":     func(r *JoinRequest) { r.From, r.To = "2026-12-02", "2026-12-01" },
			"days that are none":     func(r *JoinRequest) { r.From = "soon" },
			"nobody who can be told": func(r *JoinRequest) { r.Email = "" },
			"another service":        func(r *JoinRequest) { r.ServiceID = e.taxes },
		} {
			bad := r
			bad.Key = e.key()
			change(&bad)
			if _, err := e.Join(t.Context(), e.anna, bad); !errors.Is(err, ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		e.clockTo(23, 0)
		e.after(minutes(26 * 60)) // Wednesday
		must(e.Settle(t.Context()))(t)
		if e.number64("SELECT COUNT(*) FROM waitlist WHERE state = 'ended'") != 1 {
			t.Fatal("the list ends with its days")
		}
	})
}

func TestAwake(t *testing.T) {
	set := DefaultAgendaSettings()
	day := Day("2026-10-24") // the clocks go back in the night that follows
	for _, c := range []struct{ at, want clock.Instant }{
		{day.At(7*60, rome), day.At(8*60, rome)},
		{day.At(8*60, rome), day.At(8*60, rome)},
		{day.At(20*60-1, rome), day.At(20*60-1, rome)},
		{day.At(20*60, rome), day.Add(1).At(8*60, rome)},
		{day.At(23*60, rome), day.Add(1).At(8*60, rome)},
	} {
		if got := awake(set, rome, c.at); got != c.want {
			t.Errorf("%v: %v", c.at, got)
		}
	}
	if got, want := awakeFor(set, rome, day.At(19*60, rome), minutes(120)), day.Add(1).At(9*60, rome); got != want {
		t.Errorf("an hour in the evening and one in the morning: %v, want %v", got.Time(), want.Time())
	}
	if got, want := awakeFor(set, rome, day.At(3*60, rome), minutes(25*60)), day.Add(2).At(9*60, rome); got != want {
		t.Errorf("days: %v, want %v", got.Time(), want.Time())
	}
}
