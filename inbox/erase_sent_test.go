package inbox

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"filodiretto/channels"
)

// Rule 60: an answer that comes back for a reason that may pass is not sent again once its
// contents are erased; that it did not arrive is told at once, since nobody would learn it.
func TestRule60WhatComesBackAfterItWasErasedFailed(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		newErasure(t, e)
		s := e.sender(e.mail)
		k := e.writes(e.mail, "lucia@example.org", "C'è una buca")
		r := e.sent(k)
		must(t, e.Erase(t.Context(), e.giulia, r.Message.ID, EraseMistaken, "a chi non doveva"))
		was := len(s.got)
		back := channels.DeliveryReport{MessageID: r.Message.ExternalID, Recipient: r.Deliveries[0].Address, State: "failed", Code: "5.2.2", Confident: true}
		if left := e.reports(e.mail, back); len(left) != 0 {
			t.Fatal(left)
		}
		for range 3 {
			e.manual.Advance(7 * time.Hour)
			e.deliver(e.mail)
		}
		d := e.delivery(r.Deliveries[0].ID)
		if len(s.got) != was || d.State != Expired || !e.theCase(k.c.ID).Failed {
			t.Errorf("sent %d times more, it is %s %s, the case is told of it: %v", len(s.got)-was, d.State, d.Code, e.theCase(k.c.ID).Failed)
		}
	})
}

// Nobody lets leave again what was erased: there is nothing to send, and what is known of
// it would be lost.
func TestWhatWasErasedIsNotTriedAgain(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		newErasure(t, e)
		s := e.sender(e.mail)
		for _, state := range []State{Unknown, Failed, Expired} {
			k := e.writes(e.mail, string(state)+"@example.org", "C'è una buca")
			r := e.sent(k)
			e.exec(t, "UPDATE deliveries SET state = ? WHERE message_id = ?", string(state), r.Message.ID)
			must(t, e.Erase(t.Context(), e.giulia, r.Message.ID, EraseMistaken, "a chi non doveva"))
			was := len(s.got)
			want := (&InvalidError{"message", "erased"}).Error()
			if err := e.RetryDelivery(t.Context(), e.giulia, r.Deliveries[0].ID); fmt.Sprint(err) != want {
				t.Errorf("%s, tried again: %v", state, err)
			}
			if err := e.ResendUnknown(t.Context(), e.giulia, r.Deliveries[0].ID); state == Unknown && fmt.Sprint(err) != want || state != Unknown && !errors.Is(err, ErrChanged) {
				t.Errorf("%s, sent again: %v", state, err)
			}
			e.deliver(e.mail)
			if d := e.delivery(r.Deliveries[0].ID); len(s.got) != was || d.State != state {
				t.Errorf("%s: sent %d times more, it is %s %s", state, len(s.got)-was, d.State, d.Code)
			}
		}
	})
}
