package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/channeltest"
	"filodiretto/channels/telegram/standin"
)

// receive runs Receive until the test ends; what it returned comes on the channel.
func receive(t testing.TB, c *Channel, in channels.Intake) <-chan error {
	t.Helper()
	ctx, cancel := context.WithCancel(guard(t))
	done := make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		done <- c.Receive(ctx, in)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return done
}

func TestReceiveKeepsTheBytes(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	// White space, order, escapes and unknown fields as no encoder writes them.
	odd := func(id int64) []byte {
		return fmt.Appendf(nil, "{ \"message\" : {\"text\":\"\\u0063iao <b>\",\"message_id\":3, \"date\":1795200000,\n\"chat\":{\"id\":5,\"type\":\"private\"},\"nuovo\":1.50e0},\t\"update_id\":%d }", id)
	}
	id := b.InjectRaw(odd)
	in := channeltest.NewIntake()
	receive(t, b.open(t), in)
	items, err := in.AwaitItems(guard(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if string(items[0].Body) != string(odd(id)) {
		t.Errorf("the bytes changed:\n%s\n%s", odd(id), items[0].Body)
	}
	if items[0].ReceivedAt.Time().Unix() != 1795200000 {
		t.Errorf("received at %v, want the message's date", items[0].ReceivedAt.Time())
	}
}

func TestReceiveWithoutUpdateID(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	b.InjectRaw(func(int64) []byte { return []byte(`{"strano":true}`) })
	in := channeltest.NewIntake()
	receive(t, b.open(t), in)
	items, err := in.AwaitItems(guard(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(items[0].DedupKey, "sha256:") {
		t.Errorf("key %q", items[0].DedupKey)
	}
	if _, err := in.AwaitWarning(guard(t), WarnNoUpdateID); err != nil {
		t.Error(err)
	}
	// The next one has a number, and confirms both.
	b.Say(ada, "ciao")
	if _, err := in.AwaitItems(guard(t), 2); err != nil {
		t.Error(err)
	}
	if err := b.AwaitConfirmed(guard(t)); err != nil {
		t.Error(err)
	}
}

func TestReceiveNewNumbersAfterAWeek(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	in := channeltest.NewIntake()
	b.Say(ada, "prima")
	receive(t, b.open(t), in)
	if _, err := in.AwaitItems(guard(t), 1); err != nil {
		t.Fatal(err)
	}
	if err := b.AwaitConfirmed(guard(t)); err != nil {
		t.Fatal(err)
	}
	b.at.Advance(8 * 24 * time.Hour)
	told := b.Say(ada, "dopo una settimana")
	if told.UpdateID == 700002 {
		t.Fatal("the stand-in went on counting")
	}
	if _, err := in.AwaitItems(guard(t), 2); err != nil {
		t.Error(err)
	}
	if err := b.AwaitConfirmed(guard(t)); err != nil {
		t.Error(err)
	}
}

func TestReceiveBadCursor(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	b.Say(ada, "ciao")
	in := channeltest.NewIntake()
	if err := in.Accept(t.Context(), channels.Batch{Stream: stream, Cursor: []byte("non un numero")}); err != nil {
		t.Fatal(err)
	}
	receive(t, b.open(t), in)
	if _, err := in.AwaitWarning(guard(t), WarnCursor); err != nil {
		t.Error(err)
	}
	if _, err := in.AwaitItems(guard(t), 1); err != nil {
		t.Error(err)
	}
}

func TestReceiveCursorIsNextOffset(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	in := channeltest.NewIntake()
	told := b.Say(ada, "uno")
	receive(t, b.open(t), in)
	want := fmt.Sprint(told.UpdateID + 1)
	if err := in.AwaitCursor(guard(t), stream, func(c []byte) bool { return string(c) == want }); err != nil {
		t.Error(err)
	}
}

func TestReceiveAnswersPresses(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	in := channeltest.NewIntake()
	receive(t, b.open(t), in)
	press := b.PressForged(ada, 77, "t:1:x")
	if err := b.AwaitAnswered(guard(t), press); err != nil {
		t.Fatal(err)
	}
	if len(in.Items()) != 1 {
		t.Error("the spinner ended before the press was committed")
	}
}

func TestReceiveLatePressIsNoTrouble(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	in := channeltest.NewIntake()
	b.Fail(standin.Fault{Method: "answerCallbackQuery", Status: 400, Description: "Bad Request: query is too old and response timeout expired or query ID is invalid"})
	done := receive(t, b.open(t), in)
	b.PressForged(ada, 77, "t:1:x")
	b.Say(ada, "e poi")
	if _, err := in.AwaitItems(guard(t), 2); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		t.Errorf("Receive ended: %v", err)
	default:
	}
}

func TestReceiveSecondPoller(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	in := channeltest.NewIntake()
	done := receive(t, b.open(t), in)
	if _, err := b.AwaitCalls(guard(t), "getUpdates", 1); err != nil {
		t.Fatal(err)
	}
	b.Fail(standin.Fault{Method: "getUpdates", Status: 409, Description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", Times: 2})
	b.Say(ada, "sveglia") // ends the poll under way
	if _, err := in.AwaitWarning(guard(t), WarnSecondPoller); err != nil {
		t.Fatal(err)
	}
	b.Say(ada, "ancora")
	if _, err := in.AwaitItems(guard(t), 2); err != nil {
		t.Fatal(err)
	}
	if n := len(in.Warnings()); n != 1 {
		t.Errorf("%d warnings of one conflict: %v", n, in.Warnings())
	}
	select {
	case err := <-done:
		t.Errorf("Receive ended: %v", err)
	default:
	}
}

// TestReceiveTwoPollers runs two for real: each sees the 409 of the other.
func TestReceiveTwoPollers(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	first, second := channeltest.NewIntake(), channeltest.NewIntake()
	receive(t, b.open(t), first)
	if _, err := b.AwaitCalls(guard(t), "getUpdates", 1); err != nil {
		t.Fatal(err)
	}
	receive(t, b.open(t), second)
	if _, err := first.AwaitWarning(guard(t), WarnSecondPoller); err != nil {
		t.Error(err)
	}
}

func TestReceiveWebhookSet(t *testing.T) {
	for name, when := range map[string]func(*bench){
		"before": func(b *bench) { setWebhook(t, b) },
		"during": func(b *bench) {
			if _, err := b.AwaitCalls(guard(t), "getUpdates", 1); err != nil {
				t.Error(err)
			}
			setWebhook(t, b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, standin.Limits{Off: true})
			in := channeltest.NewIntake()
			var done <-chan error
			if name == "before" {
				when(b)
				done = receive(t, b.open(t), in)
			} else {
				done = receive(t, b.open(t), in)
				when(b)
			}
			err := <-done
			e := channels.AsError(err)
			if e.Code != codeWebhook || !strings.Contains(e.Text, "hook.example.org") || !strings.Contains(e.Text, "deleteWebhook") {
				t.Errorf("the error does not name place and remedy: %v", err)
			}
			if strings.Contains(e.Text, "segreto") {
				t.Error("the error shows the webhook's secret path")
			}
			if _, err := in.AwaitWarning(guard(t), WarnWebhook); err != nil {
				t.Error(err)
			}
		})
	}
}

// setWebhook sets a webhook as another program would.
func setWebhook(t *testing.T, b *bench) {
	t.Helper()
	c := b.open(t)
	if err := c.api.ask(guard(t), "setWebhook", map[string]string{"url": "https://hook.example.org/segreto"}, nil); err != nil {
		t.Fatal(err)
	}
}

func TestReceiveHonours429(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	b.Fail(standin.Fault{Method: "getUpdates", Status: 429, Description: "Too Many Requests: retry after 17", RetryAfter: 17})
	c := b.open(t)
	var waits []time.Duration
	c.pause = func(ctx context.Context, d time.Duration) error {
		waits = append(waits, d)
		return ctx.Err()
	}
	in := channeltest.NewIntake()
	receive(t, c, in)
	b.Say(ada, "ciao")
	if _, err := in.AwaitItems(guard(t), 1); err != nil {
		t.Fatal(err)
	}
	if len(waits) != 1 || waits[0] != 17*time.Second {
		t.Errorf("waited %v, want 17s once", waits)
	}
}

func TestReceiveBacksOff(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	b.Fail(standin.Fault{Method: "getUpdates", Status: 500, Description: "Internal Server Error: restart", Times: 8})
	c := b.open(t)
	var waits []time.Duration
	c.pause = func(ctx context.Context, d time.Duration) error {
		waits = append(waits, d)
		return ctx.Err()
	}
	in := channeltest.NewIntake()
	receive(t, c, in)
	b.Say(ada, "ciao")
	if _, err := in.AwaitItems(guard(t), 1); err != nil {
		t.Fatal(err)
	}
	want := "[1s 2s 4s 8s 16s 32s 1m0s 1m0s]"
	if got := fmt.Sprint(waits); got != want {
		t.Errorf("waited %s, want %s", got, want)
	}
	// After trouble the batches are small until one gets through.
	calls := b.Calls("getUpdates")
	if calls[1].Params["limit"] != "25" || calls[4].Params["limit"] != "1" {
		t.Errorf("limits %s and %s, want 25 and 1", calls[1].Params["limit"], calls[4].Params["limit"])
	}
}

func TestReceiveWarnsOfSilence(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	b.Fail(standin.Fault{Method: "getUpdates", Status: 502, Description: "Bad Gateway", Times: -1})
	c := b.open(t)
	c.pause = func(ctx context.Context, _ time.Duration) error {
		b.at.Advance(time.Hour)
		return ctx.Err()
	}
	in := channeltest.NewIntake()
	receive(t, c, in)
	text, err := in.AwaitWarning(guard(t), WarnSilence)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "12 hours") {
		t.Errorf("the warning came late or does not say for how long: %q", text)
	}
	b.ClearFaults()
	if err := in.AwaitAlive(guard(t), 0); err != nil {
		t.Fatal(err)
	}
	if n := len(in.Warnings()); n != 1 {
		t.Errorf("%d warnings of one silence", n)
	}
}

func TestReceiveAsksForItsKindsOnly(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	receive(t, b.open(t), channeltest.NewIntake())
	calls, err := b.AwaitCalls(guard(t), "getUpdates", 1)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	if err := json.Unmarshal([]byte(calls[0].Params["allowed_updates"]), &kinds); err != nil || len(kinds) != 4 {
		t.Errorf("allowed_updates %q", calls[0].Params["allowed_updates"])
	}
	if calls[0].Params["timeout"] != "20" {
		t.Errorf("timeout %q, want the setting", calls[0].Params["timeout"])
	}
}

func TestReceiveAlbum(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	in := channeltest.NewIntake()
	c := b.open(t)
	receive(t, c, in)
	b.SendAlbum(ada, "due foto della buca", picture(t, 40, 30), picture(t, 30, 40))
	raws, err := in.AwaitItems(guard(t), 2)
	if err != nil {
		t.Fatal(err)
	}
	var groups []string
	for _, raw := range raws {
		items, err := c.Parse(raw)
		if err != nil || len(items[0].Parts) != 1 {
			t.Fatalf("Parse: %v", err)
		}
		groups = append(groups, items[0].GroupKey)
	}
	if groups[0] == "" || groups[0] != groups[1] {
		t.Errorf("groups %q", groups)
	}
}

func TestProbe(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	if err := b.open(t).Probe(guard(t)); err != nil {
		t.Errorf("a good account: %v", err)
	}
	setWebhook(t, b)
	if e := channels.AsError(b.open(t).Probe(guard(t))); e == nil || e.Code != codeWebhook {
		t.Errorf("with a webhook: %v", e)
	}
	b.set["token"] = "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	err := b.open(t).Probe(guard(t))
	if e := channels.AsError(err); e == nil || e.Class != channels.AuthBroken || !strings.Contains(e.Text, "@BotFather") {
		t.Errorf("with a wrong token: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.open(t).Probe(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}
