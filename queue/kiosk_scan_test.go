package queue

import (
	"errors"
	"testing"
	"time"
)

// A kiosk that read the page of an appointment checks it in, once.
func TestCheckInByLink(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		ap, token := e.books(e.slot("2026-11-23", 10, 30), "lucia@example.org")
		_, err := e.CheckInByLink(t.Context(), nil, token)
		if !errors.Is(err, ErrForbidden) {
			t.Errorf("without a kiosk: %v", err)
		}
		other := *e.kiosk
		other.SiteID++
		for what, wrong := range map[string]struct {
			d     *Device
			token string
		}{"a wrong link": {e.kiosk, token + "x"}, "no link": {e.kiosk, ""}, "a kiosk elsewhere": {&other, token}} {
			if _, err := e.CheckInByLink(t.Context(), wrong.d, wrong.token); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v", what, err)
			}
		}
		first := must(e.CheckInByLink(t.Context(), e.kiosk, token))(t)
		if first.Ticket.ID != e.now(ap).TicketID || first.Ticket.PresentAt == 0 || first.Ticket.DeviceID != e.kiosk.ID {
			t.Errorf("%+v", first.Ticket)
		}
		if again := must(e.CheckInByLink(t.Context(), e.kiosk, token))(t); again.Ticket.ID != first.Ticket.ID || !again.Repeated {
			t.Errorf("the second reading gave %s after %s", again.Ticket.Label, first.Ticket.Label)
		}
	})
}

// A number that a kiosk read is that of somebody who stands there: the code of the
// display is not asked for.
func TestHereAtKiosk(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		away := e.remote(e.registry, e.citizen("Ada"))
		other := *e.kiosk
		other.SiteID++
		if _, _, err := e.HereAtKiosk(t.Context(), &other, away.Secret); !errors.Is(err, ErrNotFound) {
			t.Errorf("a kiosk elsewhere: %v", err)
		}
		for _, secret := range []string{"", "wrong"} {
			if _, _, err := e.HereAtKiosk(t.Context(), e.kiosk, secret); !errors.Is(err, ErrNotFound) {
				t.Errorf("%q: %v", secret, err)
			}
		}
		if _, _, err := e.HereAtKiosk(t.Context(), nil, away.Secret); !errors.Is(err, ErrForbidden) {
			t.Errorf("without a kiosk: %v", err)
		}
		read := func(i *Issued) (*TicketView, bool) {
			t.Helper()
			v, came, err := e.HereAtKiosk(t.Context(), e.kiosk, i.Secret)
			if err != nil {
				t.Fatal(err)
			}
			return v, came
		}
		if v, came := read(away); !came || v.Ticket.PresentAt == 0 || v.Current.Away() || v.Place == nil {
			t.Errorf("came %t, %+v", came, v.Current)
		}
		if _, came := read(away); came {
			t.Error("the second reading is news")
		}

		// Who said to be late is here now.
		late := e.take(e.registry)
		if _, err := e.Late(t.Context(), Owner{Secret: late.Secret}, 20*time.Minute, "l"); err != nil {
			t.Fatal(err)
		}
		if v, came := read(late); !came || v.Current.NotBefore != 0 {
			t.Errorf("late: came %t, not before %v", came, v.Current.NotBefore)
		}

		e.sit(e.anna, e.c1)
		d := must(e.CallNext(t.Context(), e.anna, At{CounterID: e.c1, Key: "c"}))(t)
		called := away
		if d.Ticket.ID == late.Ticket.ID {
			called = late
		}
		if v, came := read(called); came || v.Current.State != Called || v.Counter == nil {
			t.Errorf("called: %+v", v.Current)
		}
		if _, err := e.NoShow(t.Context(), e.anna, Act{StepID: d.Step.ID, Key: "n"}); err != nil {
			t.Fatal(err)
		}
		_, _, err := e.HereAtKiosk(t.Context(), e.kiosk, called.Secret)
		refused(t, err, WrongState)
	})
}
