package standin_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"filodiretto/channels/telegram/standin"
)

func offset(n int64) url.Values { return url.Values{"offset": {fmt.Sprint(n)}} }

// step moves the clock past the rules about polls in quick succession.
func (w *world) step() { w.at.Advance(4 * time.Second) }

func TestOffsetConfirms(t *testing.T) {
	w := newWorld(t, standin.Options{FirstUpdateID: 100})
	for range 5 {
		w.Say(ada, "x")
	}
	for _, c := range []struct {
		offset int64
		want   []int64
	}{
		{0, []int64{100, 101, 102, 103, 104}}, // confirms nothing
		{102, []int64{102, 103, 104}},         // confirms 100 and 101
		{0, []int64{102, 103, 104}},
		{100, []int64{102, 103, 104}},  // long gone: from the head
		{9999, []int64{102, 103, 104}}, // far in the future: from the head, nothing confirmed
		{-2, []int64{103, 104}},        // forgets all but the last two
		{-9, []int64{103, 104}},
		{0, []int64{103, 104}},
		{105, nil}, // confirms all
		{0, nil},
	} {
		w.step()
		if got := w.ids(t, offset(c.offset)); !slices.Equal(got, c.want) {
			t.Errorf("offset %d: got %v, want %v", c.offset, got, c.want)
		}
	}
	if w.Pending() != 0 {
		t.Errorf("%d pending", w.Pending())
	}
}

func TestLimit(t *testing.T) {
	w := newWorld(t, standin.Options{})
	for range 120 {
		w.Say(ada, "x")
	}
	for limit, want := range map[string]int{"": 100, "7": 7, "0": 100, "500": 100} {
		w.step()
		if got := len(w.ids(t, url.Values{"limit": {limit}})); got != want {
			t.Errorf("limit %q: %d updates, want %d", limit, got, want)
		}
	}
}

// The same offset again within half a second gets one update.
func TestHastyPollGetsOne(t *testing.T) {
	w := newWorld(t, standin.Options{})
	for range 3 {
		w.Say(ada, "x")
	}
	w.step()
	if n := len(w.ids(t, nil)); n != 3 {
		t.Errorf("first: %d", n)
	}
	w.at.Advance(400 * time.Millisecond)
	if n := len(w.ids(t, nil)); n != 1 {
		t.Errorf("too soon: %d", n)
	}
	w.at.Advance(600 * time.Millisecond)
	if n := len(w.ids(t, nil)); n != 3 {
		t.Errorf("later: %d", n)
	}
}

func TestPollWakes(t *testing.T) {
	w := newWorld(t, standin.Options{})
	got := make(chan []int64, 1)
	go func() { got <- w.ids(t, url.Values{"timeout": {"50"}}) }()
	if err := w.AwaitPolling(guard(t)); err != nil {
		t.Fatal(err)
	}
	told := w.Say(ada, "sveglia")
	if ids := <-got; !slices.Equal(ids, []int64{told.UpdateID}) {
		t.Errorf("got %v", ids)
	}
}

func TestSecondPollEndsTheFirst(t *testing.T) {
	w := newWorld(t, standin.Options{})
	first := make(chan answer, 1)
	go func() { first <- w.call(guard(t), t, "getUpdates", url.Values{"timeout": {"50"}}) }()
	if err := w.AwaitPolling(guard(t)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(guard(t))
	second := make(chan answer, 1)
	go func() { second <- w.call(ctx, t, "getUpdates", url.Values{"timeout": {"50"}, "offset": {"1"}}) }()
	const want = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
	if a := <-first; a.Status != 409 || a.Code != 409 || a.Text != want {
		t.Errorf("first poll: %d %s", a.Code, a.Text)
	}
	// setWebhook ends the second one.
	if err := w.AwaitPolling(guard(t)); err != nil {
		t.Fatal(err)
	}
	if a := w.call(guard(t), t, "setWebhook", url.Values{"url": {"https://hook.example.org"}}); !a.OK || a.Text != "Webhook was set" {
		t.Errorf("setWebhook: %+v", a)
	}
	if a := <-second; a.Code != 409 || a.Text != "Conflict: terminated by setWebhook request" {
		t.Errorf("second poll: %d %s", a.Code, a.Text)
	}
	cancel()
}

func TestUpdatesExpire(t *testing.T) {
	w := newWorld(t, standin.Options{})
	w.Say(ada, "vecchio")
	press := w.PressForged(ada, 3, "x")
	w.at.Advance(149 * time.Second)
	if n := len(w.ids(t, nil)); n != 2 {
		t.Errorf("%d updates, want 2", n)
	}
	w.at.Advance(5 * time.Second)
	if n := len(w.ids(t, nil)); n != 1 {
		t.Errorf("%d updates after 150 s: the press is still there", n)
	}
	if a := w.call(guard(t), t, "answerCallbackQuery", url.Values{"callback_query_id": {press}}); a.Code != 400 {
		t.Errorf("answer to an old press: %+v", a)
	}
	w.at.Advance(24 * time.Hour)
	if n := len(w.ids(t, nil)); n != 0 {
		t.Errorf("%d updates after a day", n)
	}
}

func TestNumbersBeginAnewAfterAWeek(t *testing.T) {
	w := newWorld(t, standin.Options{FirstUpdateID: 500})
	w.Say(ada, "x")
	w.ids(t, offset(501))
	w.at.Advance(6 * 24 * time.Hour)
	if told := w.Say(ada, "x"); told.UpdateID != 501 {
		t.Errorf("after six days: %d", told.UpdateID)
	}
	w.ids(t, offset(502))
	w.at.Advance(7 * 24 * time.Hour)
	if told := w.Say(ada, "x"); told.UpdateID == 502 {
		t.Error("after a week the numbers went on")
	}
	// The old offset finds the new update all the same.
	w.step()
	if n := len(w.ids(t, offset(502))); n != 1 {
		t.Errorf("%d updates", n)
	}
}

func TestAllowedUpdates(t *testing.T) {
	w := newWorld(t, standin.Options{})
	reaction := []byte(`{"date":1}`)
	if w.Inject("message_reaction", reaction) != 0 {
		t.Error("reactions come unasked")
	}
	w.ids(t, url.Values{"allowed_updates": {`["message_reaction"]`}})
	if w.Inject("message_reaction", reaction) == 0 || w.Say(ada, "x").UpdateID != 0 {
		t.Error("the list is not obeyed")
	}
	w.ids(t, nil) // omitted: as before
	if w.Say(ada, "x").UpdateID != 0 {
		t.Error("omitting the list changed it")
	}
	w.ids(t, url.Values{"allowed_updates": {`[]`}})
	if w.Say(ada, "x").UpdateID == 0 || w.Inject("message_reaction", reaction) != 0 {
		t.Error("the empty list is not the default")
	}
}

func TestRedeliver(t *testing.T) {
	w := newWorld(t, standin.Options{FirstUpdateID: 10})
	w.Say(ada, "uno")
	w.Say(ada, "due")
	w.ids(t, offset(12))
	w.Say(ada, "tre")
	w.Redeliver(1)
	w.step()
	if got := w.ids(t, offset(0)); !slices.Equal(got, []int64{11, 12}) {
		t.Errorf("got %v", got)
	}
}

func TestOvertake(t *testing.T) {
	w := newWorld(t, standin.Options{FirstUpdateID: 10})
	w.Say(ada, "uno")
	w.PressForged(ada, 3, "x")
	w.Overtake()
	a := w.call(guard(t), t, "getUpdates", nil)
	if got, want := string(a.Result[:40]), `[{"callback_query":`; got[:len(want)] != want {
		t.Errorf("got %s", a.Result)
	}
	if got := w.Pending(); got != 2 {
		t.Errorf("%d pending", got)
	}
}
