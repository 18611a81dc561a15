package pec

import (
	"context"
	"fmt"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/internal/clock"
)

// Codes of the warnings that a certified mailbox gives beside those of mail.
const (
	WarnFull     = "mailbox_full"
	WarnPassword = "password_expires"
)

// fullAt is the part of a mailbox from which on it is called nearly full: a full
// one refuses citizens' letters and loses receipts (PEC reference section 11).
const fullAt = 0.80

// passwordNotice is how long before a password ends its end is told.
const passwordNotice = 14 * 24 * time.Hour

// lookEvery is how often fullness and password are looked at. Warnings are shown
// for a day, so that this must be less.
const lookEvery = 6 * time.Hour

// Receive takes in what comes, and looks from time to time whether the mailbox
// fills up or its password is about to end.
func (m *mailbox) Receive(ctx context.Context, in channels.Intake) error {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.look(ctx, in)
	}()
	err := m.Box.Receive(ctx, in)
	cancel()
	<-done
	return err
}

// look runs until ctx ends. A question that cannot be asked is no trouble of its
// own: the reading tells when the server is down.
func (m *mailbox) look(ctx context.Context, in channels.Intake) {
	for wait := m.first; ; wait = lookEvery {
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		if left, ends := m.password.ends(m.now()); ends {
			in.Warn(ctx, WarnPassword, left)
		}
		if f, err := m.Fullness(ctx); err == nil {
			if text, full := nearlyFull(f); full {
				in.Warn(ctx, WarnFull, text)
			}
		}
	}
}

// firstLook lets the reading log in first: some providers allow few logins at once.
const firstLook = 2 * time.Second

// nearlyFull says how full a mailbox is, when that is worth a warning.
func nearlyFull(f mail.Fullness) (string, bool) {
	if f.Limit <= 0 || float64(f.Used) < fullAt*float64(f.Limit) {
		return "", false
	}
	return fmt.Sprintf("the mailbox is %d%% full: a full one refuses letters and loses receipts", f.Used*100/f.Limit), true
}

// deadline is the day on which a password ends; 0 when nobody said.
type deadline clock.Instant

func readDeadline(s string) (deadline, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("write a day as 2027-03-31")
	}
	return deadline(clock.At(t)), nil
}

// ends says when a password ends, when that is near or over.
func (d deadline) ends(now clock.Instant) (string, bool) {
	end := clock.Instant(d)
	if d == 0 || end.Sub(now) > passwordNotice {
		return "", false
	}
	day := end.Time().Format(time.DateOnly)
	if end <= now {
		return "the mailbox's password ended on " + day + ": make a new one at the provider", true
	}
	return "the mailbox's password ends on " + day + ": make a new one at the provider in time", true
}
