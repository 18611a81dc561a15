package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"filodiretto/inbox"
	"filodiretto/internal/config"
	"filodiretto/internal/db/dbtest"
	"filodiretto/router"
)

// TestRule81cKilled kills the program at moments of chance while mail is handed
// over to it by LMTP and by HTTP. Whoever hands over keeps each message until it is
// answered, as a mail server does, and sometimes does not hear the answer. In the
// end every message is here once (mail rules 19, 24 and 81c).
func TestRule81cKilled(t *testing.T) {
	for name, url := range map[string]string{"sqlite": dbtest.SQLite(t), "postgres": dbtest.Postgres(t)} {
		t.Run(name, func(t *testing.T) { killedWhileHanded(t, url) })
	}
}

// handing is a mail server of our own: it keeps what is not answered.
type handing struct {
	t            *testing.T
	socket, addr string
	token        string
	sent         atomic.Int64 // messages that were answered
	tries, again atomic.Int64
}

func killedWhileHanded(t *testing.T, url string) {
	const senders, each, kills = 4, 60, 8
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	dir := t.TempDir()
	h := &handing{t: t, socket: filepath.Join(dir, "l.sock"), addr: freeAddr(t)}
	file := filepath.Join(dir, "filodiretto.toml")
	writeFile(t, file, relayConfig(url, h.addr, dir, "unix:"+h.socket, "127.0.0.1:1"))
	h.token = intakeToken(t, file)

	var group sync.WaitGroup
	for s := range senders {
		group.Go(func() {
			for i := range each {
				body := handedBody(fmt.Sprintf("k%d.%d", s, i), i%10 == 9)
				if s%2 == 0 {
					h.until(ctx, func() error { return h.lmtp(body) })
				} else {
					h.until(ctx, func() error { return h.http(ctx, body) })
				}
				h.sent.Add(1)
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	random := rand.New(rand.NewPCG(7, 81))
	for round := range kills {
		running := child(t, file)
		// it dies when a share of the messages has been taken, and a moment of chance later
		for h.sent.Load() < int64(senders*each*(round+1)/(kills+2)) && ctx.Err() == nil {
			wait(ctx, time.Millisecond)
		}
		wait(ctx, time.Duration(random.IntN(3000))*time.Microsecond)
		if err := running.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = running.Wait()
	}
	last := child(t, file)
	select {
	case <-done:
	case <-ctx.Done():
		t.Fatalf("%d of %d messages were handed over", h.sent.Load(), senders*each)
	}
	if err := last.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = last.Wait()
	h.count(file, senders*each)
	t.Logf("%d kills; %d messages; %d tries; %d times a message was known already", kills, senders*each, h.tries.Load(), h.again.Load())
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// until tries a message until it is answered.
func (h *handing) until(ctx context.Context, try func() error) {
	for ctx.Err() == nil {
		h.tries.Add(1)
		if err := try(); err == nil {
			return
		}
		wait(ctx, 10*time.Millisecond)
	}
}

func handedBody(id string, large bool) string {
	more := ""
	if large {
		more = strings.Repeat("0123456789abcdef0123456789abcdef\r\n", 20_000)
	}
	return "From: Lucia <" + id + "@posta.example>\r\nTo: " + boxUser + "\r\nMessage-ID: <" + id + "@posta.example>\r\nSubject: " + id + "\r\n\r\nBuongiorno.\r\n" + more
}

var errUnheard = errors.New("the answer was not heard")

func (h *handing) lmtp(body string) error {
	conn, err := net.DialTimeout("unix", h.socket, time.Second)
	if err != nil {
		return err
	}
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	c := gosmtp.NewClientLMTP(conn)
	defer c.Close()
	if err := c.Mail("lucia@posta.example", nil); err != nil {
		return err
	}
	if err := c.Rcpt(boxUser, nil); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, body); err != nil {
		return err
	}
	if _, err := w.CloseWithLMTPResponse(); err != nil {
		return err
	}
	if rand.IntN(20) == 0 {
		return errUnheard // as if the line had broken before the 250
	}
	return nil
}

func (h *handing) http(ctx context.Context, body string) error {
	res, err := h.ask(ctx, body)
	if err != nil {
		return err
	}
	switch res.StatusCode {
	case http.StatusOK:
		h.again.Add(1)
	case http.StatusCreated:
	default:
		return fmt.Errorf("status %d", res.StatusCode)
	}
	if rand.IntN(20) == 0 {
		return errUnheard
	}
	return nil
}

// ask hands a message over once.
func (h *handing) ask(ctx context.Context, body string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+h.addr+"/api/v1/intake/mail/mail-urp", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "message/rfc822")
	r.Header.Set("Authorization", "Bearer "+h.token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res, err
}

// count looks for every message in the database, after one more life has filed
// what was left.
func (h *handing) count(file string, n int) {
	h.t.Helper()
	w := &relay{town: &town{t: h.t}}
	c, err := config.Load(file, nil, Drivers())
	if err != nil {
		h.t.Fatal(err)
	}
	w.App = w.run(c)
	w.awaitCases(1)
	await(w.town, func() (int, bool) {
		left := w.count("SELECT count(*) FROM raws WHERE state = 'pending'")
		return left, left == 0
	})
	if got := w.count("SELECT count(*) FROM raws"); got != n {
		h.t.Errorf("%d originals of %d messages", got, n)
	}
	if got := w.count(messagesIn); got != n {
		h.t.Errorf("%d messages of %d", got, n)
	}
	if got := w.count("SELECT count(DISTINCT external_id) FROM messages WHERE direction = 'in'"); got != n {
		h.t.Errorf("%d different messages of %d", got, n)
	}
}

// intakeToken makes a token by which mail is handed over, with the program itself.
func intakeToken(t *testing.T, file string) string {
	t.Helper()
	c, err := config.Load(file, nil, Drivers())
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), c, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	return a.intakeToken(t)
}

func (a *App) intakeToken(t *testing.T) string {
	t.Helper()
	o, err := a.Router.SaveOperator(t.Context(), inbox.Viewer{System: true}, router.Operator{Login: "posta", Name: "Server di posta", Password: "x", Lang: "it"}, []router.Membership{{Role: router.Administrator}})
	if err != nil {
		t.Fatal(err)
	}
	dir, err := a.Router.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v, ok := dir.Viewer(o.ID)
	if !ok {
		t.Fatal("nobody")
	}
	word, _, err := a.Router.CreateToken(t.Context(), v, "postfix", []router.Scope{router.ScopeIntake}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return word
}
