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
	"path/filepath"
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
	down  bool
	items map[string]channels.Raw
	files map[string][]byte
}

var errDown = errors.New("the database is away")

func (s *store) Accept(_ context.Context, b channels.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return errDown
	}
	for _, it := range b.Items {
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
		Find:  func(a string) (mail.Keeper, bool) { s, ok := boxes[a]; return s, ok },
		Clock: clock.System{}, Log: slog.New(slog.DiscardHandler),
	})
	l, err := Listen("127.0.0.1:0")
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

// A large message goes through a file; one that is too large is refused for good.
func TestRule81cLarge(t *testing.T) {
	urp := &store{}
	addr := start(t, map[string]*store{"urp@comune.example": urp})
	line := strings.Repeat("a", 76) + "\r\n"
	body := []byte("Subject: x\r\n\r\n" + strings.Repeat(line, 3<<20/len(line)))
	if got := hand(t, addr, body, "urp@comune.example"); len(got) != 0 {
		t.Fatalf("answers %v", got)
	}
	for _, it := range urp.items {
		if it.Body != nil || !bytes.Equal(urp.files[it.Blob], body) {
			t.Errorf("blob %q of %d bytes", it.Blob, it.Size)
		}
	}
}

func TestListen(t *testing.T) {
	for _, where := range []string{"0.0.0.0:0", ":0", "192.0.2.1:24", "nonsense"} {
		if l, err := Listen(where); err == nil {
			l.Close()
			t.Errorf("it listens on %s", where)
		}
	}
	path := filepath.Join(t.TempDir(), "s")
	for range 2 { // a socket that a killed process left is taken over
		l, err := Listen("unix:" + path)
		if err != nil {
			t.Fatal(err)
		}
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		l.Close()
	}
}
