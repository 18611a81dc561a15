package queue

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"filodiretto/inbox"
	"filodiretto/internal/live"
	"filodiretto/queue/order"
)

// Queue 3, row 13: a display that an empty queue brings down. With 0, 1 and 500 rows.
func TestIssue600DisplayWithNobodyOneAndFiveHundred(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		for _, n := range []int{0, 1, 500} {
			for e.number64("SELECT count(*) FROM tickets") < int64(n) {
				e.take(e.registry)
			}
			d := must(e.DisplayState(t.Context(), e.site, 0))(t)
			if d.Waiting != n || len(d.Next) != min(n, nextShown) || len(d.Called) != 0 || !d.Open {
				t.Errorf("%d: %+v", n, d)
			}
			r := must(e.Room(t.Context(), e.anna, e.site))(t)
			if len(r.Visits) != n {
				t.Errorf("%d in the room", len(r.Visits))
			}
		}
	})
}

// Queue 3, row 30: a second announcement never overrides the first. Displays get all
// calls after the last that they announced, in order.
func TestIssue138AnnouncementsAreAQueue(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		for range 4 {
			e.take(e.registry)
		}
		e.sit(e.anna, e.c1)
		e.sit(e.bruno, e.c2)
		start := must(e.DisplayState(ctx, e.site, -1))(t)
		a, b := e.call(e.anna, e.c1), e.call(e.bruno, e.c2) // at the same instant
		must(e.Recall(ctx, e.anna, e.act(a)))(t)
		d := must(e.DisplayState(ctx, e.site, start.LastCall))(t)
		var said []string
		for _, x := range d.Announce {
			said = append(said, x.Label+"@"+x.Place+":"+x.Kind)
		}
		if got := strings.Join(said, " "); got != "A1@Sportello 1:next A2@Sportello 2:next A1@Sportello 1:recall" {
			t.Error(got)
		}
		if len(d.Called) != 2 || d.Called[0].Label != "A1" || d.Next[0] != "A3" {
			t.Errorf("%+v", d)
		}
		// What was taken back is not said any more, nor shown.
		must(e.Undo(ctx, e.bruno, b.VerbID, "u"))(t)
		d = must(e.DisplayState(ctx, e.site, start.LastCall))(t)
		if len(d.Announce) != 2 || len(d.Called) != 1 || d.Next[0] != "A2" {
			t.Errorf("%+v", d)
		}
		if again := must(e.DisplayState(ctx, e.site, d.LastCall))(t); len(again.Announce) != 0 || len(again.Called) != 1 {
			t.Error("said twice")
		}
		must(e.Start(ctx, e.anna, e.act(a)))(t)
		if d := must(e.DisplayState(ctx, e.site, -1))(t); !d.Called[0].Serving || d.Counters[0].Label != "A1" || len(d.Announce) != 0 {
			t.Errorf("%+v", d)
		}
	})
}

// Queue 3, row 24: what a display shows is the whole state, so that one that was cut
// off and one that never was show the same. A live event tells of each change.
func TestIssue633FullStateAfterACut(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		events, cancel := e.hub.Subscribe(func(x live.Event) bool { return x.Topic == "queue" && x.ID == e.site })
		defer cancel()
		var state *DisplayView
		look := func() {
			e.t.Helper()
			if len(events) == 0 {
				t.Error("nobody was told")
			}
			for len(events) > 0 {
				<-events
			}
			state = must(e.DisplayState(ctx, e.site, -1))(t)
		}
		e.take(e.registry)
		look()
		e.sit(e.anna, e.c1)
		look()
		d := e.call(e.anna, e.c1)
		look()
		must(e.Start(ctx, e.anna, e.act(d)))(t)
		look()
		must(e.Pause(ctx, e.anna, e.c1, "break", 0))(t)
		look()
		e.finish(e.anna, d.Step.ID)
		look()
		fresh := must(e.open(e.dsn, e.clock).DisplayState(ctx, e.site, -1))(t)
		if diff := cmp.Diff(state, fresh, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".House" }, cmp.Ignore())); diff != "" {
			t.Error(diff)
		}
	})
}

// Queue 3, row 32: a display that shows the last called instead of the next.
func TestIssue172NextIsNotTheLastCalled(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		for range 3 {
			e.take(e.registry)
		}
		e.take(e.registry, func(n *NewTicket) { n.Class = order.Protected })
		e.sit(e.anna, e.c1)
		e.call(e.anna, e.c1)
		if d := must(e.DisplayState(t.Context(), e.site, -1))(t); strings.Join(d.Next, " ") != "A1 A2 A3" || d.Called[0].Label != "A4" {
			t.Errorf("%+v", d)
		}
	})
}

// Queue 3, row 23: what the display calls today is today in Rome, over both changes.
func TestIssue460DisplayShowsTodayInTheTownsZone(t *testing.T) {
	for _, day := range []Day{spring, autumn} {
		eachDB(t, func(t *testing.T, e *env) {
			ctx := t.Context()
			must(e.SaveDay(ctx, e.admin, e.site, 0, SpecialDay{Day: day, Intervals: Ranges{{0, 24 * 60}}}))(t)
			e.manual.Advance(day.Start(rome).Sub(e.clock.Now()))
			e.take(e.registry)
			e.sit(e.anna, e.c1)
			e.call(e.anna, e.c1)
			for at := day.Start(rome); at < day.End(rome); at = at.Add(time.Hour) {
				d := must(e.DisplayState(ctx, e.site, 0))(t)
				if len(d.Called) != 1 || !d.Open || d.Until != day.End(rome) {
					t.Errorf("%v: %+v", at.Time().In(rome), d)
				}
				e.after(time.Hour)
			}
			if d := must(e.DisplayState(ctx, e.site, 0))(t); len(d.Called) != 0 || len(d.Announce) != 0 {
				t.Error("yesterday's calls")
			}
		})
	}
}

func TestPlaces(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		a, b := e.take(e.registry), e.take(e.cards)
		tax, far := e.take(e.taxes), e.remote(e.cards, e.citizen("Ada"))
		e.after(time.Second)
		last := e.take(e.registry)
		e.sit(e.anna, e.c1)
		p := must(e.Places(ctx, e.site))(t)
		for i, want := range map[*Issued]int{a: 0, b: 1, tax: 0, far: 2, last: 3} {
			if got := p[i.Step.ID].Ahead; got != want {
				t.Errorf("%s stands behind %d, want %d", i.Ticket.Label, got, want)
			}
		}
		v := must(e.TicketState(ctx, Owner{Secret: last.Secret}))(t)
		if v.Place == nil || v.Place.Ahead != 3 || v.Current == nil || v.Counter != nil {
			t.Errorf("%+v", v)
		}
		e.call(e.anna, e.c1)
		if v := must(e.TicketState(ctx, Owner{Secret: a.Secret}))(t); v.Counter == nil || v.Counter.ID != e.c1 || v.Place != nil {
			t.Errorf("%+v", v)
		}
		for _, o := range []Owner{{}, {Secret: "x"}, {TicketID: a.Ticket.ID}, {TicketID: a.Ticket.ID, CitizenID: 4}, {TicketID: a.Ticket.ID, Holder: "h"}} {
			if _, err := e.TicketState(ctx, o); err != ErrNotFound {
				t.Errorf("%+v: %v", o, err)
			}
		}
		must(e.TicketState(ctx, Owner{TicketID: far.Ticket.ID, CitizenID: far.Ticket.CitizenID}))(t)
	})
}

func TestCounterPage(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		for range 3 {
			e.take(e.registry)
		}
		e.take(e.taxes)
		if c := must(e.CounterState(ctx, e.anna, e.c1))(t); c.Sitting != nil || c.Waiting != 3 || len(c.Next) != 3 || c.Next[0].Ticket.Label != "A1" || c.LastVerb != 0 {
			t.Errorf("%+v", c)
		}
		e.sit(e.anna, e.c1)
		d := e.call(e.anna, e.c1)
		c := must(e.CounterState(ctx, e.anna, e.c1))(t)
		if c.Now == nil || c.Now.Ticket.Label != "A1" || c.Sitting.Operator != "anna" || c.Waiting != 2 || c.LastVerb != d.VerbID || len(c.Steps) != 1 {
			t.Errorf("%+v", c)
		}
		must(e.Hold(ctx, e.anna, e.act(d), "form"))(t)
		if c := must(e.CounterState(ctx, e.anna, e.c1))(t); c.Now != nil || len(c.Held) != 1 {
			t.Errorf("%+v", c)
		}
		if _, err := e.CounterState(ctx, e.carla, e.c1); err != ErrNotFound {
			t.Error(err)
		}
		must(e.CounterState(ctx, e.carla, e.c3))(t)
		if _, err := e.Room(ctx, inbox.Viewer{OperatorID: 4, Offices: []int64{4}}, e.site); err != ErrNotFound {
			t.Error(err)
		}
	})
}

// Killed between any two verbs, another process finds the room as it was: it reads
// the same state, and every verb that was answered is there.
func TestKilledBetweenTwoVerbs(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		i := e.take(e.registry)
		e.remote(e.cards, e.citizen("Ada"))
		e.take(e.cards)
		e.sit(e.anna, e.c1)
		var d *Result
		a := func() Act { return Act{StepID: d.Step.ID, Key: e.key()} }
		for n, verb := range []func() error{
			func() (err error) { d, err = e.CallNext(ctx, e.anna, At{CounterID: e.c1, Key: "c"}); return err },
			func() error { _, err := e.Recall(ctx, e.anna, a()); return err },
			func() error { _, err := e.Start(ctx, e.anna, a()); return err },
			func() error { _, err := e.Hold(ctx, e.anna, a(), "x"); return err },
			func() error { _, err := e.Resume(ctx, e.anna, a(), e.c1); return err },
			func() (err error) {
				r, err := e.Transfer(ctx, e.anna, Transfer{Act: a(), ServiceID: e.taxes})
				if err == nil {
					d.Step = r.New
				}
				return err
			},
			func() error { _, err := e.GiveUp(ctx, Owner{Secret: i.Secret}, "k"); return err },
			func() error { _, err := e.Return(ctx, e.anna, a()); return err },
		} {
			e.after(time.Minute)
			if err := verb(); err != nil {
				t.Fatal(n, err)
			}
			was := must(e.Room(ctx, e.anna, e.site))(t)
			other := e.open(e.dsn, e.clock) // another process; this one's memory is of no use to it
			is := must(other.Room(ctx, e.anna, e.site))(t)
			if diff := cmp.Diff(fmt.Sprintf("%+v %+v %s", was.Visits, was.Sittings, was.Code), fmt.Sprintf("%+v %+v %s", is.Visits, is.Sittings, is.Code)); diff != "" {
				t.Error(n, diff)
			}
			e.Queue = other
		}
	})
}

// Who came for a reserved office is named in the live room to that office alone.
func TestRoomVeilsWhoCameForAReservedOffice(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		e.exec("UPDATE offices SET reserved = TRUE WHERE id = ?", e.demo)
		e.remote(e.taxes, e.citizen("Ida Neri"))
		e.remote(e.registry, e.citizen("Ugo Bo"))
		for _, x := range []struct {
			v    inbox.Viewer
			want string
		}{{e.anna, "T1: A1:Ugo Bo"}, {e.carla, "T1:Ida Neri A1:Ugo Bo"}} {
			var said []string
			for _, visit := range must(e.Room(t.Context(), x.v, e.site))(t).Visits {
				said = append(said, visit.Ticket.Label+":"+visit.Person)
				if visit.Person == "" && (visit.Ticket.CitizenID != 0 || visit.Step.CitizenID != 0) {
					t.Error("the number leads to the person")
				}
			}
			if got := strings.Join(said, " "); got != x.want {
				t.Errorf("%q, want %q", got, x.want)
			}
		}
	})
}
