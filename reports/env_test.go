package reports

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/live"
	"filodiretto/queue"
)

var rome = mustZone("Europe/Rome")

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// env is a site that is open round the clock, with three services, three counters and
// their operators.
type env struct {
	*Reports
	t        testing.TB
	q        *queue.Queue
	clock    *clock.Manual
	site     int64
	house    *queue.House
	services []int64
	counters []int64
	staff    []inbox.Viewer
	kiosk    *queue.Device
	n        int // of keys
}

var all = inbox.Viewer{System: true}

// bothDBs are the same town on SQLite and on a real PostgreSQL, with one clock: ids of
// events are given in order of time by the whole process, so that the two must live
// through their days together. For the same reason the tests of this package lie one
// after the other in time: again_test, issue_test, play_test.
func bothDBs(t *testing.T, start time.Time) (*clock.Manual, []*env) {
	c := clock.NewManual(start)
	url := dbtest.Postgres(t)
	return c, []*env{newEnv(t, dbtest.SQLite(t), c), newEnv(t, url, c)}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

type nobody struct{}

func (nobody) Tell(context.Context, *db.Tx, []queue.News) error { return nil }

func newEnv(t testing.TB, url string, c *clock.Manual) *env {
	t.Helper()
	e := &env{t: t, clock: c}
	d := must(db.Open(t.Context(), url, e.clock, db.Options{}))(t)
	t.Cleanup(func() { d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	e.q = queue.New(queue.Deps{DB: d, Hub: &live.Hub{}, Log: log, Zone: rome, SignKey: []byte("0123456789abcdef0123456789abcdef"), Teller: nobody{}})
	e.Reports = New(Deps{DB: d, Queue: e.q, Votes: queue.NewVotes(e.q, nil, "", queue.VoteSettings{}), Log: log, Zone: rome})
	e.seed()
	return e
}

func (e *env) exec(query string, args ...any) {
	e.t.Helper()
	err := e.db.Tx(e.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *env) seed() {
	t, ctx := e.t, e.t.Context()
	office := db.NewID(e.clock)
	e.exec("INSERT INTO offices (id, key, name, level, created_at) VALUES (?, 'urp', 'URP', 'front', 1)", office)
	s := must(e.q.SaveSite(ctx, all, queue.SiteEdit{Key: "municipio", Name: "Municipio", Settings: queue.SiteSettings{VoidMin: 600}}))(t)
	e.site = s.ID
	week := map[int]queue.Ranges{}
	for d := 1; d <= 7; d++ {
		week[d] = queue.Ranges{{From: 0, To: 1440}}
	}
	must(e.q.SaveHours(ctx, all, e.site, 0, week))(t)
	group := must(e.q.SaveGroup(ctx, all, queue.Group{SiteID: e.site, Key: "a", Names: queue.Names{"it": "Anagrafe"}, Series: "A"}))(t)
	for _, key := range []string{"certificati", "cie", "tari"} {
		e.services = append(e.services, must(e.q.SaveService(ctx, all, queue.Service{
			SiteID: e.site, GroupID: group, Key: key, Names: queue.Names{"it": key, "en": key}, OfficeID: office, Minutes: 10, Kiosk: true, Remote: true,
		}))(t))
	}
	for i := range 3 {
		id := db.NewID(e.clock)
		e.exec("INSERT INTO operators (id, login, name, password, created_at) VALUES (?, ?, ?, '', 1)", id, fmt.Sprint("o", i), fmt.Sprint("o", i))
		e.staff = append(e.staff, inbox.Viewer{OperatorID: id, Offices: []int64{office}, FrontDesk: true})
		edit := queue.CounterEdit{Counter: queue.Counter{SiteID: e.site, Key: fmt.Sprint(i + 1), Name: fmt.Sprint("Sportello ", i+1), Kind: "desk", OfficeID: office}}
		for _, s := range e.services {
			edit.Skills = append(edit.Skills, queue.Skill{ServiceID: s})
		}
		e.counters = append(e.counters, must(e.q.SaveCounter(ctx, all, edit))(t))
	}
	_, token, err := e.q.SaveDevice(ctx, all, queue.DeviceEdit{SiteID: e.site, Kind: "kiosk", Name: "Totem", Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	e.kiosk = must(e.q.DeviceByToken(ctx, token))(t)
	e.house = must(e.q.House(ctx, e.site))(t)
}

func (e *env) key() string {
	e.n++
	return fmt.Sprintf("k%d", e.n)
}
