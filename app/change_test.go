package app

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/live"
	"filodiretto/internal/testserver"
)

// fleet is a process that serves pages and two that work, on one PostgreSQL, with
// or without Redis between them.
type fleet struct {
	*town // the pages
	first *town
	other *town
	trib  mailbox
	moved mailbox
	sink2 *testserver.Sink
}

type mailbox struct{ user, pass string }

func eachFleet(t *testing.T, f func(t *testing.T, w *fleet)) {
	t.Run("redis", func(t *testing.T) { f(t, newFleet(t, testserver.Redis(t).URL())) })
	t.Run("alone", func(t *testing.T) { f(t, newFleet(t, "")) }) // the database is all that they share
}

func newFleet(t *testing.T, redis string) *fleet {
	t.Helper()
	first := newTown(t, dbtest.Postgres(t), "FILODIRETTO_SERVER_ROLES=worker", "FILODIRETTO_REDIS_URL="+redis)
	w := &fleet{
		first: first, other: first.another("worker", redis), town: first.another("web", redis), sink2: testserver.SMTPSink(t),
		trib: mailbox{"tributi@comune.pontelieto.example", "segreta-di-tributi"}, moved: mailbox{"tasse@comune.pontelieto.example", "segreta-di-tasse"},
	}
	for _, b := range []mailbox{w.trib, w.moved} {
		if err := w.dovecot.Account(b.user, b.pass); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// save makes or changes the account on the pages of one process.
func (w *fleet) save(id int64, box mailbox, sink *testserver.Sink) int64 {
	w.t.Helper()
	host, port, err := net.SplitHostPort(w.dovecot.Addr())
	if err != nil {
		w.t.Fatal(err)
	}
	shost, sport, err := net.SplitHostPort(sink.Addr())
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := w.Inbox.SaveAccount(w.t.Context(), inbox.Viewer{Admin: true}, w.box, inbox.AccountEdit{
		ID: id, Kind: "mail", Name: "Posta tributi", OfficeID: w.urp.Offices[0], Secrets: map[string]string{"imap_password": box.pass},
		Settings: map[string]string{
			"address": w.trib.user, "imap_host": host, "imap_port": port, "imap_security": "plain-local", "imap_user": box.user,
			"smtp_host": shost, "smtp_port": sport, "smtp_security": "plain-local",
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.Reload(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	return a.ID
}

func (w *fleet) post(box mailbox, id string) {
	w.t.Helper()
	mail := fmt.Sprintf("From: P <%s@posta.example>\r\nTo: %s\r\nMessage-ID: <%s@posta.example>\r\nSubject: %s\r\n\r\nBuongiorno.\r\n", id, box.user, id, id)
	if err := w.dovecot.Deliver(box.user, "INBOX", []byte(mail)); err != nil {
		w.t.Fatal(err)
	}
}

// until asks again after each event of any of the processes; a minute at most.
func (w *fleet) until(what string, ok func() bool) {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.t.Context(), time.Minute)
	defer stop()
	any := make(chan struct{}, 1)
	for _, p := range []*town{w.town, w.first, w.other} {
		events, cancel := p.hub.Subscribe(func(live.Event) bool { return true })
		defer cancel()
		go func() {
			for range events {
				select {
				case any <- struct{}{}:
				default:
				}
			}
		}()
	}
	for !ok() {
		select {
		case <-any:
		case <-ctx.Done():
			w.t.Fatal("waited in vain:", what)
		}
	}
}

func (w *fleet) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.DB.Read.NewRaw(query, args...).Scan(w.t.Context(), &n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *fleet) filed(id string) func() bool {
	return func() bool { return w.count("SELECT count(*) FROM messages WHERE subject = ?", id) == 1 }
}

// opened reports whether both workers have the account open in its version of now.
func (w *fleet) opened(id int64) func() bool {
	return func() bool {
		v := int64(w.count("SELECT version FROM accounts WHERE id = ?", id))
		for _, p := range []*town{w.first, w.other} {
			if _, acc, ok := p.Accounts.Channel(id); !ok || acc.Version != v || p.pumps.of(id) == nil || p.pumps.of(id).acc.Version != v {
				return false
			}
		}
		return true
	}
}

// TestAnAccountChangedOnPagesIsTakenUpByTheWorkers: a new one, a wrong and a
// right secret, another mailbox and another server to send by, paused and let go
// on, each within seconds and without a restart, and each mail once.
func TestAnAccountChangedOnPagesIsTakenUpByTheWorkers(t *testing.T) {
	eachFleet(t, func(t *testing.T, w *fleet) {
		ctx, admin := t.Context(), inbox.Viewer{Admin: true}
		id := w.save(0, w.trib, w.sink)
		w.post(w.trib, "nuova")
		w.until("a new account is worked", w.filed("nuova"))

		w.save(id, mailbox{w.trib.user, "sbagliata"}, w.sink)
		w.until("the wrong secret is tried", func() bool {
			return w.count("SELECT count(*) FROM accounts WHERE id = ? AND error_class <> ''", id) == 1
		})
		w.post(w.trib, "corretta")
		w.save(id, w.trib, w.sink)
		w.until("the right secret is tried at once", w.filed("corretta"))

		untouched := w.first.pumps.of(w.first.account("mail-urp"))
		if err := w.Inbox.PauseAccount(ctx, admin, id); err != nil {
			t.Fatal(err)
		}
		w.until("the workers let go of a paused account", func() bool {
			_, _, a := w.first.Accounts.Channel(id)
			_, _, b := w.other.Accounts.Channel(id)
			return !a && !b && w.first.pumps.of(id) == nil && w.other.pumps.of(id) == nil && w.count("SELECT count(*) FROM leases WHERE name = ?", fmt.Sprintf("receive:%d", id)) == 0
		})
		w.post(w.trib, "in pausa")
		if err := w.Inbox.ResumeAccount(ctx, admin, id); err != nil {
			t.Fatal(err)
		}
		w.until("it goes on where it was", w.filed("in pausa"))
		w.until("both workers have it again", w.opened(id))

		w.save(id, w.moved, w.sink2)
		w.until("both workers know the new mailbox", w.opened(id))
		w.post(w.trib, "alla vecchia")
		w.post(w.moved, "alla nuova")
		w.until("mail of the new mailbox comes in", w.filed("alla nuova"))
		if w.filed("alla vecchia")() {
			t.Error("the old mailbox is still read")
		}
		cases, err := w.Inbox.List(ctx, inbox.Viewer{System: true}, inbox.ViewAll, "", 50)
		if err != nil {
			t.Fatal(err)
		}
		before := w.sink.Count()
		for _, c := range cases.Cases {
			if c.Subject == "alla nuova" {
				w.reply([]*inbox.Case{c}, "mail", "Dal nuovo server.")
			}
		}
		got, err := w.sink2.Await(ctx, 1)
		if err != nil || !strings.Contains(string(got[0].Data), "Dal nuovo server.") || w.sink.Count() != before {
			t.Errorf("the answer left by the old server: %v %d", err, w.sink.Count()-before)
		}
		if w.first.pumps.of(w.first.account("mail-urp")) != untouched {
			t.Error("an account that nobody touched was opened anew")
		}
		if n := w.count("SELECT count(*) FROM messages WHERE direction = 'in'"); n != 4 {
			t.Errorf("%d messages, want each of four once", n)
		}
		if n := w.count("SELECT count(*) FROM leases WHERE name = ?", fmt.Sprintf("receive:%d", id)); n != 1 {
			t.Errorf("%d processes receive", n)
		}
	})
}

// TestAPumpWithOldSettingsReceivesNothing: the lease that the other process gave
// up is not taken with settings that are no longer the account's.
func TestAPumpWithOldSettingsReceivesNothing(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		id := w.account("mail-urp")
		p := w.pumps.of(id)
		if ok, err := p.isCurrent(t.Context()); err != nil || !ok {
			t.Fatal(ok, err)
		}
		if _, err := w.DB.Write.NewRaw("UPDATE accounts SET version = version + 1 WHERE id = ?", id).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if ok, err := p.isCurrent(t.Context()); err != nil || ok {
			t.Error("a pump of the former version passes for current", err)
		}
		w.look()
		await(w, func() (bool, bool) {
			q := w.pumps.of(id)
			return true, q != nil && q != p && q.acc.Version == p.acc.Version+1
		})
	})
}

// TestStartingAgainWithTheSameFileTouchesNothing: an account of the file that did
// not change is left alone in the other processes.
func TestStartingAgainWithTheSameFileTouchesNothing(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		version := func() (v int64) {
			t.Helper()
			if err := w.DB.Read.NewRaw("SELECT sum(version) FROM accounts").Scan(t.Context(), &v); err != nil {
				t.Fatal(err)
			}
			return v
		}
		before := version()
		if err := w.Accounts.Sync(t.Context()); err != nil || version() != before {
			t.Error("nothing changed, and yet:", version()-before, err)
		}
		c := w.Accounts.file["desk"]
		c.Name = "Sportello di piazza"
		w.Accounts.file["desk"] = c
		if err := w.Accounts.Sync(t.Context()); err != nil || version() != before+1 {
			t.Error("a new name is one change:", version()-before, err)
		}
		delete(w.Accounts.file, "desk")
		for range 2 {
			if err := w.Accounts.Sync(t.Context()); err != nil || version() != before+2 {
				t.Error("leaving the file is one change:", version()-before, err)
			}
		}
	})
}
