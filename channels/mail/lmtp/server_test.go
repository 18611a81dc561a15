package lmtp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/clock"
)

// store keeps what is accepted; down makes it refuse.
type store struct {
	mu    sync.Mutex
	down  bool // nothing can be stored
	away  bool // nobody can say whether it exists
	items map[string]channels.Raw
	files map[string][]byte
}

var errDown = errors.New("the database is away")

func (s *store) Take(_ context.Context, via string, it channels.Raw) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down || via != "lmtp" {
		return errDown
	}
	if _, there := s.items[it.DedupKey]; !there {
		s.items[it.DedupKey] = it
	}
	return nil
}

func (s *store) Store(_ context.Context, r io.Reader) (string, int64, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return "", 0, err
	}
	sum := sha256.Sum256(b)
	name := hex.EncodeToString(sum[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = b
	return name, int64(len(b)), nil
}

func start(t *testing.T, boxes map[string]*store) string {
	t.Helper()
	for _, s := range boxes {
		s.items, s.files = map[string]channels.Raw{}, map[string][]byte{}
	}
	srv := New(Settings{
		Find: func(_ context.Context, a string) (Box, bool, error) {
			local, domain, _ := strings.Cut(a, "@")
			local, _, _ = strings.Cut(local, "+")
			s, ok := boxes[local+"@"+domain]
			if ok && s.away {
				return Box{}, false, errDown
			}
			return Box{int64(len(local)), s}, ok, nil
		},
		Max: 4 << 20, Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
	})
	l, err := Listen(Door{Where: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := errors.Join(srv.Close(ctx), <-done); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// hand gives a message over and returns the answers by recipient.
func hand(t *testing.T, addr string, body []byte, to ...string) map[string]error {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClientLMTP(conn)
	defer c.Close()
	answers := map[string]error{}
	if err := c.Mail("anna@posta.example", nil); err != nil {
		t.Fatal(err)
	}
	for _, a := range to {
		if err := c.Rcpt(a, nil); err != nil {
			answers[a] = err
		}
	}
	w, err := c.Data()
	if err != nil {
		return answers
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	var failed smtp.LMTPDataError
	if _, err = w.CloseWithLMTPResponse(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	for a, e := range failed {
		answers[a] = e
	}
	return answers
}

func code(err error) int {
	var e *smtp.SMTPError
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// Rule 81c: one answer for each recipient; "later" while nothing can be
// stored, and then the same bytes are taken once.
func TestRule81cHandedOver(t *testing.T) {
	urp, vigili := &store{}, &store{}
	addr := start(t, map[string]*store{"urp@comune.example": urp, "vigili@comune.example": vigili})
	body := []byte("From: anna@posta.example\r\nSubject: ciao\r\n\r\n..testo\r\n")
	vigili.down = true
	got := hand(t, addr, body, "URP@comune.example", "vigili@comune.example", "nessuno@comune.example")
	if len(got) != 2 || code(got["vigili@comune.example"]) != 451 || code(got["nessuno@comune.example"]) != 550 {
		t.Errorf("answers %v", got)
	}
	vigili.down = false
	for range 3 {
		if got := hand(t, addr, body, "urp@comune.example", "vigili@comune.example"); len(got) != 0 {
			t.Errorf("answers %v", got)
		}
	}
	for name, s := range map[string]*store{"urp": urp, "vigili": vigili} {
		if len(s.items) != 1 {
			t.Errorf("%s has %d messages", name, len(s.items))
		}
		for _, it := range s.items {
			if !bytes.Equal(it.Body, body) || it.Meta["envelope_from"] != "anna@posta.example" || it.ReceivedAt.IsZero() {
				t.Errorf("%s: %+v", name, it)
			}
		}
	}
}

// Rule 81c: an address with a detail and the one without are one account, whose
// message knows both; where nobody can tell whether a mailbox exists, the answer
// is no "no".
func TestRule81cRecipients(t *testing.T) {
	urp, vigili := &store{}, &store{}
	addr := start(t, map[string]*store{"urp@comune.example": urp, "vigili@comune.example": vigili})
	vigili.away = true
	got := hand(t, addr, []byte("Subject: x\r\n\r\nTesto.\r\n"), "urp@comune.example", "urp+c.1a.AbC@comune.example", "vigili@comune.example", "urp@altrove.example")
	want := map[string]int{"vigili@comune.example": 451, "urp@altrove.example": 550}
	if len(got) != len(want) {
		t.Errorf("answers %v", got)
	}
	for to, c := range want {
		if code(got[to]) != c {
			t.Errorf("%s is answered %v", to, got[to])
		}
	}
	if len(urp.items) != 1 {
		t.Fatalf("%d messages", len(urp.items))
	}
	for _, it := range urp.items {
		if it.Meta[mail.MetaEnvelopeTo] != "urp@comune.example, urp+c.1a.AbC@comune.example" {
			t.Errorf("recipients %q", it.Meta[mail.MetaEnvelopeTo])
		}
	}
}

// Rules 11 and 81c: a large message goes through a file, for one account and for
// several; one that is too large is refused for good, whether its size was
// announced or not.
func TestRule81cLarge(t *testing.T) {
	urp, vigili := &store{}, &store{}
	addr := start(t, map[string]*store{"urp@comune.example": urp, "vigili@comune.example": vigili})
	line := strings.Repeat("a", 76) + "\r\n"
	body := []byte("Subject: x\r\n\r\n" + strings.Repeat(line, 3<<20/len(line)))
	for _, to := range [][]string{{"urp@comune.example"}, {"urp@comune.example", "vigili@comune.example"}} {
		if got := hand(t, addr, body, to...); len(got) != 0 {
			t.Fatalf("answers %v", got)
		}
	}
	for _, s := range []*store{urp, vigili} {
		if len(s.items) != 1 {
			t.Errorf("%d messages", len(s.items))
		}
		for _, it := range s.items {
			if it.Body != nil || !bytes.Equal(s.files[it.Blob], body) {
				t.Errorf("blob %q of %d bytes", it.Blob, it.Size)
			}
		}
	}
	huge := append(body, body...)
	for _, to := range [][]string{{"urp@comune.example"}, {"urp@comune.example", "vigili@comune.example"}} {
		got := hand(t, addr, huge, to...)
		for _, a := range to {
			if code(got[a]) != 552 {
				t.Errorf("%s is answered %v", a, got[a])
			}
		}
	}
	if len(urp.items) != 1 || len(vigili.items) != 1 {
		t.Error("a message that was refused was kept")
	}
	if err := announce(t, addr, 5<<20); code(err) != 552 {
		t.Errorf("an announced size is answered %v", err)
	}
}

// announce says the size of a message before it is sent.
func announce(t *testing.T, addr string, size int64) error {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClientLMTP(conn)
	defer c.Close()
	return c.Mail("anna@posta.example", &smtp.MailOptions{Size: size})
}

// A server that closes does not wait for connections on which nothing goes on:
// Postfix keeps them open for the next message.
func TestCloseWithIdleConnections(t *testing.T) {
	srv := New(Settings{Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), Max: 1 << 20})
	l, err := Listen(Door{Where: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := smtp.NewClientLMTP(conn)
	defer c.Close()
	if err := c.Hello("mx"); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Dial("tcp", l.Addr().String()) // says nothing at all
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if _, err := silent.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := srv.Close(ctx); err != nil || ctx.Err() != nil {
		t.Error(err, ctx.Err())
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A line of any length that mails have is taken as it is: the other server keeps what
// it signed, and nothing goes back to a citizen for its form.
func TestRule81cLongLines(t *testing.T) {
	urp := &store{}
	addr := start(t, map[string]*store{"urp@comune.example": urp})
	body := []byte("From: anna@posta.example\r\nSubject: ciao\r\n\r\n" + strings.Repeat("x", 3<<20) + "\r\n")
	if got := hand(t, addr, body, "urp@comune.example"); len(got) != 0 {
		t.Fatalf("answers %v", got)
	}
	if len(urp.items) != 1 {
		t.Error(len(urp.items), "mails")
	}
}
