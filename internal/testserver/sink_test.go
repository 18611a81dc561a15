package testserver

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func send(c *smtp.Client, to string) error {
	if err := c.Mail("urp@pontelieto.example", nil); err != nil {
		return err
	}
	if err := c.Rcpt(to, nil); err != nil {
		_ = c.Reset()
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(message(1)); err != nil {
		return err
	}
	return w.Close()
}

func TestSinkAnswersAsTold(t *testing.T) {
	s := SMTPSink(t)
	s.Answer("gone@example.org", Answer{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "unknown"})
	s.Answer("grey@example.org", Greylisted())
	s.Answer("late@example.org", Answer{Stage: AtDot, Code: 552, Enhanced: [3]int{5, 3, 4}})
	c, err := smtp.Dial(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, step := range []struct {
		to   string
		code int
	}{
		{"gone@example.org", 550},
		{"grey@example.org", 451},
		{"grey@example.org", 0},
		{"late@example.org", 552},
		{"Late@example.org", 0},
		{"other@example.org", 0},
	} {
		err := send(c, step.to)
		var answer *smtp.SMTPError
		code := 0
		if errors.As(err, &answer) {
			code = answer.Code
		}
		if code != step.code || (code == 0 && err != nil) {
			t.Fatalf("%s: %v, want %d", step.to, err, step.code)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	got, err := s.Await(ctx, 3)
	if err != nil || len(got) != 3 || got[1].To != "Late@example.org" {
		t.Fatalf("%v, %v", got, err)
	}
}

func TestSinkDropsAfterTheDot(t *testing.T) {
	s := SMTPSink(t)
	s.Answer("", Answer{Stage: AtDot, Drop: true, Keep: true})
	c, err := smtp.Dial(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := send(c, "a@example.org"); err == nil {
		t.Fatal("an answer came")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if _, err := s.Await(ctx, 1); err != nil {
		t.Fatal(err)
	}
}

func TestSinkHangsUntilStopped(t *testing.T) {
	s := SMTPSink(t)
	s.Answer("", Answer{Stage: AtRcpt, Hang: true})
	c, err := smtp.Dial(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	failed := make(chan error, 1)
	go func() { failed <- send(c, "a@example.org") }()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.AwaitHeld(ctx, 1); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	if err := <-failed; err == nil {
		t.Fatal("an answer came")
	}
}

func TestSinkWantsALogin(t *testing.T) {
	s, err := StartSMTPSink(SinkOptions{TLS: true, User: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	for _, password := range []string{"p", "wrong"} {
		c, err := smtp.DialStartTLS(s.Addr(), trust(t, s.CAFile()))
		if err != nil {
			t.Fatal(err)
		}
		if err := send(c, "a@example.org"); err == nil {
			t.Fatal("mail was taken without a login")
		}
		if err := c.Auth(sasl.NewPlainClient("", "u", password)); (err == nil) != (password == "p") {
			t.Fatalf("login with %q: %v", password, err)
		}
		if err := send(c, "a@example.org"); (err == nil) != (password == "p") {
			t.Fatalf("send after %q: %v", password, err)
		}
		c.Close()
	}
}

func TestTownMailReachesTheMailbox(t *testing.T) {
	d := mailbox(t)
	s, err := StartTownMail(d, SinkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	c, err := smtp.Dial(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := send(c, "URP+abc@pontelieto.example"); err != nil {
		t.Fatal(err)
	}
	if err := send(c, "nobody@pontelieto.example"); err == nil {
		t.Fatal("an unknown mailbox took mail")
	}
	if err := send(c, "citizen@example.org"); err != nil {
		t.Fatal(err)
	}
	if count, _, _, err := d.Messages(urp, "INBOX"); err != nil || count != 1 {
		t.Fatalf("%d messages, %v", count, err)
	}
}

func TestSinkStopsAtOnce(t *testing.T) {
	for range 200 {
		s, err := StartSMTPSink(SinkOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s.Stop()
	}
}
