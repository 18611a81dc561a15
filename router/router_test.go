package router

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/counter"
	"filodiretto/inbox"
	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/live"
	"filodiretto/templates"
)

// env is a router with an inbox, three offices and their people.
type env struct {
	*Router
	t      *testing.T
	manual *clock.Manual
	inbox  *inbox.Inbox
	desk   *Desk
	admin  inbox.Viewer
	office map[string]int64
	people map[string]inbox.Viewer
	acc    inbox.Account
}

func eachDB(t *testing.T, f func(t *testing.T, e *env)) {
	t.Run("sqlite", func(t *testing.T) { f(t, newEnv(t, dbtest.SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { f(t, newEnv(t, dbtest.Postgres(t))) })
}

func newEnv(t *testing.T, url string) *env {
	t.Helper()
	m := clock.NewManual(time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC)) // a Tuesday, 11:00 in Rome
	d, err := db.Open(t.Context(), url, m, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	e := &env{t: t, manual: m, Router: New(d, log, rome), admin: inbox.Viewer{System: true}, office: map[string]int64{}, people: map[string]inbox.Viewer{}}
	store, err := blob.Open("dir:" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	set := inbox.DefaultSettings()
	set.Zone, set.PublicURL = rome, "https://filo.example"
	e.inbox = inbox.New(inbox.Deps{
		DB: d, Blobs: store, Hub: &live.Hub{}, Log: log, Settings: set, SignKey: make([]byte, 32), Channels: e, Router: e.Router,
		Texts: func(context.Context) *templates.Set { return templates.NewSet(nil) }, Wake: noWake{},
	})
	e.desk = NewDesk(e.Router, e.inbox, 24)
	for _, o := range []Office{{Key: "urp", Name: "URP", Level: "front"}, {Key: "tributi", Name: "Tributi", Level: "back"}, {Key: "sociale", Name: "Servizi sociali", Level: "back", Reserved: true}} {
		saved, err := e.SaveOffice(t.Context(), e.admin, o)
		if err != nil {
			t.Fatal(err)
		}
		e.office[o.Key] = saved.ID
	}
	e.person("giulia", "urp", FrontOffice)
	e.person("sara", "urp", FrontOffice)
	e.person("elena", "tributi", BackOffice)
	e.person("marco", "tributi", Head)
	e.acc = inbox.Account{ID: db.NewID(m), Key: "desk", Kind: "counter", Name: "Sportello", OfficeID: e.office["urp"], Origin: "file", Settings: "{}", Enabled: true}
	if _, err := d.Write.NewInsert().Model(&e.acc).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *env) person(login, office string, role Role) {
	e.t.Helper()
	o, err := e.SaveOperator(e.t.Context(), e.admin, Operator{Login: login, Name: login, Password: "x"}, []Membership{{OfficeID: e.office[office], Role: role}})
	if err != nil {
		e.t.Fatal(err)
	}
	dir, err := e.Directory(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	v, ok := dir.Viewer(o.ID)
	if !ok {
		e.t.Fatal("no viewer for", login)
	}
	e.people[login] = v
}

// Channel makes the env the inbox's Channels: there is one account, the counter.
func (e *env) Channel(id int64) (channels.Channel, inbox.Account, bool) {
	ch, _ := counter.Driver.Open(channels.Account{}, channels.Deps{})
	return ch, e.acc, id == e.acc.ID
}

func (e *env) visit(key, subject string) *inbox.Case {
	e.t.Helper()
	c, err := e.inbox.RecordVisit(e.t.Context(), e.people["giulia"], inbox.Visit{AccountID: e.acc.ID, Key: key, Person: "Ada " + key, Subject: subject, Text: subject})
	if err != nil {
		e.t.Fatal(err)
	}
	return c
}

type noWake struct{}

func (noWake) Ingest(context.Context, *db.Tx, int64) error                 { return nil }
func (noWake) Deliver(context.Context, *db.Tx, int64, clock.Instant) error { return nil }
func (noWake) Reconcile(context.Context, *db.Tx, int64) error              { return nil }
func (noWake) Fetch(context.Context, *db.Tx, int64) error                  { return nil }

func wantCode(t *testing.T, err error, field, code string) {
	t.Helper()
	var inv *inbox.InvalidError
	if !errors.As(err, &inv) || inv.Field != field || inv.Code != code {
		t.Errorf("want %s %s, got %v", field, code, err)
	}
}
