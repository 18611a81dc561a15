package queue

import (
	"testing"
	"time"

	"filodiretto/inbox"
)

// Queue 5, point 11: who holds a paper of a kiosk that was alone is called, or the staff
// are told that the paper stands in no line. A kiosk that lost its memory gives a number
// again: the second holder is nobody's, and only a person can help.
func TestPaperThatStandsInNoLineIsTold(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		paper := Alone{Key: "one", ServiceID: e.registry, Day: "2026-11-23", Number: 1, At: e.clock.Now()}
		again, old := paper, paper
		again.Key, old.Key, old.Day = "two", "three", "2026-11-22"
		for range 2 { // the answer may be lost
			must(e.Reconcile(ctx, e.kiosk, []Alone{paper, again, old}))(t)
		}
		r := must(e.Room(ctx, e.anna, e.site))(t)
		if len(r.Notices) != 1 || r.Notices[0].Kind != RefusedNotice || r.Notices[0].Label != "AJ1" || r.Notices[0].Reason != NumberTaken || e.events("kiosk.paper_refused") != 1 {
			t.Fatalf("%+v", r.Notices)
		}
		stranger := inbox.Viewer{OperatorID: e.operator("zeno"), Name: "zeno"}
		if err := e.NoticeDone(ctx, stranger, e.site, r.Notices[0].ID); err != ErrNotFound {
			t.Error(err)
		}
		for range 2 {
			if err := e.NoticeDone(ctx, e.anna, e.site, r.Notices[0].ID); err != nil {
				t.Fatal(err)
			}
		}
		must(e.Reconcile(ctx, e.kiosk, []Alone{again}))(t)
		if r := must(e.Room(ctx, e.anna, e.site))(t); len(r.Notices) != 0 || e.events("kiosk.seen_to") != 1 {
			t.Errorf("%+v", r.Notices)
		}
	})
}

// The kiosk says that the staff were told: they are, once, until somebody goes there;
// and they see what ails a device.
func TestHelpThatIsAskedForIsSeen(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		for range 2 {
			if err := e.AskHelp(ctx, e.kiosk); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.Seen(ctx, e.kiosk, "paper_out"); err != nil {
			t.Fatal(err)
		}
		r := must(e.Room(ctx, e.anna, e.site))(t)
		if len(r.Notices) != 1 || r.Notices[0].Kind != HelpNotice || r.Notices[0].Device != "Ingresso" || len(r.Ailing) != 1 || r.Ailing[0].Problem != "paper_out" {
			t.Fatalf("%+v %+v", r.Notices, r.Ailing)
		}
		if err := e.NoticeDone(ctx, e.anna, e.site, 4); err != ErrNotFound {
			t.Error(err)
		}
		if k := must(e.CounterState(ctx, e.anna, e.c1))(t); len(k.Notices) != 1 || k.Notices[0].Device != "Ingresso" || len(k.Ailing) != 1 {
			t.Errorf("at a counter: %+v %+v", k.Notices, k.Ailing)
		}
		if err := e.NoticeDone(ctx, e.anna, e.site, r.Notices[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := e.AskHelp(ctx, e.kiosk); err != nil { // somebody else, later
			t.Fatal(err)
		}
		if r := must(e.Room(ctx, e.anna, e.site))(t); len(r.Notices) != 1 || e.events("kiosk.help_wanted") != 2 {
			t.Errorf("%+v", r.Notices)
		}
	})
}

// What devices told is shown on its day and deleted after ninety, seen to or not.
func TestForgetDeletesNoticesOfLongAgo(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		ctx := t.Context()
		kept := func() int64 {
			return must(e.db.Read.NewSelect().Model((*Notice)(nil)).Count(ctx))(t)
		}
		ask := func() {
			if err := e.AskHelp(ctx, e.kiosk); err != nil {
				t.Fatal(err)
			}
		}
		ask()
		first := must(e.Room(ctx, e.anna, e.site))(t).Notices[0].ID
		if err := e.NoticeDone(ctx, e.anna, e.site, first); err != nil {
			t.Fatal(err)
		}
		ask() // and nobody goes there
		e.after(60 * 24 * time.Hour)
		ask()
		for _, x := range []struct {
			wait time.Duration
			want int64
		}{{0, 3}, {29 * 24 * time.Hour, 3}, {2 * 24 * time.Hour, 1}} {
			e.after(x.wait)
			if err := e.Forget(ctx); err != nil {
				t.Fatal(err)
			}
			if n := kept(); n != x.want {
				t.Errorf("after %v more %d are kept, not %d", x.wait, n, x.want)
			}
		}
	})
}
