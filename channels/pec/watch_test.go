package pec

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/channels/mail"
)

// fullBox is a mailbox that tells how full it is, and receives nothing.
type fullBox struct {
	mail.Box
	full  mail.Fullness
	err   error
	asked chan struct{}
}

func (b *fullBox) Fullness(context.Context) (mail.Fullness, error) {
	b.asked <- struct{}{}
	return b.full, b.err
}

func (b *fullBox) Receive(ctx context.Context, _ channels.Intake) error {
	<-ctx.Done()
	return ctx.Err()
}

// A mailbox that fills up is told before letters are refused, and the day on which its
// password ends is a day (PEC reference sections 10 and 11).
func TestAlarmsBeforeTheMailboxIsOfNoUse(t *testing.T) {
	const gib = 1 << 30
	for _, tt := range []struct {
		name string
		full mail.Fullness
		err  error
		want []string
	}{
		{"half full", mail.Fullness{Used: gib / 2, Limit: gib}, nil, nil},
		{"nearly full", mail.Fullness{Used: gib * 17 / 20, Limit: gib}, nil, []string{WarnFull}},
		{"no limit", mail.Fullness{Used: gib}, nil, nil},
		{"nobody tells", mail.Fullness{}, errors.New("down"), nil},
	} {
		box := &fullBox{full: tt.full, err: tt.err, asked: make(chan struct{}, 1)}
		m := &mailbox{Box: box, first: time.Millisecond}
		in := channeltest.NewIntake()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- m.Receive(ctx, in) }()
		<-box.asked
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", tt.name, err)
		}
		var codes []string
		for _, x := range in.Warnings() {
			if x.Text == "" {
				t.Errorf("%s: no words", tt.name)
			}
			codes = append(codes, x.Code)
		}
		if strings.Join(codes, " ") != strings.Join(tt.want, " ") {
			t.Errorf("%s: %v, want %v", tt.name, codes, tt.want)
		}
	}
	if _, err := open(account("password_until", "31/3/2027"), channels.Deps{}); err == nil || !strings.Contains(err.Error(), "password_until") {
		t.Error(err)
	}
	if _, err := open(account("password_until", "2027-03-31"), channels.Deps{}); err != nil {
		t.Error(err)
	}
}

// What is offered for a provider opens, once the mailbox's own address and
// password are given.
func TestPresetsOpen(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Driver.Presets {
		settings := map[string]string{"address": box, "imap_password": "segreta"}
		for k, v := range p.Values {
			settings[k] = v
		}
		if _, err := open(channels.Account{ID: 1, Key: "pec", Name: "PEC", Settings: settings}, channels.Deps{}); err != nil {
			t.Errorf("%s: %v", p.Key, err)
		}
		if p.Note["it"] == "" || p.Note["en"] == "" || p.Name == "" || seen[p.Key] || p.Values["imap_port"] != "993" || p.Values["smtp_port"] != "465" {
			t.Errorf("%+v", p)
		}
		seen[p.Key] = true
		for name := range p.Values {
			if _, known := fromMail[name]; !known {
				t.Errorf("%s: no field %s", p.Key, name)
			}
		}
	}
	if len(seen) < 8 || Driver.Presets[1].Values["rate_per_minute"] != "6" {
		t.Error("the providers of the reference")
	}
}
