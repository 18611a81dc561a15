package pec

import (
	"context"
	"fmt"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// WarnFull is the code of the warning that a certified mailbox gives beside those of
// mail. When its password ends, the setting password_until tells, as for every mailbox.
const WarnFull = "mailbox_full"

// fullAt is the part of a mailbox from which on it is called nearly full: a full
// one refuses citizens' letters and loses receipts (PEC reference section 11).
const fullAt = 0.80

// lookEvery is how often the fullness is looked at. Warnings are shown
// for a day, so that this must be less.
const lookEvery = 6 * time.Hour

// Receive takes in what comes, and looks from time to time whether the mailbox
// fills up.
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
