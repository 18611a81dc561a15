package app

import (
	"fmt"
	"log/slog"
	"testing"

	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/testserver"
)

// TestManyProcesses: one process receives and sends, another serves pages, on
// one PostgreSQL and one Redis. A mail that the worker files is told to the
// pages of the other, an answer given there leaves through the worker, and with
// two workers every mail is still one message.
func TestManyProcesses(t *testing.T) {
	redis := testserver.Redis(t)
	worker := newTown(t, dbtest.Postgres(t), "FILODIRETTO_SERVER_ROLES=worker", "FILODIRETTO_REDIS_URL="+redis.URL())
	second := worker.another("worker", redis.URL())
	pages := worker.another("web", redis.URL())
	if pages.Addr() == "" || worker.Addr() != "" {
		t.Error("only the web role listens", pages.Addr(), worker.Addr())
	}
	const n = 40
	for i := range n {
		mail := fmt.Sprintf("From: P%d <p%d@posta.example>\r\nTo: %s\r\nMessage-ID: <m%d@posta.example>\r\nSubject: Numero %d\r\n\r\nBuongiorno.\r\n", i, i, boxUser, i, i)
		if err := worker.dovecot.Deliver(boxUser, "INBOX", []byte(mail)); err != nil {
			t.Fatal(err)
		}
	}
	cases := pages.awaitCases(n) // waits on the live events of the other process
	if len(cases) != n {
		t.Fatal(len(cases), "cases")
	}
	pages.reply(cases, "mail", "Risposta da un'altra macchina.")
	if _, err := worker.sink.Await(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	_ = second
	var sent, raws int
	if err := pages.DB.Read.NewRaw("SELECT count(*) FROM messages WHERE direction = 'in'").Scan(t.Context(), &raws); err != nil || raws != n {
		t.Error("messages:", raws, err)
	}
	await(pages, func() (int, bool) {
		err := pages.DB.Read.NewRaw("SELECT count(*) FROM deliveries WHERE state = 'accepted'").Scan(t.Context(), &sent)
		if err != nil {
			t.Fatal(err)
		}
		return sent, sent == 1
	})
}

// another starts one more process of the same town.
func (w *town) another(role, redisURL string) *town {
	w.t.Helper()
	o := &town{t: w.t, url: w.url, api: w.api, dovecot: w.dovecot, sink: w.sink, bot: w.bot, urp: w.urp}
	cfg := townConfig(w.t, o, w.url, w.api, []string{"FILODIRETTO_SERVER_ROLES=" + role, "FILODIRETTO_REDIS_URL=" + redisURL})
	cfg.Files = w.Config.Files
	a, err := New(w.t.Context(), cfg, slog.New(slog.NewTextHandler(w.t.Output(), nil)))
	if err != nil {
		w.t.Fatal(err)
	}
	o.App = a
	if err := a.Start(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			w.t.Error("stop:", err)
		}
	})
	return o
}
