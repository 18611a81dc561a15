package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/live"
)

// rome is where the days of the tests are.
var rome = mustZone("Europe/Rome")

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// env is a site with two groups of services, three counters and their operators,
// on Monday 23 November 2026 at 9:00, when it is open.
type env struct {
	*Queue
	t      testing.TB
	manual *clock.Manual
	files  *fakeFiles
	told   *fakeTeller

	urp, demo int64 // offices, front and back
	site      int64
	house     *House
	registry  int64 // services of series A ...
	cards     int64
	taxes     int64        // ... and T
	c1, c2    int64        // counters that do registry and cards
	c3        int64        // a specialist's, that does taxes
	anna      inbox.Viewer // front office, sits at c1
	bruno     inbox.Viewer // front office
	carla     inbox.Viewer // back office of c3
	admin     inbox.Viewer
	kiosk     *Device
	n         int // of keys
	dsn       string
}

// eachDB runs a test on SQLite and on a real PostgreSQL, both at once.
func eachDB(t *testing.T, f func(t *testing.T, e *env)) {
	onBoth(t, func(t *testing.T, url string) { f(t, newEnv(t, url)) })
}

func onBoth(t *testing.T, f func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, dbtest.SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, dbtest.Postgres(t))
	})
}

func newEnv(t testing.TB, url string) *env {
	t.Helper()
	m := clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, rome))
	e := &env{t: t, manual: m, files: &fakeFiles{}, told: &fakeTeller{}, dsn: url}
	e.Queue = e.open(url, m)
	e.seed()
	return e
}

// open opens the database as one more process would.
func (e *env) open(url string, c clock.Clock) *Queue {
	e.t.Helper()
	d, err := db.Open(e.t.Context(), url, c, db.Options{})
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { d.Close() })
	if err := d.Migrate(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return New(Deps{
		DB: d, Hub: &live.Hub{}, Log: slog.New(slog.NewTextHandler(e.t.Output(), nil)), Zone: rome,
		SignKey: []byte("0123456789abcdef0123456789abcdef"), Files: e.files, Teller: e.told,
	})
}

func (e *env) seed() {
	e.t.Helper()
	e.urp, e.demo = e.office("urp", "front"), e.office("tributi", "back")
	e.admin = inbox.Viewer{OperatorID: e.operator("admin"), Name: "admin", Admin: true}
	e.anna = inbox.Viewer{OperatorID: e.operator("anna"), Name: "anna", Offices: []int64{e.urp}, FrontDesk: true}
	e.bruno = inbox.Viewer{OperatorID: e.operator("bruno"), Name: "bruno", Offices: []int64{e.urp}, FrontDesk: true}
	e.carla = inbox.Viewer{OperatorID: e.operator("carla"), Name: "carla", Offices: []int64{e.demo}}
	ctx := e.t.Context()
	s := must(e.SaveSite(ctx, e.admin, SiteEdit{Key: "municipio", Name: "Municipio", Settings: SiteSettings{Patron: "12-06"}}))(e.t)
	e.site = s.ID
	week := map[int]Ranges{}
	for d := 1; d <= 5; d++ {
		week[d] = Ranges{{8 * 60, 13 * 60}, {15 * 60, 18 * 60}}
	}
	must(e.SaveHours(ctx, e.admin, e.site, 0, week))(e.t)
	a := must(e.SaveGroup(ctx, e.admin, Group{SiteID: e.site, Key: "anagrafe", Names: Names{"it": "Anagrafe"}, Series: "A"}))(e.t)
	b := must(e.SaveGroup(ctx, e.admin, Group{SiteID: e.site, Key: "tributi", Names: Names{"it": "Tributi"}, Series: "T"}))(e.t)
	service := func(key string, group, office int64) int64 {
		id := must(e.SaveService(ctx, e.admin, Service{
			SiteID: e.site, GroupID: group, Key: key, Names: Names{"it": key}, OfficeID: office, Minutes: 10, Kiosk: true, Remote: true,
		}))(e.t)
		must(e.SaveErrand(ctx, e.admin, e.site, Errand{ServiceID: id, Key: key, Names: Names{"it": key}, Documents: Papers{"it": {"documento"}}}))(e.t)
		return id
	}
	e.registry, e.cards, e.taxes = service("registry", a, e.urp), service("cards", a, e.urp), service("taxes", b, e.demo)
	counter := func(key, kind string, office int64, services ...int64) int64 {
		edit := CounterEdit{Counter: Counter{SiteID: e.site, Key: key, Name: "Sportello " + key, Kind: kind, OfficeID: office}}
		for _, s := range services {
			edit.Skills = append(edit.Skills, Skill{ServiceID: s})
		}
		return must(e.SaveCounter(ctx, e.admin, edit))(e.t)
	}
	e.c1 = counter("1", "desk", e.urp, e.registry, e.cards)
	e.c2 = counter("2", "desk", e.urp, e.registry, e.cards)
	e.c3 = counter("3", "specialist", e.demo, e.taxes)
	_, token, err := e.SaveDevice(ctx, e.admin, DeviceEdit{SiteID: e.site, Kind: "kiosk", Name: "Ingresso", Alone: true})
	if err != nil {
		e.t.Fatal(err)
	}
	e.kiosk = must(e.DeviceByToken(ctx, token))(e.t)
	e.house = must(e.House(ctx, e.site))(e.t)
}

func (e *env) office(key, level string) int64 {
	id := db.NewID(e.clock)
	e.exec("INSERT INTO offices (id, key, name, level, created_at) VALUES (?, ?, ?, ?, 1)", id, key, key, level)
	return id
}

func (e *env) operator(login string) int64 {
	id := db.NewID(e.clock)
	e.exec("INSERT INTO operators (id, login, name, password, created_at) VALUES (?, ?, ?, '', 1)", id, login, login)
	return id
}

func (e *env) citizen(name string) int64 {
	id := db.NewID(e.clock)
	e.exec("INSERT INTO citizens (id, root_id, name, created_at) VALUES (?, ?, ?, 1)", id, id, name)
	return id
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

func (e *env) number64(query string, args ...any) (n int64) {
	e.t.Helper()
	if err := e.db.Read.NewRaw(query, args...).Scan(e.t.Context(), &n); err != nil {
		e.t.Fatal(err)
	}
	return n
}

// key is one that was not used before.
func (e *env) key() string {
	e.n++
	return fmt.Sprintf("key-%d", e.n)
}

// after moves the clock on.
func (e *env) after(d time.Duration) { e.manual.Advance(d) }

// at moves the clock to a time of day, later than now.
func (e *env) clockTo(hour, minute int) {
	now := e.clock.Now().Time().In(rome)
	to := time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, rome)
	if to.Before(now) {
		e.t.Fatalf("%v is before %v", to, now)
	}
	e.manual.Advance(to.Sub(now))
}

// take gives a paper number at the kiosk that was printed.
func (e *env) take(service int64, change ...func(*NewTicket)) *Issued {
	e.t.Helper()
	n := NewTicket{ServiceID: service, Key: e.key()}
	for _, f := range change {
		f(&n)
	}
	i := must(e.IssueAtKiosk(e.t.Context(), e.kiosk, n))(e.t)
	if err := e.Printed(e.t.Context(), e.kiosk, i.Ticket.ID, true); err != nil {
		e.t.Fatal(err)
	}
	return i
}

// remote takes a number from afar for a person.
func (e *env) remote(service, citizen int64) *Issued {
	e.t.Helper()
	return must(e.IssueRemote(e.t.Context(), NewTicket{SiteID: e.site, ServiceID: service, Key: e.key(), Origin: OnWeb, CitizenID: citizen, Holder: fmt.Sprint(citizen)}))(e.t)
}

// sit opens a counter.
func (e *env) sit(v inbox.Viewer, counter int64) *Sitting {
	e.t.Helper()
	return must(e.Open(e.t.Context(), v, counter, 0))(e.t)
}

// call calls the next to a counter and gives the label.
func (e *env) call(v inbox.Viewer, counter int64) *Result {
	e.t.Helper()
	return must(e.CallNext(e.t.Context(), v, At{CounterID: counter, Key: e.key()}))(e.t)
}

// serve calls the next, who comes.
func (e *env) serve(v inbox.Viewer, counter int64) *Result {
	e.t.Helper()
	d := e.call(v, counter)
	return must(e.Start(e.t.Context(), v, Act{StepID: d.Step.ID, Key: e.key()}))(e.t)
}

func (e *env) finish(v inbox.Viewer, step int64) *Result {
	e.t.Helper()
	return must(e.Finish(e.t.Context(), v, Finish{Act: Act{StepID: step, Key: e.key()}}))(e.t)
}

func (e *env) act(d *Result) Act { return Act{StepID: d.Step.ID, Key: e.key()} }

// stepNow is a step as it is stored.
func (e *env) stepNow(id int64) *Step {
	e.t.Helper()
	s := new(Step)
	if err := e.db.Read.NewSelect().Model(s).Where("s.id = ?", id).Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return s
}

func (e *env) ticketNow(id int64) *Ticket {
	e.t.Helper()
	t := new(Ticket)
	if err := e.db.Read.NewSelect().Model(t).Where("t.id = ?", id).Scan(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
	return t
}

// segments writes a step's phases: "waiting 5m0s, called 10s, serving".
func (e *env) segments(step int64) string {
	e.t.Helper()
	out := ""
	for i, g := range must(e.SegmentsOf(e.t.Context(), step))(e.t) {
		if i > 0 {
			out += ", "
		}
		out += string(g.Kind)
		if g.ToAt != 0 {
			out += " " + g.ToAt.Sub(g.FromAt).String()
		}
	}
	return out
}

// kinds are the events since the beginning, by how often.
func (e *env) events(kind string) int64 {
	return e.number64("SELECT count(*) FROM events WHERE kind = ?", kind)
}

// must gives a value whose error would end the test.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// refused checks the code of a refusal.
func refused(t testing.TB, err error, code string) *RefusedError {
	t.Helper()
	r, ok := errors.AsType[*RefusedError](err)
	if !ok || r.Code != code {
		t.Helper()
		t.Errorf("got %v, want a refusal with %s", err, code)
		return &RefusedError{}
	}
	return r
}

// fakeFiles opens cases by writing a row.
type fakeFiles struct {
	mu   sync.Mutex
	got  []OfficeWork
	give int64
	err  error
	do   func(ctx context.Context, w OfficeWork) error
}

func (f *fakeFiles) OpenCase(ctx context.Context, _ inbox.Viewer, w OfficeWork) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got = append(f.got, w)
	if f.do != nil {
		if err := f.do(ctx, w); err != nil {
			return 0, err
		}
	}
	return f.give, f.err
}

// fakeTeller remembers whom it told.
type fakeTeller struct {
	mu   sync.Mutex
	news []News
}

func (f *fakeTeller) Tell(_ context.Context, _ *db.Tx, news []News) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.news = append(f.news, news...)
	return nil
}
