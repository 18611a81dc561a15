package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
)

// sweepNews gives what is told at a sweep.
func (e *env) sweepNews() (told []Alarm) {
	e.t.Helper()
	n, err := e.SweepAlarms(e.t.Context(), func(_ context.Context, id string, news []Alarm) error {
		if !strings.Contains(id, "@") {
			e.t.Errorf("the id %q", id)
		}
		told = append(told, news...)
		return nil
	})
	if err != nil || n != len(told) {
		e.t.Fatal(n, err)
	}
	return told
}

// sweepAlarms gives what is told at a sweep, as "account cause".
func (e *env) sweepAlarms() string {
	e.t.Helper()
	var told []string
	for _, a := range e.sweepNews() {
		told = append(told, a.Account.Key+" "+a.Cause)
	}
	return strings.Join(told, ", ")
}

// Rules 13, 16 and 90: what a person must see to is told once for each cause, again
// only when it was over for a while, and not before somebody could be told.
func TestRule13WhatIsWrongIsToldOnce(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		want := func(what, told string) {
			t.Helper()
			if got := e.sweepAlarms(); got != told {
				t.Errorf("%s: %q", what, got)
			}
		}
		want("all is well", "")
		if err := e.Trouble(t.Context(), e.mail.ID, channels.Errorf(channels.AuthBroken, "535", "refused"), 0); err != nil {
			t.Fatal(err)
		}
		if err := e.Trouble(t.Context(), e.tg.ID, channels.Errorf(channels.RetryBackoff, "", "away"), 0); err != nil {
			t.Fatal(err)
		}
		if n, err := e.SweepAlarms(t.Context(), func(context.Context, string, []Alarm) error { return errors.New("no mailbox") }); n != 0 || err == nil {
			t.Error("nobody was told:", n, err)
		}
		want("a refused login", "mail refused")
		want("the same", "")
		e.manual.Advance(time.Hour)
		want("down for long enough", "telegram down")
		for _, id := range []int64{e.mail.ID, e.tg.ID} {
			if err := e.Alive(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		want("well again", "")
		if err := e.Trouble(t.Context(), e.mail.ID, channels.Errorf(channels.AuthBroken, "535", "refused"), 0); err != nil {
			t.Fatal(err)
		}
		want("it comes and goes", "")
		if err := e.Alive(t.Context(), e.mail.ID); err != nil {
			t.Fatal(err)
		}
		want("over", "")
		e.manual.Advance(alarmRest)
		if err := e.Trouble(t.Context(), e.mail.ID, channels.Errorf(channels.AuthBroken, "535", "refused"), 0); err != nil {
			t.Fatal(err)
		}
		want("a new one", "mail refused")
		e.exec(t, "UPDATE accounts SET stopped_at = 1 WHERE id = ?", e.mail.ID)
		want("a person stopped it", "")
	})
}

// What waits to be read, and a password about to end, are told too.
func TestRule16WhatWaitsAndWhatEndsIsTold(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		b := channels.Batch{Stream: "INBOX", Items: []channels.Raw{{DedupKey: "x", ContentType: mail.TypeMessage, Body: []byte("x"), ReceivedAt: e.manual.Now()}}}
		if err := e.Accept(t.Context(), e.mail.ID, b); err != nil {
			t.Fatal(err)
		}
		day := e.manual.Now().Add(15 * 24 * time.Hour).Time().Format(time.DateOnly)
		e.exec(t, "UPDATE accounts SET settings = ? WHERE id = ?", fmt.Sprintf(`{"password_until":%q}`, day), e.tg.ID)
		if got := e.sweepAlarms(); got != "" {
			t.Error("too early:", got)
		}
		came := e.manual.Now()
		e.manual.Advance(alarmWaitAfter + time.Second)
		if got := e.sweepNews(); len(got) != 1 || got[0].Account.ID != e.mail.ID || got[0].Cause != AlarmWaiting || got[0].BegunAt != came {
			t.Errorf("waits since %v: %+v", came, got)
		}
		e.manual.Advance(24 * time.Hour)
		if got := e.sweepAlarms(); got != "telegram password" {
			t.Error(got)
		}
	})
}
