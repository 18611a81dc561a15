package mail

import (
	"context"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/testserver"
)

func TestProbeIsContent(t *testing.T) {
	d := post(t)
	for _, folder := range []string{"Posta indesiderata", sentFolder} {
		if err := d.CreateFolder(boxAddress, folder); err != nil {
			t.Fatal(err)
		}
	}
	s := sinkWith(t, testserver.SinkOptions{TLS: true, User: boxAddress, Password: "p"})
	set := settingsFor(d.Addr(), s.Addr(), "folders", "inbox,Posta indesiderata", "sent_folder", sentFolder,
		"smtp_security", "starttls", "smtp_password", "p", "ca_file", s.CAFile())
	if err := openBox(t, set).Probe(t.Context()); err != nil {
		t.Error(err)
	}
	if s.Count() != 0 {
		t.Error("the probe sent mail")
	}
}

func TestProbeNamesTheRemedy(t *testing.T) {
	d := post(t)
	s := sinkWith(t, testserver.SinkOptions{User: boxAddress, Password: "p"})
	for name, c := range map[string]struct {
		change []string
		want   []string
	}{
		"imap password": {[]string{"imap_password", "sbagliata"}, []string{"check imap_user and imap_password"}},
		"smtp password": {[]string{"smtp_password", "sbagliata"}, []string{"check smtp_user and smtp_password"}},
		"folder":        {[]string{"folders", "INBOX,Manca"}, []string{"no folder Manca", "INBOX", "correct folders"}},
		"sent folder":   {[]string{"sent_folder", "Manca"}, []string{"no folder Manca", "sent_folder"}},
		"both ports":    {[]string{"imap_port", "1", "smtp_port", "1"}, []string{"check imap_host and imap_port", "check smtp_host and smtp_port"}},
		"imap tls":      {[]string{"imap_security", "tls"}, []string{"imap_security"}},
		"smtp tls":      {[]string{"smtp_security", "tls"}, []string{"smtp_security"}},
		"no login":      {[]string{"smtp_password", ""}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			set := settingsFor(d.Addr(), s.Addr(), append([]string{"smtp_password", "p"}, c.change...)...)
			err := openBox(t, set).Probe(t.Context())
			if (err == nil) != (c.want == nil) {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in %q", want, err)
				}
			}
			channeltest.CheckNoSecret(t, err, []string{"sbagliata", boxPassword, boxAddress})
		})
	}
}

func TestProbeEndsWithTheContext(t *testing.T) {
	s := sinkWith(t, testserver.SinkOptions{})
	p := line(t, s.Addr())
	p.Freeze() // connections are taken, and nothing is said
	for _, security := range []string{"tls", "starttls", "plain-local"} {
		m := openBox(t, settingsFor(p.Addr(), p.Addr(), "imap_security", security, "smtp_security", security))
		m.limits.command, m.limits.dial = time.Hour, time.Hour
		for name, probe := range map[string]func(context.Context) error{"imap": m.probeIMAP, "smtp": m.probeSMTP} {
			if err := probe(shortContext(t)); classOf(err) != channels.RetryBackoff {
				t.Errorf("%s with %s: %v", name, security, err)
			}
		}
	}
}

func TestProbeWithoutSTARTTLS(t *testing.T) {
	s := startOdd(t, nil, nil)
	err := openBox(t, settingsFor(s.addr, nowhere, "imap_security", "starttls")).probeIMAP(t.Context())
	if classOf(err) != channels.RetryBackoff || !strings.Contains(err.Error(), "imap_security") {
		t.Errorf("got %v", err)
	}
}
