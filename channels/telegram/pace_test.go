package telegram

import (
	"context"
	"fmt"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/clock"
)

// With the platform's real limits the channel meets no 429.
func TestSendKeepsThePace(t *testing.T) {
	b := newBench(t, standin.Limits{})
	b.Say(ada, "/start")
	c := b.open(t)
	var waited time.Duration
	c.pause = func(ctx context.Context, d time.Duration) error {
		waited += d
		b.at.Advance(d)
		return ctx.Err()
	}
	for range 20 {
		mustSend(t, c, to(ada))
	}
	if waited < 14*time.Second || waited > 16*time.Second {
		t.Errorf("20 messages to one chat waited %v in all, want about 15s", waited)
	}
	if calls := len(b.Calls("sendMessage")); calls != 20 {
		t.Errorf("%d calls for 20 messages: some met a 429", calls)
	}
}

func TestSendGroupPace(t *testing.T) {
	b := newBench(t, standin.Limits{})
	group := b.NewGroup("Vicini", ada)
	c := b.open(t)
	m := to(ada)
	m.ThreadKey = fmt.Sprint(group)
	sent := 0
	for range 60 {
		_, err := c.Send(guard(t), m)
		if e := channels.AsError(err); e != nil {
			if e.Class != channels.RetryAfter || e.Scope != channels.ScopeRecipient || e.After <= 0 {
				t.Fatalf("%v", err)
			}
			b.at.Advance(e.After)
			continue
		}
		sent++
	}
	if calls := len(b.Calls("sendMessage")); calls != sent {
		t.Errorf("%d calls for %d messages: some met a 429", calls, sent)
	}
}

// A 429 in two chats at once is the bot's, not the chats'.
func TestSend429Scope(t *testing.T) {
	b, c := started(t)
	ugo := standin.User{ID: 5550001235, First: "Ugo"}
	b.Say(ugo, "/start")
	b.Fail(standin.Fault{Method: "sendMessage", Status: 429, RetryAfter: 30, Description: "Too Many Requests: retry after 30", Times: 2})
	_, err := c.Send(guard(t), to(ada))
	if e := channels.AsError(err); e.Scope != channels.ScopeRecipient {
		t.Errorf("first: %+v", e)
	}
	// Ada's chat is not asked again before its time.
	_, err = c.Send(guard(t), to(ada))
	if e := channels.AsError(err); e.Class != channels.RetryAfter || e.After != 30*time.Second || len(b.Calls("sendMessage")) != 1 {
		t.Errorf("again: %+v", e)
	}
	_, err = c.Send(guard(t), to(ugo))
	if e := channels.AsError(err); e.Scope != channels.ScopeAccount {
		t.Errorf("second: %+v", e)
	}
	b.at.Advance(31 * time.Second)
	mustSend(t, c, to(ada))
}

// The pace of quiet chats is forgotten, so that a broadcast to a whole town
// does not stay in memory; a chat that must still wait is not.
func TestPaceForgets(t *testing.T) {
	p := newPacer(1000)
	now := clock.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	for chat := range int64(chatsKept) {
		p.of(now, chat+1)
	}
	p.struckBy429(now, 7, time.Hour)
	now = now.Add(3 * time.Minute)
	p.of(now, 999_999)
	if len(p.chats) != 2 || p.chats[7] == nil {
		t.Errorf("%d chats remembered, want the new one and the one that waits", len(p.chats))
	}
}
