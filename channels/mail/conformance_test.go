package mail

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/internal/testserver"
)

// TestConformanceReceiver runs the suite of every receiver against a real
// Dovecot behind a network that can break.
func TestConformanceReceiver(t *testing.T) {
	channeltest.RunReceiver(t, func(t *testing.T) *channeltest.Receiver {
		d := post(t)
		p := line(t, d.Addr())
		sent := 0
		return &channeltest.Receiver{
			Open: func() channels.Channel { return openBox(t, settingsFor(p.Addr(), nowhere)) },
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

// TestConformanceSender runs the suite of every sender.
func TestConformanceSender(t *testing.T) {
	channeltest.RunSender(t, func(t *testing.T) *channeltest.Sender {
		s := sinkWith(t, testserver.SinkOptions{User: boxAddress, Password: boxPassword})
		m := sending(t, s, "smtp_password", boxPassword)
		m.limits.command, m.limits.dot = 500*time.Millisecond, 500*time.Millisecond
		var n atomic.Int64
		message := func() *channels.Outgoing {
			out := reply()
			out.ExternalID = fmt.Sprintf("fd.%d@comune.pontelieto.example", n.Add(1))
			return out
		}
		answer := func(a testserver.Answer) func() { return func() { s.Answer("", a) } }
		failure := func(name string, a testserver.Answer, want channels.Class) channeltest.Failure {
			return channeltest.Failure{Name: name, Arrange: answer(a), Want: want}
		}
		return &channeltest.Sender{
			Channel: m, Message: message, Taken: s.Count, Files: true,
			Failures: []channeltest.Failure{
				failure("unknown recipient", testserver.Answer{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "<lucia@example.org>: User unknown"}, channels.RecipientGone),
				failure("greylisting", testserver.Greylisted(), channels.RetryAfter),
				failure("mailbox full", testserver.Answer{Code: 552, Enhanced: [3]int{5, 2, 2}, Text: "over quota"}, channels.RetryBackoff),
				failure("later", testserver.Answer{Code: 451, Enhanced: [3]int{4, 3, 0}, Text: "queue error"}, channels.RetryBackoff),
				failure("shutting down", testserver.Answer{Stage: testserver.AtMail, Code: 421, Enhanced: [3]int{4, 3, 2}}, channels.RetryBackoff),
				failure("policy", testserver.Answer{Code: 554, Enhanced: [3]int{5, 7, 1}, Text: "<lucia@example.org>: blocked"}, channels.PolicyBlocked),
				failure("spam", testserver.Answer{Stage: testserver.AtDot, Code: 554, Enhanced: [3]int{5, 7, 1}, Text: "spam"}, channels.ContentRejected),
				failure("login refused", testserver.Answer{Stage: testserver.AtMail, Code: 535, Enhanced: [3]int{5, 7, 8}}, channels.AuthBroken),
				failure("silent before the end", testserver.Answer{Stage: testserver.AtRcpt, Hang: true}, channels.RetryBackoff),
				{
					Name: "answer lost", Want: channels.UnknownOutcome, Taken: 1,
					Arrange: answer(testserver.Answer{Stage: testserver.AtDot, Drop: true, Keep: true}),
				},
				{
					Name: "no address", Want: channels.RecipientGone,
					Message: func() *channels.Outgoing {
						out := message()
						out.To.Value = "lucia at example.org"
						return out
					},
				},
			},
			Stall: func() func(context.Context) error {
				s.Answer("", testserver.Answer{Stage: testserver.AtDot, Hang: true})
				return func(ctx context.Context) error { return s.AwaitHeld(ctx, 1) }
			},
			Secrets: []string{boxPassword, "lucia@example.org", "Gentile Lucia"},
		}
	})
}

// TestOpenNeedsNoNetwork is the contract's word for every driver.
func TestOpenNeedsNoNetwork(t *testing.T) {
	set := settingsFor(nowhere, nowhere)
	opened, err := Driver.Open(channels.Account{Key: "urp", Settings: set}, channels.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{
		"Receiver":   is[channels.Receiver](opened),
		"Sender":     is[channels.Sender](opened),
		"Prober":     is[channels.Prober](opened),
		"Concurrent": is[channels.Concurrent](opened),
	} {
		if !ok {
			t.Errorf("a mailbox is no %s", name)
		}
	}
}

func is[T any](c channels.Channel) bool {
	_, ok := c.(T)
	return ok
}

func TestDriverFieldsSpeakBothLanguages(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Driver.Fields {
		if seen[f.Name] {
			t.Errorf("%s is there twice", f.Name)
		}
		seen[f.Name] = true
		for _, lang := range []string{"it", "en"} {
			if f.Label[lang] == "" || f.Help[lang] == "" || strings.HasSuffix(f.Label[lang], ".") || !strings.HasSuffix(f.Help[lang], ".") {
				t.Errorf("%s: label %q, help %q in %s", f.Name, f.Label[lang], f.Help[lang], lang)
			}
		}
		if secret := strings.HasSuffix(f.Name, "_password") || strings.HasSuffix(f.Name, "_secret") || strings.HasSuffix(f.Name, "_token"); f.Secret != secret {
			t.Errorf("%s: secret is %v", f.Name, f.Secret)
		}
	}
}

func TestDefaultsAreWhatTheFieldsSay(t *testing.T) {
	set := map[string]string{
		"address": boxAddress, "imap_host": "imap.example.org", "smtp_host": "smtp.example.org", "imap_password": "p",
	}
	bare, err := readSettings(channels.Account{Settings: set})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Driver.Fields {
		if set[f.Name] == "" {
			set[f.Name] = f.Default
		}
	}
	full, err := readSettings(channels.Account{Settings: set})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(bare) != fmt.Sprint(full) {
		t.Errorf("without defaults %+v, with %+v", bare, full)
	}
	if full.imap.port != 993 || full.smtp.port != 465 || full.poll != 2*time.Minute || full.connections != 4 || full.imap.user != boxAddress {
		t.Errorf("got %+v", full)
	}
}

func TestWrongSettingsAreAllNamed(t *testing.T) {
	_, err := readSettings(channels.Account{Settings: map[string]string{
		"address": "urp", "aliases": "a@b.c, Nome <d@e.f>", "imap_port": "99999", "imap_security": "ssl", "smtp_host": " ",
		"poll": "1s", "start": "ieri", "connections": "0", "rate_per_minute": "many", "rate_per_domain": "-1", "plus_addressing": "perhaps",
		"imap_password": "segreta", "folders": "1,2,3,4,5,6,7,8,9",
	}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{
		"address:", "aliases:", "imap_host:", "imap_port:", "imap_security:", "smtp_host:", "poll:", "start:",
		"connections:", "rate_per_minute:", "rate_per_domain:", "plus_addressing:", "folders:",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %q", name, err)
		}
	}
	channeltest.CheckNoSecret(t, err, []string{"segreta"})
}

func TestStartPoints(t *testing.T) {
	for text, want := range map[string]startPoint{
		"": {}, "all": {}, "now": {now: true}, "30": {days: 30}, "30 days": {days: 30}, "7 giorni": {days: 7},
	} {
		r := &reader{values: map[string]string{"start": text}}
		if got := r.start("start"); got != want || len(r.errs) > 0 {
			t.Errorf("%q: %+v, %v", text, got, r.errs)
		}
	}
}
