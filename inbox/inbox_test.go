package inbox

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/live"
	"filodiretto/templates"
)

// env is an inbox on a fresh database with two offices: urp (front) and
// tributi (back), one operator in each, and a mail and a Telegram account.
type env struct {
	*Inbox
	t       testing.TB
	url     string
	manual  *clock.Manual
	chans   *fakeChannels
	route   *fakeRouter
	urp     int64
	trib    int64
	mail    Account
	tg      Account
	counter Account
	giulia  Viewer // front office, urp
	elena   Viewer // back office, tributi
}

// eachDB runs a test on SQLite and on a real PostgreSQL.
func eachDB(t *testing.T, f func(t *testing.T, e *env)) {
	t.Run("sqlite", func(t *testing.T) {
		f(t, newEnv(t, dbtest.SQLite(t)))
	})
	t.Run("postgres", func(t *testing.T) { f(t, newEnv(t, dbtest.Postgres(t))) })
}

func newEnv(t testing.TB, url string) *env {
	t.Helper()
	m := clock.NewManual(time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC))
	e := newEnvWith(t, url, m)
	e.manual = m
	return e
}

// newEnvWith is newEnv under any clock, for benchmarks; then manual is nil.
func newEnvWith(t testing.TB, url string, c clock.Clock) *env {
	t.Helper()
	d, err := db.Open(t.Context(), url, c, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	store, err := blob.Open("dir:" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	set := DefaultSettings()
	set.Municipality, set.CasePrefix, set.Domain, set.PublicURL = "Comune di Pontelieto", "PL", "comune.pontelieto.example", "https://filo.pontelieto.example"
	e := &env{t: t, url: url, chans: &fakeChannels{by: map[int64]fakeAccount{}}, route: &fakeRouter{}}
	e.Inbox = New(Deps{
		DB: d, Blobs: store, Hub: &live.Hub{}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Settings: set, SignKey: []byte("0123456789abcdef0123456789abcdef"), Channels: e.chans, Router: e.route,
		Texts: func(context.Context) *templates.Set { return templates.NewSet(nil) }, Wake: noWake{},
	})
	e.seed()
	return e
}

func (e *env) seed() {
	e.t.Helper()
	ctx := e.t.Context()
	now := e.clock.Now()
	err := e.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, o := range []struct {
			key, name, level string
			id               *int64
		}{{"urp", "URP", "front", &e.urp}, {"tributi", "Ufficio tributi", "back", &e.trib}} {
			*o.id = db.NewID(e.clock)
			if _, err := tx.NewRaw("INSERT INTO offices (id, key, name, level, created_at) VALUES (?, ?, ?, ?, ?)", *o.id, o.key, o.name, o.level, now).Exec(ctx); err != nil {
				return err
			}
		}
		e.giulia = Viewer{OperatorID: db.NewID(e.clock), Name: "Giulia Moretti", Offices: []int64{e.urp}, FrontDesk: true}
		e.elena = Viewer{OperatorID: db.NewID(e.clock), Name: "Elena Costa", Offices: []int64{e.trib}}
		for _, v := range []struct {
			v    Viewer
			role string
		}{{e.giulia, "front_office"}, {e.elena, "back_office"}} {
			if _, err := tx.NewRaw("INSERT INTO operators (id, login, name, password, created_at) VALUES (?, ?, ?, '', ?)", v.v.OperatorID, v.v.Name, v.v.Name, now).Exec(ctx); err != nil {
				return err
			}
			if _, err := tx.NewRaw("INSERT INTO operator_roles (operator_id, office_id, role) VALUES (?, ?, ?)", v.v.OperatorID, v.v.Offices[0], v.role).Exec(ctx); err != nil {
				return err
			}
		}
		for _, a := range []struct {
			acc  *Account
			kind string
		}{{&e.mail, "mail"}, {&e.tg, "telegram"}, {&e.counter, "counter"}} {
			*a.acc = Account{ID: db.NewID(e.clock), Key: a.kind, Kind: a.kind, Name: a.kind, OfficeID: e.urp, Origin: "file", Settings: "{}", Enabled: true, CreatedAt: now}
			if _, err := tx.NewInsert().Model(a.acc).Exec(ctx); err != nil {
				return err
			}
			e.chans.put(*a.acc, nil)
		}
		return nil
	})
	if err != nil {
		e.t.Fatal(err)
	}
}

type fakeAccount struct {
	ch  channels.Channel
	acc Account
}

// fakeChannels hands out whatever channel a test put in.
type fakeChannels struct {
	mu sync.Mutex
	by map[int64]fakeAccount
}

func (f *fakeChannels) put(a Account, ch channels.Channel) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.by[a.ID] = fakeAccount{ch, a}
}

func (f *fakeChannels) Channel(id int64) (channels.Channel, Account, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a, ok := f.by[id]
	return a.ch, a.acc, ok
}

// fakeRouter leaves every case with the account's office, or asks the test.
type fakeRouter struct {
	decide func(Facts) Decision
	fail   func() error
}

func (f *fakeRouter) Decide(_ context.Context, _ *db.Tx, facts []Facts) ([]Decision, error) {
	if f.fail != nil {
		if err := f.fail(); err != nil {
			return nil, err
		}
	}
	out := make([]Decision, len(facts))
	for i, x := range facts {
		if f.decide != nil {
			out[i] = f.decide(x)
		}
	}
	return out, nil
}

type noWake struct{}

func (noWake) Ingest(context.Context, *db.Tx, int64) error                 { return nil }
func (noWake) Deliver(context.Context, *db.Tx, int64, clock.Instant) error { return nil }
func (noWake) Reconcile(context.Context, *db.Tx, int64) error              { return nil }
func (noWake) Fetch(context.Context, *db.Tx, int64) error                  { return nil }
