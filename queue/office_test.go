package queue

import (
	"context"
	"errors"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/db"
)

// Queue 5, point 3: the visit goes on at the back office and is over when that has
// answered; counter and office are one time.
func TestVisitGoesOnAtTheOffice(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		ada := e.citizen("Ada")
		e.files.give = e.openCase(ada, e.demo)
		i := e.take(e.registry)
		e.sit(e.anna, e.c1)
		d := e.serve(e.anna, e.c1)
		must(e.Link(ctx, e.anna, i.Step.ID, Person{CitizenID: ada, AccountID: 3, IdentityID: 4}))(t)
		e.after(10 * time.Minute)
		o := ToOffice{Act: Act{StepID: d.Step.ID, Key: "to"}, OfficeID: e.demo, Subject: "Rimborso", Text: "Ha pagato due volte.", Note: "Portato ricevute."}
		r := must(e.ToOffice(ctx, e.anna, o))(t)
		if again := must(e.ToOffice(ctx, e.anna, o))(t); !again.Repeated || len(e.files.got) != 1 {
			t.Error("two cases")
		}
		if r.Step.State != Transferred || r.Step.EndedAt != 0 || r.Ticket.EndedAt != 0 || r.Ticket.CaseID != e.files.give || r.UndoUntil != 0 {
			t.Fatalf("%+v %+v", r.Step, r.Ticket)
		}
		w := e.files.got[0]
		if w.CitizenID != ada || w.OfficeID != e.demo || w.AccountID != 3 || w.IdentityID != 4 || w.Label != "A1" || w.Text == "" {
			t.Errorf("%+v", w)
		}
		e.take(e.registry)
		next := e.call(e.anna, e.c1) // the counter is free
		if n := must(e.EndDay(ctx, e.anna, e.site))(t); n != 1 || next == nil {
			t.Error("the day's end ends what the office has:", n)
		}
		if n := must(e.SettleAnswered(ctx))(t); n != 0 {
			t.Error("nobody has answered")
		}
		e.after(26 * time.Hour)
		e.exec("UPDATE cases SET status = 'closed', closed_at = ? WHERE id = ?", e.clock.Now(), e.files.give)
		if n := must(e.SettleAnswered(ctx))(t); n != 1 {
			t.Error("settled", n)
		}
		if n := must(e.SettleAnswered(ctx))(t); n != 0 {
			t.Error("again", n)
		}
		got := e.ticketNow(i.Ticket.ID)
		if got.EndedAt.Sub(got.IssuedAt) != 26*time.Hour+10*time.Minute || got.Outcome != "answered" || e.segments(i.Step.ID) != "waiting 0s, called 0s, serving 10m0s, elsewhere 26h0m0s" {
			t.Error(got.EndedAt.Sub(got.IssuedAt), got.Outcome, e.segments(i.Step.ID))
		}
		if n := e.number64("SELECT count(*) FROM events WHERE citizen_id = ? AND case_id = ? AND kind = 'ticket.answered'", ada, e.files.give); n != 1 {
			t.Error("not on the timeline")
		}
	})
}

// Case and verb happen both, or neither: also when the case is written and then the
// step is refused, or nothing can be written any more.
func TestCaseAndVerbTogetherOrNeither(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		i := e.take(e.registry)
		e.sit(e.anna, e.c1)
		d := e.serve(e.anna, e.c1)
		boom := errors.New("boom")
		e.files.do = func(ctx context.Context, w OfficeWork) error { // what the inbox would write, and then fail
			err := e.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.NewRaw("INSERT INTO settings (key, value) VALUES (?, 'x')", w.Key).Exec(ctx)
				return err
			})
			return errors.Join(err, e.files.err)
		}
		e.files.err = boom
		o := ToOffice{Act: Act{StepID: d.Step.ID}, Subject: "x"}
		if _, err := e.ToOffice(ctx, e.anna, o); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if e.number64("SELECT count(*) FROM settings") != 0 || e.stepNow(i.Step.ID).State != Serving {
			t.Error("half of it happened")
		}
		e.files.err, e.files.give = nil, e.openCase(e.citizen("Ada"), e.urp)
		must(e.ToOffice(ctx, e.anna, o))(t)
		if e.number64("SELECT count(*) FROM settings") != 1 || e.files.got[1].OfficeID != e.urp {
			t.Error("nothing of it happened")
		}
		for _, x := range []struct {
			o    ToOffice
			want error
		}{{ToOffice{Act: o.Act}, ErrInvalid}, {ToOffice{Act: o.Act, Text: "x", OfficeID: 4}, &RefusedError{}}} {
			if _, err := e.ToOffice(ctx, e.anna, x.o); err == nil {
				t.Errorf("%+v was done", x.o)
			}
		}
	})
}

// Within a transaction made of several, a verb is a part of it.
func TestVerbsWithinAWhole(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		boom := errors.New("boom")
		w := db.Whole{
			Begin: func(context.Context, *db.Tx) error { return nil },
			End:   func(_ context.Context, _ *db.Tx, result error) error { return result },
		}
		err := e.db.Whole(t.Context(), w, func(ctx context.Context) error {
			if _, err := e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.registry, Key: "k"}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || e.number64("SELECT count(*) FROM tickets") != 0 {
			t.Error(err)
		}
		err = e.db.Whole(t.Context(), w, func(ctx context.Context) error {
			_, err := e.SaveGroup(ctx, e.admin, Group{SiteID: e.site, Key: "g", Names: Names{"it": "g"}, Series: "Z"})
			if err != nil {
				return err
			}
			if _, err := e.IssueAtKiosk(ctx, e.kiosk, NewTicket{ServiceID: e.registry, Key: "k"}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || len(must(e.House(t.Context(), e.site))(t).Groups) != 2 {
			t.Error("a set-up that was never committed is remembered")
		}
	})
}

// Several services in one visit: one number, one after the other, with the
// seniority of the visit.
func TestSeveralServicesInOneVisit(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		i := e.take(e.registry, func(n *NewTicket) { n.More = []int64{e.taxes} })
		e.after(time.Minute)
		e.take(e.taxes)
		e.sit(e.anna, e.c1)
		e.sit(e.carla, e.c3)
		if d := e.call(e.carla, e.c3); d.Ticket.ID == i.Ticket.ID {
			t.Error("called to two counters")
		} else {
			must(e.NoShow(ctx, e.carla, e.act(d)))(t)
		}
		d := e.serve(e.anna, e.c1)
		add := must(e.AddService(ctx, e.anna, e.act(d), e.cards))(t)
		_, err := e.AddService(ctx, e.anna, e.act(d), e.cards)
		refused(t, err, AlreadyWaiting)
		// Cards here and now, taxes afterwards at the other counter.
		f := must(e.Finish(ctx, e.anna, Finish{Act: e.act(d), Next: add.New.ID}))(t)
		if f.Ticket.EndedAt != 0 || e.stepNow(add.New.ID).State != Serving {
			t.Fatalf("%+v", e.stepNow(add.New.ID))
		}
		e.after(3 * time.Minute)
		e.finish(e.anna, add.New.ID)
		e.after(time.Minute)
		got := e.serve(e.carla, e.c3)
		if got.Ticket.ID != i.Ticket.ID || got.Step.RefAt != i.Step.RefAt || got.Step.FirstCalledAt.Sub(got.Step.EligibleAt) != time.Minute {
			t.Errorf("%+v", got.Step)
		}
		if f := e.finish(e.carla, got.Step.ID); f.Ticket.EndedAt == 0 {
			t.Error("goes on")
		}
		// A service that the counter does not do cannot go on there.
		e.take(e.registry, func(n *NewTicket) { n.More = []int64{e.taxes} })
		d = e.serve(e.anna, e.c1)
		next := e.number64("SELECT id FROM steps WHERE state = 'booked'")
		_, err = e.Finish(ctx, e.anna, Finish{Act: e.act(d), Next: next})
		refused(t, err, NoSkill)
		must(e.Hold(ctx, e.anna, e.act(d), ""))(t)
		must(e.StaffGiveUp(ctx, e.anna, e.act(d)))(t)
		if e.stepNow(next).State != Left {
			t.Error("what was booked goes on without the person")
		}
	})
}

func TestLinkFindsThePersonsOtherTicket(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		ada := e.citizen("Ada")
		e.remote(e.registry, ada)
		i := e.take(e.registry)
		_, err := e.Link(ctx, e.anna, i.Step.ID, Person{CitizenID: ada})
		refused(t, err, AlreadyWaiting)
		if _, err := e.Link(ctx, e.anna, i.Step.ID, Person{CitizenID: 5}); !isInvalid(err, "citizen") {
			t.Error(err)
		}
		other := e.take(e.cards)
		must(e.Link(ctx, e.anna, other.Step.ID, Person{CitizenID: ada}))(t)
		if _, err := e.Link(ctx, e.carla, other.Step.ID, Person{CitizenID: ada}); err != ErrNotFound {
			t.Error(err)
		}
		if v := must(e.VisitsOf(ctx, e.anna, ada, 10))(t); len(v) != 2 || v[0].ID != other.Ticket.ID || len(v[0].Steps) != 1 {
			t.Errorf("%+v", v)
		}
		if _, err := e.VisitsOf(ctx, inbox.Viewer{}, ada, 10); err != ErrNotFound {
			t.Error(err)
		}
	})
}
