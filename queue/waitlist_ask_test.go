package queue

import (
	"errors"
	"regexp"
	"testing"
	"time"

	"filodiretto/inbox"
)

// asks asks by the web to be on the list, and gives the token of the mail.
func (e *agendaEnv) asks(mail string) (*Wish, string) {
	e.t.Helper()
	w := must(e.AskJoin(e.t.Context(), JoinRequest{
		AgendaID: e.agenda.ID, ServiceID: e.cards, From: tuesday, To: tuesday.Add(10), Key: e.key(), Lang: "it", Person: "Nina Bo", Email: mail,
	}))(e.t)
	for _, o := range e.deliver(e.mail) {
		if m := regexp.MustCompile(`/p/waitlist/join/([A-Za-z0-9_-]{43})`).FindStringSubmatch(o.Text); m != nil {
			return w, m[1]
		}
	}
	e.t.Fatal("no link in the mail")
	return nil, ""
}

func TestAskedOnTheListOnceProven(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		w, token := e.asks("nina@example.org")
		if list := must(e.WaitingList(t.Context(), e.anna, e.agenda.ID))(t); len(list) != 0 {
			t.Fatal("who only typed an address is on no list")
		}
		if _, _, seen, err := e.LookJoin(t.Context(), token); err != nil || seen.ID != w.ID {
			t.Fatal(err)
		}
		got := must(e.ConfirmJoin(t.Context(), token))(t)
		if got.State != OnList || e.wish(w.ID).EndedAt != 0 || e.events("waitlist.joined") != 1 {
			t.Fatalf("%+v", got)
		}
		if sent := e.deliver(e.mail); len(sent) != 1 || tokenIn(sent[0].Text, ToLeave) == "" {
			t.Fatal("they are told, with a link to leave")
		}
		if _, err := e.ConfirmJoin(t.Context(), token); !errors.Is(err, ErrNotFound) {
			t.Fatal("a link is good once", err)
		}
		if _, err := e.Confirm(t.Context(), token); !errors.Is(err, ErrNotFound) {
			t.Fatal("and for one thing", err)
		}
		// a place that is given back goes there
		nine := e.slot(tuesday, 9, 0)
		_, change := e.books(nine, "lucia@example.org")
		must(e.Cancel(t.Context(), inbox.Viewer{}, CancelRequest{Token: change}))(t)
		e.settled()
		if now := e.wish(w.ID); now.State != Offered {
			t.Fatalf("%+v", now)
		}
	})
}

func TestAskedTwiceIsOneEntryAndOneTooManyIsRefused(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		_, first := e.asks("nina@example.org")
		_, second := e.asks("nina@example.org")
		must(e.ConfirmJoin(t.Context(), first))(t)
		_, err := e.ConfirmJoin(t.Context(), second)
		refused(t, err, OnTheList)
		for range 3 {
			e.asks("nina+n@example.org") // the same mailbox
		}
		_, err = e.AskJoin(t.Context(), JoinRequest{AgendaID: e.agenda.ID, ServiceID: e.cards, From: tuesday, To: tuesday, Key: e.key(), Person: "Nina", Email: "nina@example.org"})
		refused(t, err, MostDay)
	})
}

func TestAskedEndsByItself(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		_, token := e.asks("nina@example.org")
		e.after(24 * time.Hour)
		if _, err := e.ConfirmJoin(t.Context(), token); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
		e.after(7 * 24 * time.Hour)
		must(e.ForgetPeople(t.Context()))(t)
		if n := e.number64("SELECT count(*) FROM waitlist"); n != 0 {
			t.Fatal("and nothing of it stays", n)
		}
	})
}

func TestAskJoinIsChecked(t *testing.T) {
	eachAgenda(t, func(t *testing.T, e *agendaEnv) {
		for field, change := range map[string]func(*JoinRequest){
			"key":     func(r *JoinRequest) { r.Key = "" },
			"person":  func(r *JoinRequest) { r.Person = " " },
			"email":   func(r *JoinRequest) { r.Email = "" },
			"days":    func(r *JoinRequest) { r.To = "2026-11-01" },
			"service": func(r *JoinRequest) { r.ServiceID = e.taxes },
		} {
			r := JoinRequest{AgendaID: e.agenda.ID, ServiceID: e.cards, From: tuesday, To: tuesday, Key: e.key(), Person: "Nina Bo", Email: "nina@example.org"}
			change(&r)
			if _, err := e.AskJoin(t.Context(), r); !isInvalid(err, field) {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}
