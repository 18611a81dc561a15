package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/testserver"
)

const (
	boxAddress  = "urp@comune.pontelieto.example"
	boxPassword = "segreto-della-casella"
)

// patience bounds every wait of these tests; it is never used up when all is
// well.
const patience = 30 * time.Second

// settingsFor points an account at servers; more overrides or adds fields,
// in pairs.
func settingsFor(imapAddr, smtpAddr string, more ...string) map[string]string {
	set := map[string]string{
		"address": boxAddress, "name": "URP di Pontelieto", "imap_password": boxPassword,
		"imap_security": "plain-local", "smtp_security": "plain-local",
	}
	set["imap_host"], set["imap_port"], _ = net.SplitHostPort(imapAddr)
	set["smtp_host"], set["smtp_port"], _ = net.SplitHostPort(smtpAddr)
	for i := 0; i < len(more); i += 2 {
		set[more[i]] = more[i+1]
	}
	return set
}

// openBox opens an account with short times.
func openBox(t *testing.T, set map[string]string) *mailbox {
	t.Helper()
	m, err := newMailbox(channels.Account{ID: 1, Key: "urp", Kind: "mail", Name: "URP", Settings: set}, channels.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	m.limits.jitter = 0
	m.limits.command = 5 * time.Second
	m.limits.dot = 5 * time.Second
	return m
}

// nowhere is an address at which nothing listens.
const nowhere = "127.0.0.1:1"

// post is a Dovecot with the town's mailbox.
func post(t *testing.T) *testserver.DovecotServer {
	t.Helper()
	d := testserver.Dovecot(t)
	if err := d.Account(boxAddress, boxPassword); err != nil {
		t.Fatal(err)
	}
	return d
}

// receiving runs Receive again and again, as the house does, until the test
// ends or stop is called; stop waits for its end.
type receiving struct {
	in   *channeltest.Intake
	stop func()
	errs chan error // what each run ended with
}

func receive(t *testing.T, m channels.Receiver, in *channeltest.Intake) *receiving {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &receiving{in: in, errs: make(chan error, 1000)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			err := m.Receive(ctx, in)
			select {
			case r.errs <- err:
			default:
			}
			if pause(ctx, 20*time.Millisecond) != nil {
				return
			}
		}
	}()
	r.stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(r.stop)
	return r
}

// items waits for n items.
func (r *receiving) items(t *testing.T, n int) []channels.Raw {
	t.Helper()
	got, err := r.in.AwaitItems(patient(t), n)
	if err != nil {
		t.Fatalf("%v; Receive ended with %v", err, r.lastError())
	}
	return got
}

func (r *receiving) lastError() error {
	var last error
	for {
		select {
		case last = <-r.errs:
		default:
			return last
		}
	}
}

func patient(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// note is a small message with a recognisable subject.
func note(subject string) []byte {
	return fmt.Appendf(nil, "From: Lucia Ferri <lucia@example.org>\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: <%s@example.org>\r\n\r\nBuongiorno.\r\n",
		boxAddress, subject, strings.ReplaceAll(subject, " ", "-"))
}

func deliver(t *testing.T, d *testserver.DovecotServer, folder string, messages ...[]byte) {
	t.Helper()
	if err := d.Deliver(boxAddress, folder, messages...); err != nil {
		t.Fatal(err)
	}
}

// subjects lists the subjects of items in order.
func subjects(in *channeltest.Intake, items []channels.Raw) []string {
	var list []string
	for _, raw := range items {
		_, after, _ := strings.Cut(string(in.Body(raw)), "Subject: ")
		subject, _, _ := strings.Cut(after, "\r\n")
		list = append(list, subject)
	}
	return list
}

// classOf is the class of a failure; "" means success.
func classOf(err error) channels.Class {
	var e *channels.Error
	if errors.As(err, &e) {
		return e.Class
	}
	if err != nil {
		return channels.Class(fmt.Sprintf("%T", err))
	}
	return ""
}

// shortContext ends at once, but not before the work began.
func shortContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}
