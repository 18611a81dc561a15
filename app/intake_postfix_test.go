package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/config"
	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/testserver"
)

const townDomain = "comune.pontelieto.example"

// relay is a running program to which a real Postfix hands the town's mail over,
// and through which it sends. What leaves for other towns arrives at the sink.
type relay struct {
	*town
	postfix *testserver.PostfixServer
	dir     string
	listen  string // of the pages and the API
}

// newRelay starts all of it. The mailbox has no IMAP and no password.
func newRelay(t *testing.T, url string, opts testserver.PostfixOptions) *relay {
	t.Helper()
	return newRelayAt(t, url, "127.0.0.1:0", opts)
}

func newRelayAt(t *testing.T, url, listen string, opts testserver.PostfixOptions) *relay {
	t.Helper()
	dir, err := os.MkdirTemp("", "fd-relay-") // the folders of t.TempDir are closed to Postfix
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	sink := testserver.SMTPSink(t)
	socket := filepath.Join(dir, "lmtp.sock")
	opts.Domains = []string{townDomain}
	if opts.Transport == "" {
		opts.Transport = "lmtp:unix:" + socket
	}
	if opts.Elsewhere == nil {
		opts.Elsewhere = map[string]string{}
	}
	opts.Elsewhere["posta.example"] = "smtp:" + testserver.Bracketed(sink.Addr())
	w := &relay{town: &town{t: t, url: url, sink: sink}, postfix: testserver.Postfix(t, opts), dir: dir, listen: listen}
	w.App = w.run(w.config(socket))
	dirs, err := w.Router.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.urp = inbox.Viewer{OperatorID: 1, Name: "Giulia", Offices: []int64{dirs.OfficeByKey("urp").ID}, FrontDesk: true}
	return w
}

func (w *relay) run(c *config.Config) *App {
	w.t.Helper()
	a, err := New(w.t.Context(), c, slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := a.Start(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			w.t.Error("stop:", err)
		}
	})
	return a
}

func (w *relay) config(socket string) *config.Config {
	w.t.Helper()
	file := filepath.Join(w.dir, "filodiretto.toml")
	writeFile(w.t, file, relayConfig(w.url, w.listen, w.dir, "unix:"+socket, w.postfix.Addr()))
	c, err := config.Load(file, nil, Drivers())
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// relayConfig is a town whose mail is handed over.
func relayConfig(url, listen, dir, lmtp, smtpAddr string) string {
	host, port, _ := net.SplitHostPort(smtpAddr)
	return fmt.Sprintf(`
[municipality]
name = "Comune di Pontelieto"
case_prefix = "PL"
public_url = "http://localhost:8080"
[server]
listen = "%s"
[database]
url = "%s"
[files]
url = "dir:%s"
[security]
master_key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
[intake]
lmtp = "%s"
lmtp_socket_mode = "0666"
[[channel]]
id = "mail-urp"
kind = "mail"
office = "urp"
name = "Posta URP"
address = "%s"
aliases = ["anagrafe@%s"]
reading = "handed"
smtp_host = "%s"
smtp_port = %s
smtp_security = "plain-local"
plus_addressing = true
`, listen, url, filepath.Join(dir, "files"), lmtp, boxUser, townDomain, host, port)
}

func eachRelay(t *testing.T, opts testserver.PostfixOptions, f func(t *testing.T, w *relay)) {
	t.Run("sqlite", func(t *testing.T) { f(t, newRelay(t, dbtest.SQLite(t), opts)) })
	t.Run("postgres", func(t *testing.T) { f(t, newRelay(t, dbtest.Postgres(t), opts)) })
}

// post gives a mail to Postfix, as the outer world does.
func (w *relay) post(id, from, size string, to ...string) {
	w.t.Helper()
	body := fmt.Sprintf("From: %s\r\nTo: %s\r\nMessage-ID: <%s@posta.example>\r\nSubject: %s\r\n\r\nBuongiorno.\r\n%s", from, strings.Join(to, ", "), id, id, size)
	if err := smtp.SendMail(w.postfix.Addr(), nil, from, to, []byte(body)); err != nil {
		w.t.Fatal(err)
	}
}

// awaitQueue flushes Postfix's queue until what is in it pleases.
func (w *relay) awaitQueue(what string, pleases func(queue []queued) bool) {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.t.Context(), time.Minute)
	defer stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		q := w.queue(ctx)
		if pleases(q) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.t.Fatalf("Postfix's queue is not %s: %+v", what, q)
		}
	}
}

// queued is a message in Postfix's queue.
type queued struct {
	Name       string `json:"queue_name"`
	Recipients []struct {
		Address string `json:"address"`
		Reason  string `json:"delay_reason"`
	} `json:"recipients"`
}

func (w *relay) queue(ctx context.Context) []queued {
	w.t.Helper()
	lines, err := w.postfix.Queue(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []queued
	for _, line := range lines {
		var q queued
		if err := json.Unmarshal([]byte(line), &q); err != nil {
			w.t.Fatal(line, err)
		}
		out = append(out, q)
	}
	return out
}

// deferredFor says that something waits because of the words.
func deferredFor(words string) func([]queued) bool {
	return func(list []queued) bool {
		for _, q := range list {
			for _, r := range q.Recipients {
				if q.Name == "deferred" && strings.Contains(r.Reason, words) {
					return true
				}
			}
		}
		return false
	}
}

func empty(list []queued) bool { return len(list) == 0 }

// count asks the database for a number.
func (w *relay) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.DB.Read.NewRaw(query, args...).Scan(w.t.Context(), &n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

const messagesIn = "SELECT count(*) FROM messages WHERE direction = 'in'"

// TestRule81cPostfix: a real Postfix hands mail over; it becomes a case, also for
// an alias and an address with a detail. Whoever is not here is told so to the
// sender by Postfix itself, and the mailbox shows when it last got mail.
func TestRule81cPostfix(t *testing.T) {
	eachRelay(t, testserver.PostfixOptions{}, func(t *testing.T, w *relay) {
		w.post("m1", "lucia@posta.example", "", boxUser)
		w.post("m2", "mario@posta.example", "", "Anagrafe@"+townDomain, "urp+qualcosa@"+townDomain)
		w.post("m3", "anna@posta.example", "", boxUser, "nessuno@"+townDomain)
		if cases := w.awaitCases(3); len(cases) != 3 {
			t.Errorf("%d cases", len(cases))
		}
		bounced, err := w.sink.Await(t.Context(), 1)
		if err != nil || bounced[0].To != "anna@posta.example" || !strings.Contains(string(bounced[0].Data), "5.1.1") || !strings.Contains(string(bounced[0].Data), "nessuno@"+townDomain) {
			t.Error(bounced, err)
		}
		w.awaitQueue("empty", empty)
		if n := w.count(messagesIn); n != 3 {
			t.Errorf("%d messages", n)
		}
		acc, err := w.Inbox.Account(t.Context(), w.account("mail-urp"))
		if err != nil || acc.LastOkAt.IsZero() {
			t.Error("no sign of life of a mailbox that got mail", err)
		}
	})
}

// TestRule81cStorageAway: while large bodies cannot be stored, and while the
// database is stopped, Postfix keeps the mail; then each message is filed once.
func TestRule81cStorageAway(t *testing.T) {
	large := strings.Repeat(strings.Repeat("a", 70)+"\r\n", 20_000)
	eachRelay(t, testserver.PostfixOptions{}, func(t *testing.T, w *relay) {
		files := filepath.Join(w.dir, "files")
		if err := errors.Join(os.Rename(files, files+".away"), os.WriteFile(files, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		w.post("grande", "lucia@posta.example", large, boxUser)
		w.awaitQueue("waiting for the store", deferredFor("451"))
		if err := errors.Join(os.Remove(files), os.Rename(files+".away", files), w.postfix.Flush(t.Context())); err != nil {
			t.Fatal(err)
		}
		w.awaitCases(1)
		w.awaitQueue("empty", empty)
		if n := w.count(messagesIn); n != 1 {
			t.Errorf("%d messages", n)
		}
	})
	t.Run("the database is stopped", func(t *testing.T) {
		pg, err := testserver.StartPostgres("", testserver.PostgresOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pg.Stop)
		url, err := pg.Create(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		w := newRelay(t, url, testserver.PostfixOptions{})
		w.post("m0", "lucia@posta.example", "", boxUser)
		w.awaitCases(1)
		http := &handing{t: t, addr: w.Addr(), token: w.intakeToken(t)}
		if _, err := http.ask(t.Context(), handedBody("h0", false)); err != nil {
			t.Fatal(err)
		}
		w.awaitCases(2)
		pg.Halt()
		if res, err := http.ask(t.Context(), handedBody("h1", false)); err != nil || res.StatusCode != 503 || res.Header.Get("Retry-After") == "" {
			t.Error("over HTTP:", res, err)
		}
		const n = 5
		for i := range n {
			w.post(fmt.Sprint("m", i+1), "lucia@posta.example", "", boxUser)
		}
		w.awaitQueue("waiting for the database", func(list []queued) bool { return len(list) == n && deferredFor("451")(list) })
		if err := pg.Start(); err != nil {
			t.Fatal(err)
		}
		w.awaitQueue("empty", func(list []queued) bool { // some are tried while old connections are found out to be dead
			if err := w.postfix.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			return empty(list)
		})
		http.until(t.Context(), func() error { return http.http(t.Context(), handedBody("h1", false)) })
		w.awaitCases(3 + n)
		if got := w.count(messagesIn); got != 3+n {
			t.Errorf("%d messages of %d", got, 3+n)
		}
	})
}

// TestRule59PostfixReports: an answer to somebody who does not exist comes back as
// Postfix's own report, marks the delivery as failed and opens the case again; one
// that is only late does neither (mail rules 59, 60 and 63).
func TestRule59PostfixReports(t *testing.T) {
	late := map[string]string{"lento.example": "smtp:[127.0.0.1]:1"}
	eachRelay(t, testserver.PostfixOptions{Delay: "1s", Elsewhere: late}, func(t *testing.T, w *relay) {
		w.post("m1", "sparito@"+townDomain, "", boxUser)
		w.post("m2", "lento@lento.example", "", boxUser)
		by := map[string]*inbox.Case{}
		for _, c := range w.awaitCases(2) {
			by[c.Subject] = c
			w.answerAndClose(c)
		}
		await(w.town, func() (string, bool) { s := w.stateOf(by["m1"]); return s, s == "failed" })
		if n := w.count("SELECT count(*) FROM cases WHERE id = ? AND failed AND status <> 'closed'", by["m1"].ID); n != 1 {
			t.Error("the case of the answer that failed is not open again")
		}
		// A report of delay comes when Postfix has tried again after a second.
		w.awaitQueue("told as late", func([]queued) bool {
			if err := w.postfix.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			return w.count("SELECT count(*) FROM deliveries AS d JOIN messages AS m ON m.id = d.message_id WHERE m.case_id = ? AND d.delayed", by["m2"].ID) == 1
		})
		if s := w.stateOf(by["m2"]); s != "accepted" {
			t.Errorf("an answer that is late is %q", s)
		}
		if n := w.count("SELECT count(*) FROM cases WHERE id = ? AND NOT failed AND status = 'closed'", by["m2"].ID); n != 1 {
			t.Error("an answer that is late opened the case again")
		}
	})
}

// Rule 59: of a mail to several only mail systems know the id of each envelope, which
// Postfix brings back: its reports are proof, and not doubts as those of whoever got
// the mail.
func TestRule59PostfixNamesTheEnvelope(t *testing.T) {
	eachRelay(t, testserver.PostfixOptions{}, func(t *testing.T, w *relay) {
		w.post("m1", "sparito@"+townDomain, "", boxUser)
		w.answerAndClose(w.awaitCases(1)[0], "altrove@"+townDomain)
		await(w.town, func() (int, bool) {
			n := w.count("SELECT count(*) FROM deliveries WHERE state = 'failed' AND code = '5.1.1' AND class = 'recipient_gone'")
			return n, n == 2
		})
	})
}

// answerAndClose answers a case and closes it before the answer leaves.
func (w *relay) answerAndClose(c *inbox.Case, copies ...string) {
	w.t.Helper()
	var identity int64
	if err := w.DB.Read.NewRaw("SELECT identity_id FROM messages WHERE id = ?", c.LastInID).Scan(w.t.Context(), &identity); err != nil {
		w.t.Fatal(err)
	}
	var cc []inbox.Recipient
	for _, address := range copies {
		cc = append(cc, inbox.Recipient{Address: address, Confirmed: true})
	}
	_, err := w.Inbox.Reply(w.t.Context(), w.urp, inbox.ReplyCommand{
		CaseID: c.ID, SeenInID: c.LastInID, AccountID: c.AccountID,
		To: []inbox.Recipient{{IdentityID: identity}}, Cc: cc, Text: "La risposta.", Undo: time.Second,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Inbox.Close(w.t.Context(), w.urp, c.ID, 0, 0, "done"); err != nil {
		w.t.Fatal(err)
	}
}

// stateOf is how the answer on a case fares.
func (w *relay) stateOf(c *inbox.Case) (s string) {
	w.t.Helper()
	err := w.DB.Read.NewRaw("SELECT d.state FROM deliveries AS d JOIN messages AS m ON m.id = d.message_id WHERE m.case_id = ? AND m.origin = 'operator'", c.ID).Scan(w.t.Context(), &s)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// TestRule81cPostfixPipe: the line of docs/mail.md by which Postfix hands mail over
// with curl. While nothing can be stored, or the token is wrong, Postfix keeps it.
func TestRule81cPostfixPipe(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("curl is not installed: apt-get install curl")
	}
	manual, err := os.ReadFile("../docs/mail.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(manual), "# /etc/postfix/master.cf: one line\n")
	service, _, found := strings.Cut(after, "\n")
	if !found {
		t.Fatal("docs/mail.md has no line for master.cf")
	}
	dir, err := os.MkdirTemp("", "fd-pipe-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("Authorization: Bearer fd_falso\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	listen := freeAddr(t)
	service = strings.NewReplacer("user=filo ", "user=nobody ", "/etc/postfix/filodiretto.token", token, "https://filo.comune.pontelieto.it", "http://"+listen).Replace(service)
	w := newRelayAt(t, dbtest.SQLite(t), listen, testserver.PostfixOptions{
		Transport: "filodiretto:", Services: service + "\n", More: []string{"filodiretto_destination_recipient_limit = 1"},
	})
	w.post("m1", "lucia@posta.example", "", "urp+c.1.abc@"+townDomain)
	w.awaitQueue("waiting for a token", func(list []queued) bool { return len(list) == 1 && list[0].Name == "deferred" })
	if err := os.WriteFile(token, []byte("Authorization: Bearer "+w.intakeToken(t)+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	files := filepath.Join(w.dir, "files")
	if err := errors.Join(os.Rename(files, files+".away"), os.WriteFile(files, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	w.post("grande", "mario@posta.example", strings.Repeat(strings.Repeat("a", 70)+"\r\n", 20_000), boxUser)
	w.awaitQueue("waiting for the store", func(list []queued) bool { return len(list) == 2 && deferredFor("503")(list) })
	if err := errors.Join(os.Remove(files), os.Rename(files+".away", files), w.postfix.Flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	w.awaitCases(2)
	w.awaitQueue("empty", empty)
	if n := w.count(messagesIn); n != 2 {
		t.Errorf("%d messages", n)
	}
	if n := w.count("SELECT count(*) FROM raws WHERE stream = 'http' AND meta LIKE '%lucia@posta.example%' AND meta LIKE '%urp+c.1.abc@%'"); n != 1 {
		t.Error("the envelope did not come along")
	}
}

// freeAddr is an address of this machine on which nobody listened a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
