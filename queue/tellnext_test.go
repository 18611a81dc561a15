package queue

import (
	"testing"
	"time"

	"filodiretto/inbox"
)

func TestYouAreNext(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		for range 4 {
			e.take(e.registry)
		}
		far := e.remote(e.registry, e.citizen("Ada")) // away, behind four
		e.exec("UPDATE tickets SET account_id = 3, identity_id = 4 WHERE id = ?", far.Ticket.ID)
		e.sit(e.anna, e.c1)
		tell := func() int { return must(e.TellNext(ctx, e.site))(t) }
		if tell() != 0 {
			t.Error("too early")
		}
		d := e.call(e.anna, e.c1)
		if tell() != 1 || tell() != 0 || len(e.told.news) != 1 {
			t.Fatal("once, when three are before", e.told.news)
		}
		if n := e.told.news[0]; n.Kind != "next" || n.Label != "A5" || n.AccountID != 3 || n.IdentityID != 4 || n.TicketID != far.Ticket.ID {
			t.Errorf("%+v", n)
		}
		// Called on the own channel too, when they are here.
		must(e.NoShow(ctx, e.anna, e.act(d)))(t)
		must(e.StaffHere(ctx, e.anna, Act{StepID: far.Step.ID}))(t)
		must(e.Call(ctx, e.anna, CallThis{Act: Act{StepID: far.Step.ID}, CounterID: e.c1}))(t)
		if n := e.told.news[len(e.told.news)-1]; n.Kind != "called" || n.Place != "Sportello 1" {
			t.Errorf("%+v", n)
		}
	})
}

// Dozens who come later stand before the one who can be called: the line is read on
// until they are found.
func TestALongLineOfThoseWhoComeLater(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		for range 100 {
			i := e.take(e.registry)
			must(e.Late(t.Context(), Owner{Secret: i.Secret}, time.Hour, ""))(t)
		}
		here := e.take(e.registry)
		e.sit(e.anna, e.c1)
		if d := e.call(e.anna, e.c1); d.Ticket.ID != here.Ticket.ID {
			t.Error(d.Ticket.Label)
		}
	})
}

// Who may do what with a ticket of the registry that waits, and with one that is
// called to counter 1. What is not theirs is not found.
func TestWhoMayDoWhat(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		e.sit(e.anna, e.c1)
		e.take(e.registry)
		d := e.call(e.anna, e.c1)
		waits := e.take(e.registry)
		stranger := inbox.Viewer{OperatorID: e.operator("dino"), Offices: []int64{e.office("polizia", "front")}, FrontDesk: true}
		for _, x := range []struct {
			name string
			v    inbox.Viewer
			may  bool
		}{{"front office", e.bruno, true}, {"system", inbox.Viewer{System: true}, true}, {"specialist", e.carla, false}, {"administrator", e.admin, false}, {"another site's", stranger, false}, {"nobody", inbox.Viewer{}, false}} {
			for what, f := range map[string]func() error{
				"recall": func() error { _, err := e.Recall(ctx, x.v, e.act(d)); return err },
				"transfer": func() error {
					_, err := e.Transfer(ctx, x.v, Transfer{Act: Act{StepID: waits.Step.ID}, ServiceID: e.cards})
					if err == nil {
						waits.Step.ID = e.number64("SELECT max(id) FROM steps")
						e.exec("UPDATE steps SET service_id = ? WHERE id = ?", e.registry, waits.Step.ID)
					}
					return err
				},
				"warned": func() error { _, err := e.Room(ctx, x.v, e.site); return err },
			} {
				if what == "warned" && (x.name == "specialist" || x.name == "administrator") {
					continue // they see the room, and do nothing in it
				}
				if err := f(); (err == nil) != x.may || !x.may && err != ErrNotFound {
					t.Errorf("%s by %s: %v", what, x.name, err)
				}
			}
		}
		// The specialist's own counter, and nobody else's.
		if _, err := e.Open(ctx, e.anna, e.c3, 0); err != ErrNotFound {
			t.Error(err)
		}
		if _, err := e.Open(ctx, e.carla, e.c1, 0); err != ErrNotFound {
			t.Error(err)
		}
		e.take(e.taxes)
		e.sit(e.carla, e.c3)
		e.serve(e.carla, e.c3)
		if _, err := e.CallNext(ctx, e.bruno, At{CounterID: e.c1}); err == nil {
			t.Error("called to a colleague's counter")
		} else {
			refused(t, err, CounterTaken)
		}
	})
}
