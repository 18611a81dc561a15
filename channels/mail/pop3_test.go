package mail

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/clock"
	"filodiretto/internal/testserver"
)

// postPOP is a Dovecot with the town's mailbox, read over POP3.
func postPOP(t *testing.T, opts testserver.DovecotOptions) *testserver.DovecotServer {
	t.Helper()
	opts.POP3 = true
	d, err := testserver.StartDovecot("", opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	if err := d.Account(boxAddress, boxPassword); err != nil {
		t.Fatal(err)
	}
	return d
}

// popSettings points an account at a POP3 server.
func popSettings(addr string, more ...string) map[string]string {
	host, port, _ := net.SplitHostPort(addr)
	return settingsFor(nowhere, nowhere, append([]string{
		"reading", "pop3", "imap_password", "", "imap_host", "", "pop3_host", host, "pop3_port", port, "pop3_security", "plain-local", "pop3_password", boxPassword,
	}, more...)...)
}

// openPOP opens an account with short times.
func openPOP(t *testing.T, set map[string]string) *popBox {
	t.Helper()
	ch, err := open(channels.Account{ID: 1, Key: "urp", Kind: "mail", Name: "URP", Settings: set}, channels.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	b := ch.(*popBox)
	b.m.limits.jitter = 0
	b.m.limits.command = 5 * time.Second
	b.m.set.poll = 30 * time.Millisecond
	return b
}

func TestConformanceReceiverPOP3(t *testing.T) {
	channeltest.RunReceiver(t, func(t *testing.T) *channeltest.Receiver {
		d := postPOP(t, testserver.DovecotOptions{})
		p := line(t, d.POP3Addr())
		sent := 0
		return &channeltest.Receiver{
			Open: func() channels.Channel { return openPOP(t, popSettings(p.Addr())) },
			Deliver: func(n int) {
				for range n {
					sent++
					deliver(t, d, "INBOX", note(fmt.Sprint("m", sent)))
				}
			},
			Refuse: func() {
				if err := d.Account(boxAddress, "another password"); err != nil {
					t.Fatal(err)
				}
			},
			Interrupt: p.Break,
			Secrets:   []string{boxPassword, boxAddress, "lucia@example.org", "Buongiorno"},
		}
	})
}

// Rule 17: what is at the server and not here is fetched, by unique id, byte for
// byte; nothing at the server is changed; a new process fetches nothing twice.
func TestRule17EachMessageOnce(t *testing.T) {
	d := postPOP(t, testserver.DovecotOptions{})
	odd := []byte("From: a@b.example\r\nSubject: punti\r\n\r\n.\r\n..\r\n.inizio\r\nlunga " + strings.Repeat("x", 40_000) + "\r\nfine senza a capo")
	deliver(t, d, "INBOX", note("m1"), odd)
	in := channeltest.NewIntake()
	r := receive(t, openPOP(t, popSettings(d.POP3Addr())), in)
	r.items(t, 2)
	deliver(t, d, "INBOX", note("m3"))
	items := r.items(t, 3)
	if got := subjects(in, items); !slices.Equal(got, []string{"m1", "punti", "m3"}) {
		t.Errorf("came in as %q", got)
	}
	want := append(bytes.Clone(odd), "\r\n"...) // POP3 ends each line
	if !bytes.Equal(in.Body(items[1]), want) {
		t.Errorf("%d bytes of %d", len(in.Body(items[1])), len(want))
	}
	r.stop()
	deliver(t, d, "INBOX", note("m4"))
	again := receive(t, openPOP(t, popSettings(d.POP3Addr())), in)
	again.items(t, 4)
	again.stop()
	if n := len(in.Offered()); n != 4 {
		t.Errorf("%d messages were fetched for 4", n)
	}
	if n, _, _, err := d.Messages(boxAddress, "INBOX"); err != nil || n != 4 {
		t.Errorf("%d messages are left at the server, %v", n, err)
	}
}

// Rule 17: a message goes from the server only some days after it was committed
// here whole.
func TestRule17DeletedAfterDays(t *testing.T) {
	d := postPOP(t, testserver.DovecotOptions{})
	huge := append(note("grande"), bytes.Repeat([]byte("0123456789abcdef\r\n"), 5000)...)
	deliver(t, d, "INBOX", note("m1"), huge)
	in := channeltest.NewIntake()
	now := clock.NewManual(clock.System{}.Now().Time())
	openIt := func() *popBox {
		b := openPOP(t, popSettings(d.POP3Addr(), "pop3_delete_days", "3"))
		b.m.limits.message, b.m.clock = 40_000, now
		return b
	}
	r := receive(t, openIt(), in)
	r.items(t, 2)
	r.stop()
	left := func() int {
		n, _, _, err := d.Messages(boxAddress, "INBOX")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	look := func() {
		t.Helper()
		r := receive(t, openIt(), in)
		if err := in.AwaitAlive(patient(t), in.Looks()+1); err != nil {
			t.Fatal(err, r.lastError())
		}
		r.stop()
	}
	now.Advance(71 * time.Hour)
	look()
	if n := left(); n != 2 {
		t.Fatalf("%d are left before the time", n)
	}
	now.Advance(2 * time.Hour)
	look()
	if n := left(); n != 1 {
		t.Errorf("%d are left; the one whose header alone is here should be", n)
	}
	got, err := d.Fetch(boxAddress, "INBOX")
	if err != nil || len(got) != 1 || !bytes.Contains(got[0], []byte("grande")) {
		t.Errorf("left is another one, %v", err)
	}
	items := in.Items()
	if items[1].ContentType != TypeHeaders || items[1].Meta[MetaProblem] != ProblemTooLarge {
		t.Errorf("too large: %+v", items[1].Meta)
	}
}

// Rules 11 and 12: a large message goes through the store, a larger one leaves its
// header.
func TestRule11LargeOverPOP3(t *testing.T) {
	d := postPOP(t, testserver.DovecotOptions{})
	large := append(note("grosso"), bytes.Repeat([]byte("0123456789abcdef\r\n"), 60_000)...)
	deliver(t, d, "INBOX", note("m1"), large, note("m3"))
	in := channeltest.NewIntake()
	items := receive(t, openPOP(t, popSettings(d.POP3Addr())), in).items(t, 3)
	if items[1].Blob == "" || !bytes.Equal(in.Body(items[1]), large) {
		t.Errorf("blob %q of %d bytes", items[1].Blob, items[1].Size)
	}
}

// Rule 7: a first look takes all, what is new, or some days; the time is that of
// the provider's Received. Rule 8: what is older than a day enters as archive.
func TestRule07StartOverPOP3(t *testing.T) {
	at := func(subject string, age time.Duration) []byte {
		received := clock.System{}.Now().Time().Add(-age).Format("Mon, 2 Jan 2006 15:04:05 -0700")
		return append(fmt.Appendf(nil, "Received: from mx (mx [192.0.2.1])\r\n\tby pop.example with ESMTP id 7;\r\n\t%s\r\n", received), note(subject)...)
	}
	for _, c := range []struct {
		start   string
		want    []string
		archive []bool
	}{
		{"all", []string{"vecchio", "ieri", "oggi", "nuovo"}, []bool{true, true, false, false}},
		{"now", []string{"nuovo"}, []bool{false}},
		{"5", []string{"ieri", "oggi", "nuovo"}, []bool{true, false, false}},
	} {
		t.Run(c.start, func(t *testing.T) {
			d := postPOP(t, testserver.DovecotOptions{})
			deliver(t, d, "INBOX", at("vecchio", 240*time.Hour), at("ieri", 30*time.Hour), at("oggi", time.Hour))
			in := channeltest.NewIntake()
			r := receive(t, openPOP(t, popSettings(d.POP3Addr(), "start", c.start)), in)
			if err := in.AwaitAlive(patient(t), 1); err != nil {
				t.Fatal(err, r.lastError())
			}
			r.stop() // a new process knows what was left out
			deliver(t, d, "INBOX", at("nuovo", 0))
			r = receive(t, openPOP(t, popSettings(d.POP3Addr(), "start", c.start)), in)
			items := r.items(t, len(c.want))
			if got := subjects(in, items); !slices.Equal(got, c.want) {
				t.Errorf("came in as %q", got)
			}
			for i, raw := range items {
				if raw.Archive != c.archive[i] {
					t.Errorf("%s: archive is %v", c.want[i], raw.Archive)
				}
			}
		})
	}
}

// Rule 14: TLS from the start and after STLS, verified; a server of an unknown
// authority gets no password.
func TestRule14TLSOverPOP3(t *testing.T) {
	d := postPOP(t, testserver.DovecotOptions{})
	deliver(t, d, "INBOX", note("m1"))
	for _, c := range []struct{ security, addr string }{{"tls", d.POP3TLSAddr()}, {"starttls", d.POP3Addr()}} {
		in := channeltest.NewIntake()
		r := receive(t, openPOP(t, popSettings(c.addr, "pop3_security", c.security, "ca_file", d.CAFile())), in)
		r.items(t, 1)
		r.stop()
		err := openPOP(t, popSettings(c.addr, "pop3_security", c.security)).Receive(patient(t), channeltest.NewIntake())
		if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "unknown authority") {
			t.Errorf("%s: %v", c.security, err)
		}
	}
	if err := openPOP(t, popSettings(d.POP3TLSAddr())).Receive(patient(t), channeltest.NewIntake()); classOf(err) != channels.RetryBackoff {
		t.Errorf("a server that waits for TLS: %v", err)
	}
}

// Rule 13: tokens open a mailbox over POP3 too.
func TestRule13TokensOverPOP3(t *testing.T) {
	p := newProvider(t)
	d := postPOP(t, testserver.DovecotOptions{Introspect: p.URL + "/whose"})
	deliver(t, d, "INBOX", note("m1"))
	set := popSettings(d.POP3Addr(), "pop3_password", "", "auth", "oauth2", "oauth_token_url", p.URL+"/token", "oauth_client_id", "filodiretto", "oauth_refresh_token", "rinnovo-0")
	receive(t, openPOP(t, set), channeltest.NewIntake()).items(t, 1)
	p.set(func() { clear(p.good) })
	b := openPOP(t, set)
	b.m.tokens.held = nil
	if _, err := b.m.tokens.token(); err != nil {
		t.Fatal(err)
	}
	p.set(func() { clear(p.good) })
	if err := b.Receive(patient(t), channeltest.NewIntake()); classOf(err) != channels.AuthBroken {
		t.Errorf("a token that is refused: %v", err)
	}
}

func TestProbeOverPOP3(t *testing.T) {
	d := postPOP(t, testserver.DovecotOptions{})
	if err := openPOP(t, popSettings(d.POP3Addr())).probePOP3(patient(t)); err != nil {
		t.Error(err)
	}
	err := openPOP(t, popSettings(d.POP3Addr(), "pop3_password", "sbagliata")).probePOP3(patient(t))
	if classOf(err) != channels.AuthBroken || strings.Contains(err.Error(), "sbagliata") {
		t.Error(err)
	}
	// a mailbox that is open elsewhere is no reason to think the password wrong
	c := &popConn{caps: map[string]string{}}
	for text, busy := range map[string]bool{"[IN-USE] x": true, "[AUTH] x": false, "maildrop already locked": true, "invalid password": false} {
		no := &popRefusal{text: text}
		if strings.HasPrefix(text, "[") {
			no.code = text[1:strings.IndexByte(text, ']')]
		}
		if c.busy(no) != busy {
			t.Errorf("%q", text)
		}
	}
}

// Mail over POP3 and mail that is handed over need no IMAP, and say what they need.
func TestSettingsOfEachReading(t *testing.T) {
	for _, c := range []struct {
		name  string
		set   map[string]string
		wrong []string
	}{
		{"imap", map[string]string{"address": boxAddress, "smtp_host": "h"}, []string{"imap_host", "imap_password"}},
		{"pop3", map[string]string{"reading": "pop3", "address": boxAddress, "smtp_host": "h"}, []string{"pop3_host", "pop3_password"}},
		{"handed", map[string]string{"reading": "handed", "address": boxAddress, "smtp_host": "h"}, nil},
		{"handed with a password for sending", map[string]string{"reading": "handed", "address": boxAddress, "smtp_host": "h", "smtp_password": "p"}, nil},
		{"else", map[string]string{"reading": "uucp", "address": boxAddress, "smtp_host": "h"}, []string{"reading"}},
		{"a line end in a password", map[string]string{"reading": "pop3", "address": boxAddress, "smtp_host": "h", "pop3_host": "h", "pop3_password": "a\r\nDELE 1"}, []string{"pop3_password"}},
		{"in the clear", map[string]string{"reading": "pop3", "address": boxAddress, "smtp_host": "h", "pop3_host": "192.0.2.1", "pop3_security": "plain-local", "pop3_password": "p"}, []string{"pop3_security"}},
	} {
		_, err := open(channels.Account{Key: "k", Settings: c.set}, channels.Deps{})
		if (err == nil) != (c.wrong == nil) {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, field := range c.wrong {
			if err != nil && !strings.Contains(err.Error(), field+": ") {
				t.Errorf("%s: nothing on %s in %v", c.name, field, err)
			}
		}
	}
	ch, err := open(channels.Account{Settings: map[string]string{"reading": "handed", "address": boxAddress, "smtp_host": "h"}}, channels.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if _, reads := ch.(channels.Receiver); reads {
		t.Error("a mailbox to which mail is handed over is looked into")
	}
	if _, compares := ch.(channels.Reconciler); compares {
		t.Error("a mailbox to which mail is handed over is compared")
	}
}
