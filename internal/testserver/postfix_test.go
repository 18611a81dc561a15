package testserver

import (
	"context"
	"net/smtp"
	"testing"
	"time"
)

// A real Postfix takes mail and hands it on over SMTP; what is not there waits.
func TestPostfixHandsOn(t *testing.T) {
	sink := SMTPSink(t)
	p := Postfix(t, PostfixOptions{
		Domains: []string{"comune.example"}, Transport: "smtp:" + Bracketed(sink.Addr()),
		Elsewhere: map[string]string{"morto.example": "smtp:[127.0.0.1]:1"},
	})
	body := []byte("From: anna@posta.example\r\nTo: urp@comune.example\r\nSubject: x\r\n\r\nTesto.\r\n")
	for _, to := range []string{"urp@comune.example", "a@morto.example"} {
		if err := smtp.SendMail(p.Addr(), nil, "anna@posta.example", []string{to}, body); err != nil {
			t.Fatal(err)
		}
	}
	got, err := sink.Await(t.Context(), 1)
	if err != nil || got[0].To != "urp@comune.example" {
		t.Fatal(got, err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	for { // what was handed on leaves the queue a moment after the sink has it
		waiting, err := p.Queue(ctx)
		if err != nil {
			t.Fatal(waiting, err)
		}
		if len(waiting) == 1 {
			break
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Error(err)
	}
}
