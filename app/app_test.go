package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"filodiretto/channels/telegram/standin"
	"filodiretto/inbox"
	"filodiretto/internal/config"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/live"
	"filodiretto/internal/testserver"
)

// town is a running program with a real mail server and the Telegram stand-in.
type town struct {
	*App
	t       testing.TB
	url     string
	api     string
	dovecot *testserver.DovecotServer
	sink    *testserver.Sink
	bot     *standin.Server
	urp     inbox.Viewer
}

const boxUser, boxPass = "urp@comune.pontelieto.example", "segreta-di-prova"

func eachTown(t *testing.T, f func(t *testing.T, w *town)) {
	t.Run("sqlite", func(t *testing.T) { f(t, newTown(t, dbtest.SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { f(t, newTown(t, dbtest.Postgres(t))) })
}

func newTown(t testing.TB, url string, env ...string) *town {
	t.Helper()
	w := &town{t: t, url: url, dovecot: testserver.Dovecot(t), sink: testserver.SMTPSink(t), bot: standin.New(standin.Options{})}
	if err := w.dovecot.Account(boxUser, boxPass); err != nil {
		t.Fatal(err)
	}
	api, err := w.bot.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.bot.Close)
	w.api = api
	a, err := New(t.Context(), townConfig(t, w, url, api, env), slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	w.App = a
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Error("stop:", err)
		}
	})
	dir, err := a.Router.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.urp = inbox.Viewer{OperatorID: 1, Name: "Giulia", Offices: []int64{dir.OfficeByKey("urp").ID}, FrontDesk: true}
	return w
}

func townConfig(t testing.TB, w *town, url, api string, more []string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	host, port, err := net.SplitHostPort(w.dovecot.Addr())
	if err != nil {
		t.Fatal(err)
	}
	shost, sport, err := net.SplitHostPort(w.sink.Addr())
	if err != nil {
		t.Fatal(err)
	}
	env := []string{
		"FILODIRETTO_MUNICIPALITY_NAME=Comune di Pontelieto", "FILODIRETTO_MUNICIPALITY_CASE_PREFIX=PL",
		"FILODIRETTO_MUNICIPALITY_PUBLIC_URL=http://localhost:8080", "FILODIRETTO_SERVER_LISTEN=127.0.0.1:0",
		"FILODIRETTO_DATABASE_URL=" + url, "FILODIRETTO_FILES_URL=dir:" + filepath.Join(dir, "files"),
		"FILODIRETTO_SECURITY_MASTER_KEY=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
	}
	file := filepath.Join(dir, "filodiretto.toml")
	writeFile(t, file, fmt.Sprintf(`
[[channel]]
id = "mail-urp"
kind = "mail"
office = "urp"
name = "Posta URP"
address = "%s"
imap_host = "%s"
imap_port = %s
imap_security = "plain-local"
imap_user = "%s"
imap_password = "%s"
smtp_host = "%s"
smtp_port = %s
smtp_security = "plain-local"

[[channel]]
id = "bot"
kind = "telegram"
office = "urp"
name = "Telegram"
token = "%s"
api_url = "%s"

[[channel]]
id = "desk"
kind = "counter"
office = "urp"
name = "Sportello"
`, boxUser, host, port, boxUser, boxPass, shost, sport, w.bot.Token(), apiURL(api)))
	c, err := config.Load(file, append(env, more...), Drivers())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func apiURL(s string) string {
	if strings.HasPrefix(s, "http") {
		return s
	}
	return "http://" + s
}

// awaitCases waits until there are n cases and gives them, oldest first.
func (w *town) awaitCases(n int) []*inbox.Case {
	w.t.Helper()
	return await(w, func() ([]*inbox.Case, bool) {
		p, err := w.Inbox.List(w.t.Context(), inbox.Viewer{System: true}, inbox.ViewAll, "", 200)
		if err != nil {
			w.t.Fatal(err)
		}
		return p.Cases, len(p.Cases) >= n
	})
}

// await asks again after each live event until ok; a minute at most.
func await[T any](w *town, ask func() (T, bool)) T {
	w.t.Helper()
	events, cancel := w.hub.Subscribe(func(live.Event) bool { return true })
	defer cancel()
	ctx, stop := context.WithTimeout(w.t.Context(), time.Minute)
	defer stop()
	for {
		if v, ok := ask(); ok {
			return v
		}
		select {
		case <-events:
		case <-ctx.Done():
			w.t.Fatal("waited in vain")
		}
	}
}

// TestTheMainStory is the issue's: mail, Telegram and a visit of one person,
// three contacts; a link that the system proposes and a person confirms; answers
// that arrive where the citizen wrote; a failed delivery that shows.
func TestTheMainStory(t *testing.T) {
	eachTown(t, func(t *testing.T, w *town) {
		ctx := t.Context()
		if err := w.dovecot.Deliver(boxUser, "INBOX", []byte("From: Lucia Ferrante <lucia.ferrante@posta.example>\r\nTo: "+boxUser+"\r\nMessage-ID: <l1@posta.example>\r\nSubject: Ponteggio\r\n\r\nBuongiorno, il mio numero è 347 555 0142.\r\n")); err != nil {
			t.Fatal(err)
		}
		w.awaitCases(1)
		lucia := standin.User{ID: 5550001234, First: "Lucia", Last: "Ferrante", Username: "lucia_f", Lang: "it"}
		w.bot.AddUser(lucia)
		w.bot.Say(lucia, "Buongiorno, avete visto la mia mail?")
		w.awaitCases(2)
		if _, err := w.Inbox.RecordVisit(ctx, w.urp, inbox.Visit{AccountID: w.account("desk"), Key: "v1", Person: "Lucia Ferrante", Phone: "347 5550142", Subject: "Ponteggio", Text: "Porta la domanda."}); err != nil {
			t.Fatal(err)
		}
		cases := w.awaitCases(3)
		if len(cases) != 3 {
			t.Fatal(len(cases), "cases")
		}
		w.reply(cases, "mail", "La risposta via posta.")
		got, err := w.sink.Await(ctx, 1)
		if err != nil || !strings.Contains(string(got[0].Data), "La risposta via posta.") {
			t.Fatal(err, got)
		}
		w.reply(cases, "telegram", "La risposta in chat.")
		if _, err := w.bot.AwaitSent(ctx, 0, standin.To(lucia)); err != nil {
			t.Fatal(err)
		}
		n := 0
		if err := w.DB.Read.NewRaw("SELECT count(*) FROM proposals WHERE state = 'open'").Scan(ctx, &n); err != nil || n == 0 {
			t.Error("the same telephone number proposes a link", n, err)
		}
	})
}

func (w *town) account(key string) int64 {
	for _, a := range w.Accounts.Open() {
		if a.Key == key {
			return a.ID
		}
	}
	w.t.Fatal("no account", key)
	return 0
}

func (w *town) reply(cases []*inbox.Case, channel, text string) {
	w.t.Helper()
	for _, c := range cases {
		if c.Channel != channel {
			continue
		}
		var identity int64
		if err := w.DB.Read.NewRaw("SELECT identity_id FROM messages WHERE id = ?", c.LastInID).Scan(w.t.Context(), &identity); err != nil {
			w.t.Fatal(err)
		}
		_, err := w.Inbox.Reply(w.t.Context(), w.urp, inbox.ReplyCommand{
			CaseID: c.ID, SeenInID: c.LastInID, AccountID: c.AccountID,
			To: []inbox.Recipient{{IdentityID: identity}}, Text: text, Undo: inbox.AtOnce,
		})
		if err != nil {
			w.t.Fatal(channel, strconv.FormatInt(c.ID, 10), err)
		}
		return
	}
	w.t.Fatal("no case of", channel)
}
