package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/smtp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	protocol "github.com/emersion/go-smtp"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/clock"
)

// townsfolk is a mailWorld that writes down what it is told.
type townsfolk struct {
	mu     sync.Mutex
	got    map[string][][]byte
	posts  []townMail
	refuse string // address that is refused
	bounce string // address whose mail comes back
}

func (f *townsfolk) verdict(to string) (*protocol.SMTPError, bool) {
	if to == f.refuse {
		return &protocol.SMTPError{Code: 552, EnhancedCode: protocol.EnhancedCode{5, 2, 2}, Message: "Mailbox full"}, false
	}
	return nil, to == f.bounce
}

func (f *townsfolk) mailed(to string, data []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.got[to] = append(f.got[to], data)
}

func (f *townsfolk) posted(m townMail) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.posts = append(f.posts, m)
	return nil
}

func openOffice(t *testing.T, dir string, world mailWorld) *postOffice {
	t.Helper()
	files, err := openMailFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPostOffice(clock.System{}, world, files, "segreta", []string{urpBox, tributiBox})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	return p
}

// channel opens the town's real mail channel at the post office.
func (p *postOffice) channel(t *testing.T) channels.Channel {
	t.Helper()
	split := func(addr string) (host, port string) { host, port, _ = strings.Cut(addr, ":"); return host, port }
	imapHost, imapPort := split(p.imapAddr)
	smtpHost, smtpPort := split(p.smtpAddr)
	ch, err := mail.Driver.Open(channels.Account{ID: 1, Key: "urp", Settings: map[string]string{
		"address": urpBox, "imap_host": imapHost, "imap_port": imapPort, "imap_security": "plain-local", "imap_password": p.password,
		"smtp_host": smtpHost, "smtp_port": smtpPort, "smtp_security": "plain-local", "smtp_password": p.password,
	}}, channels.Deps{Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// shelf is an Intake that wakes who waits for messages.
type shelf struct {
	mu      sync.Mutex
	cursor  []byte
	keys    []string
	bodies  [][]byte
	changed chan struct{}
}

func (s *shelf) Cursor(context.Context, string) ([]byte, error) { return s.cursor, nil }

func (s *shelf) Known(context.Context, []string) (map[string]channels.Known, error) { return nil, nil }

func (s *shelf) Accept(_ context.Context, b channels.Batch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, it := range b.Items {
		s.keys = append(s.keys, it.DedupKey)
		s.bodies = append(s.bodies, it.Body)
	}
	s.cursor = b.Cursor
	close(s.changed)
	s.changed = make(chan struct{})
	return nil
}

func (s *shelf) Store(context.Context, io.Reader) (string, int64, error) {
	return "", 0, errors.New("no message here is that large")
}
func (s *shelf) Introduce(context.Context, string) error { return nil }

func (s *shelf) Alive(context.Context)                     {}
func (s *shelf) Warn(_ context.Context, code, text string) {}

func (s *shelf) await(ctx context.Context, n int) error {
	for {
		s.mu.Lock()
		have, changed := len(s.keys), s.changed
		s.mu.Unlock()
		if have >= n {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d messages: %w", have, n, ctx.Err())
		}
	}
}

func someLetter(n int) []byte {
	l := &letter{
		From: "anna@posta.example", Name: "Anna Però", To: urpBox, Subject: fmt.Sprint("Lettera ", n), Text: "Città " + fmt.Sprint(n) + "\n",
		ID: fmt.Sprintf("l%06d@posta.example", n), At: clock.System{}.Now(),
	}
	return l.write()
}

// TestNothingIsMissedWhileArriving delivers while the real receiver reads, so
// that messages arrive between its commands, in its commands and while it idles.
func TestNothingIsMissedWhileArriving(t *testing.T) {
	p := openOffice(t, t.TempDir(), &townsfolk{got: map[string][][]byte{}})
	in := &shelf{changed: make(chan struct{})}
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	var done sync.WaitGroup
	done.Go(func() { _ = p.channel(t).(channels.Receiver).Receive(ctx, in) }) // ends with ctx
	const n = 300
	for i := range n {
		if err := p.deliver(urpBox, someLetter(i)); err != nil {
			t.Fatal(err)
		}
		if i%25 == 0 { // let it come to rest, then begin again
			if err := in.await(ctx, i+1); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := in.await(ctx, n); err != nil {
		t.Fatal(err)
	}
	stop()
	done.Wait()
	for i, key := range in.keys {
		if key != fmt.Sprintf("INBOX/1/%d", i+1) || !bytes.Equal(in.bodies[i], someLetterLike(in.bodies[i], i)) {
			t.Fatalf("message %d came as %s", i, key)
		}
	}
}

// someLetterLike compares by the Message-ID: the date is of the moment.
func someLetterLike(body []byte, n int) []byte {
	if bytes.Contains(body, fmt.Appendf(nil, "Message-ID: <l%06d@posta.example>", n)) {
		return body
	}
	return nil
}

func TestMailboxesAreKept(t *testing.T) {
	dir := t.TempDir()
	first := openOffice(t, dir, &townsfolk{got: map[string][][]byte{}})
	for i := range 12 {
		if err := first.deliver(urpBox, someLetter(i)); err != nil {
			t.Fatal(err)
		}
	}
	first.stop()
	folk := &townsfolk{got: map[string][][]byte{}}
	again := openOffice(t, dir, folk)
	if err := again.deliver(urpBox, someLetter(12)); err != nil {
		t.Fatal(err)
	}
	if m := folk.posts[0]; m.UID != 13 || m.UIDValidity != 1 {
		t.Errorf("the next message after a restart is %d in numbering %d", m.UID, m.UIDValidity)
	}
}

func out(to string) *channels.Outgoing {
	return &channels.Outgoing{
		ExternalID: "r1@localhost", To: channels.Address{Kind: "email", Value: to, Display: "Anna"}, FromName: "URP",
		Subject: "Risposta, perché no", Text: "Buongiorno,\nè tutto pronto.\n", Automatic: false,
	}
}

func TestAnswersReachCitizens(t *testing.T) {
	folk := &townsfolk{got: map[string][][]byte{}, refuse: "piena@posta.example", bounce: "via@posta.example"}
	p := openOffice(t, t.TempDir(), folk)
	send := p.channel(t).(channels.Sender)
	if _, err := send.Send(t.Context(), out("anna@posta.example")); err != nil {
		t.Fatal(err)
	}
	r := readReceived("anna@posta.example", folk.got["anna@posta.example"][0])
	if r.ID != "r1@localhost" || r.Text != "Buongiorno,\nè tutto pronto." && r.Text != "Buongiorno,\nè tutto pronto.\n" || r.Subject != "Risposta, perché no" || r.Automatic || r.Box != urpBox {
		t.Errorf("Anna reads %+v", r)
	}
	_, err := send.Send(t.Context(), out("piena@posta.example"))
	if e := channels.AsError(err); e == nil || !strings.HasPrefix(e.Code, "552") {
		t.Errorf("a full mailbox gave %v", err)
	}
	if _, err := send.Send(t.Context(), out("via@posta.example")); err != nil {
		t.Fatal(err)
	}
	if len(folk.posts) != 1 || folk.posts[0].Box != urpBox {
		t.Fatalf("the notice of failure went to %+v", folk.posts)
	}
	items, err := mail.Parse(channels.Raw{ContentType: mail.TypeMessage, Body: folk.posts[0].Data}, mail.OwnAddresses{Address: urpBox})
	if err != nil || len(items) != 1 || items[0].Kind != channels.Report || len(items[0].Reports) != 1 {
		t.Fatalf("the notice is read as %+v: %v", items, err)
	}
	if rep := items[0].Reports[0]; rep.MessageID != "r1@localhost" || rep.Recipient != "via@posta.example" || rep.State != "failed" || !rep.Permanent || !rep.Confident {
		t.Errorf("the notice says %+v", rep)
	}
}

func TestOnlyTheTownMaySend(t *testing.T) {
	p := openOffice(t, t.TempDir(), &townsfolk{got: map[string][][]byte{}})
	err := smtp.SendMail(p.smtpAddr, nil, "ladro@altrove.example", []string{"anna@posta.example"}, someLetter(1))
	if err == nil || !strings.Contains(err.Error(), "Please authenticate") && !strings.Contains(err.Error(), "502") {
		t.Error("anybody may send:", err)
	}
	p.password = "altra"
	if err := p.channel(t).(channels.Prober).Probe(t.Context()); channels.AsError(err) == nil {
		t.Error("a wrong password is let in")
	}
}

func TestLettersAreReadAsWritten(t *testing.T) {
	l := &letter{
		From: "anna@posta.example", Name: "Anna Però", To: urpBox, Subject: "Buca in via Po: è profonda", Text: "C'è una buca.\n\n> non è una citazione\nGrazie\n",
		ID: "abcdefghijklmnop@posta.example", InReplyTo: "r1@localhost", References: []string{"r0@localhost"}, HTML: true, At: at(t, "2026-11-16 10:00"),
		Files: []enclosure{{"IMG_1.jpg", "image/jpeg", picture(someRand(), false)}, {"modulo però.pdf", "application/pdf", document("Modulo (1)")}},
	}
	items, err := mail.Parse(channels.Raw{ContentType: mail.TypeMessage, Body: l.write()}, mail.OwnAddresses{Address: urpBox})
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	it := items[0]
	if it.From.Display != "Anna Però" || it.Subject != l.Subject || strings.TrimSpace(it.Text) != strings.TrimSpace(l.Text) || it.HTML == "" || it.Auto != "" || it.Quarantine != "" {
		t.Errorf("read as %+v", it)
	}
	if !slices.Equal(it.References, []string{"r1@localhost", "r0@localhost"}) || it.ExternalID != l.ID || it.SentAt != l.At {
		t.Errorf("references %v, id %s, sent %d", it.References, it.ExternalID, it.SentAt)
	}
	if len(it.Parts) != 2 || it.Parts[0].Detected != "image/jpeg" || it.Parts[1].Detected != "application/pdf" || it.Parts[1].Name != "modulo però.pdf" {
		t.Errorf("files %+v", it.Parts)
	}
	l.Automatic = true
	items, _ = mail.Parse(channels.Raw{ContentType: mail.TypeMessage, Body: l.write()}, mail.OwnAddresses{Address: urpBox})
	if items[0].Auto == channels.NotAuto {
		t.Error("the answer of a mailbox is taken for a person's")
	}
}
