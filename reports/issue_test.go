package reports

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"filodiretto/queue"
)

// liveDay is a day of chance in both towns.
func liveDay(t *testing.T) (queue.Day, []*env) {
	t.Helper()
	from := queue.Day("2027-11-22")
	c, envs := bothDBs(t, from.At(8*60, rome).Time())
	walks := []*walk{newWalk(envs[0], 3), newWalk(envs[1], 3)}
	for range 120 {
		c.Advance(90 * time.Second)
		for _, w := range walks {
			w.step()
		}
	}
	return from, envs
}

func (e *env) events() int {
	e.t.Helper()
	var n []int
	e.scan(&n, "SELECT count(*) FROM events")
	return n[0]
}

// it-at-m/eappointment #1466, #863 and #3091 (queue 3, row 9): whole days were
// missing, and who made them again wiped the source. Here they are made from the
// events, which nothing touches, as often as one likes and with the same result.
func TestIssue1466FiguresAreMadeAgainFromEvents(t *testing.T) {
	day, envs := liveDay(t)
	for _, e := range envs {
		must(e.Update(t.Context()))(t)
		want, events := e.kept(), e.events()
		if len(want.Days) == 0 {
			t.Fatal("no figures")
		}
		e.exec("DELETE FROM report_days")
		e.exec("DELETE FROM report_counters")
		for range 3 {
			must(e.Rebuild(t.Context(), day, day))(t)
			if diff := cmp.Diff(want, e.kept()); diff != "" {
				t.Error(diff)
			}
		}
		if n := e.events(); n != events {
			t.Errorf("%d events became %d", events, n)
		}
	}
}

// it-at-m/eappointment #2792 (row 16): a day stood twice in the statistics. The
// tables cannot hold it twice, and two who make a day at once leave it once.
func TestIssue2792ADayStandsOnce(t *testing.T) {
	day, envs := liveDay(t)
	for _, e := range envs {
		must(e.Update(t.Context()))(t)
		want := e.kept()
		done := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := e.Rebuild(t.Context(), day, day)
				done <- err
			}()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(want, e.kept()); diff != "" {
			t.Error(diff)
		}
		row := want.Days[0]
		if _, err := e.db.Write.NewInsert().Model(&row).Exec(t.Context()); err == nil {
			t.Error("a day was written twice")
		}
	}
}
