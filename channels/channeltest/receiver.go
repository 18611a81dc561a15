package channeltest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"filodiretto/channels"
)

// Receiver is one platform with one account, for RunReceiver.
type Receiver struct {
	// Open opens the account anew, as after a restart of the program.
	Open func() channels.Channel
	// Deliver makes n messages of people arrive, all different.
	Deliver func(n int)
	// Confirmed reports whether the platform believes all to be received; nil
	// for a platform that keeps no such book.
	Confirmed func() bool
	// AwaitConfirmed blocks until Confirmed would be true; nil as Confirmed.
	AwaitConfirmed func(context.Context) error
	// Redeliver makes the platform give everything again to whoever comes
	// without a cursor; nil where it always does so.
	Redeliver func()
	// Unknown makes something of a kind arrive that no program knows yet; nil
	// where there is no such thing.
	Unknown func()
	// Refuse makes the platform refuse the account's credentials.
	Refuse func()
	// Interrupt breaks the connection that is open now, or the next one.
	Interrupt func()
	Secrets   []string
}

// RunReceiver is the suite of every receiver. open is called for each test.
func RunReceiver(t *testing.T, open func(*testing.T) *Receiver) {
	t.Run("receives and parses", func(t *testing.T) { testReceives(t, open(t)) })
	t.Run("goes on where it stopped", func(t *testing.T) { testGoesOn(t, open(t)) })
	t.Run("confirms after commit only", func(t *testing.T) { testCommit(t, open(t)) })
	t.Run("same keys again", func(t *testing.T) { testSameKeys(t, open(t)) })
	t.Run("survives an interruption", func(t *testing.T) { testInterruption(t, open(t)) })
	t.Run("refused credentials", func(t *testing.T) { testRefused(t, open(t)) })
	t.Run("unknown kinds are kept", func(t *testing.T) { testUnknown(t, open(t)) })
}

// run starts Receive and gives a function that ends it and checks how it ended.
func run(t *testing.T, r *Receiver, in *Intake) (stop func()) {
	t.Helper()
	c, ok := r.Open().(channels.Receiver)
	if !ok {
		t.Fatal("the channel does not receive")
	}
	ctx, cancel := context.WithCancel(guard(t))
	done := make(chan error, 1)
	go func() { done <- c.Receive(ctx, in) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Receive ended with %v, want the context's error", err)
			}
		case <-time.After(Prompt):
			t.Error("Receive did not return after its context had ended")
		}
		checkWarnings(t, in, r.Secrets)
	}
	t.Cleanup(stop)
	return stop
}

func checkWarnings(t *testing.T, in *Intake, secrets []string) {
	t.Helper()
	for _, w := range in.Warnings() {
		CheckNoSecret(t, errors.New(w.Code+" "+w.Text), secrets)
	}
}

// await fails the test when err says that something did not come.
func await(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func testReceives(t *testing.T, r *Receiver) {
	in := NewIntake()
	stop := run(t, r, in)
	r.Deliver(3)
	raws, err := in.AwaitItems(guard(t), 3)
	await(t, err)
	await(t, in.AwaitAlive(guard(t), 1))
	stop()
	p := r.Open()
	seen := map[string]bool{}
	for _, raw := range raws {
		raw.Body, raw.Blob = in.Body(raw), ""
		items, err := p.Parse(raw)
		if err != nil || len(items) == 0 {
			t.Fatalf("Parse gave %d items, %v", len(items), err)
		}
		for _, it := range items {
			if it.Kind != channels.Message {
				t.Errorf("kind %q, want a message", it.Kind)
			}
			if it.ExternalID == "" || seen[it.ExternalID] {
				t.Error("ExternalID is empty or was there before")
			}
			seen[it.ExternalID] = true
			if it.From.Value == "" || it.ReceivedAt.IsZero() || it.BodyHash == "" {
				t.Error("sender, time or hash is missing")
			}
		}
	}
	CheckParser(t, p, raws)
}

func testGoesOn(t *testing.T, r *Receiver) {
	in := NewIntake()
	stop := run(t, r, in)
	r.Deliver(2)
	_, err := in.AwaitItems(guard(t), 2)
	await(t, err)
	stop()
	r.Deliver(2) // while nobody listens
	stop = run(t, r, in)
	_, err = in.AwaitItems(guard(t), 4)
	await(t, err)
	r.Deliver(1)
	items, err := in.AwaitItems(guard(t), 5)
	await(t, err)
	stop()
	if len(items) != 5 {
		t.Errorf("%d items, want 5", len(items))
	}
}

func testCommit(t *testing.T, r *Receiver) {
	in := NewIntake()
	in.Fail(-1, errors.New("the disk is full"))
	stop := run(t, r, in)
	r.Deliver(2)
	await(t, in.AwaitRefused(guard(t), 2))
	if r.Confirmed != nil && r.Confirmed() {
		t.Error("the platform was told that items were received which were not committed")
	}
	if n := len(in.Items()); n != 0 {
		t.Errorf("%d items although every commit failed", n)
	}
	in.Heal()
	_, err := in.AwaitItems(guard(t), 2)
	await(t, err)
	stop()
	if n := len(in.Items()); n != 2 {
		t.Errorf("%d items after the commit worked again, want 2", n)
	}
}

func testSameKeys(t *testing.T, r *Receiver) {
	in := NewIntake()
	stop := run(t, r, in)
	r.Deliver(3)
	first, err := in.AwaitItems(guard(t), 3)
	await(t, err)
	if r.AwaitConfirmed != nil {
		await(t, r.AwaitConfirmed(guard(t)))
	}
	stop()
	if r.Redeliver != nil {
		r.Redeliver()
	}
	again := NewIntake() // with no cursor: everything comes again
	stop = run(t, r, again)
	second, err := again.AwaitItems(guard(t), 3)
	await(t, err)
	stop()
	if a, b := keys(first), keys(second); !slices.Equal(a, b) {
		t.Errorf("dedup keys changed from %v to %v", a, b)
	}
}

func keys(raws []channels.Raw) []string {
	var out []string
	for _, r := range raws {
		out = append(out, r.DedupKey)
	}
	slices.Sort(out)
	return out
}

func testInterruption(t *testing.T, r *Receiver) {
	if r.Interrupt == nil {
		t.Log("this platform keeps no connection that could break")
		return
	}
	in := NewIntake()
	ctx, cancel := context.WithCancel(guard(t))
	defer cancel()
	c, _ := r.Open().(channels.Receiver)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// The contract's caller: it calls again until ctx ends.
		for ctx.Err() == nil {
			if err := c.Receive(ctx, in); ctx.Err() == nil {
				checkError(t, err, r.Secrets)
			}
		}
	}()
	r.Deliver(1)
	_, err := in.AwaitItems(guard(t), 1)
	await(t, err)
	r.Interrupt()
	r.Deliver(2)
	items, err := in.AwaitItems(guard(t), 3)
	await(t, err)
	if len(items) != 3 {
		t.Errorf("%d items, want 3", len(items))
	}
	cancel()
	<-ended
}

func testRefused(t *testing.T, r *Receiver) {
	r.Refuse()
	in := NewIntake()
	c, _ := r.Open().(channels.Receiver)
	done := make(chan error, 1)
	ctx := guard(t)
	go func() { done <- c.Receive(ctx, in) }()
	err := <-done
	checkError(t, err, r.Secrets)
	if e := channels.AsError(err); e == nil || e.Class != channels.AuthBroken {
		t.Errorf("Receive ended with %v, want class %q", err, channels.AuthBroken)
	}
	checkWarnings(t, in, r.Secrets)
}

func testUnknown(t *testing.T, r *Receiver) {
	if r.Unknown == nil {
		t.Log("this platform has no kinds of items")
		return
	}
	in := NewIntake()
	// Before the first poll: from then on a platform may leave out the kinds
	// that were not asked for.
	r.Unknown()
	r.Deliver(1)
	stop := run(t, r, in)
	raws, err := in.AwaitItems(guard(t), 2)
	await(t, err)
	stop()
	unsupported := 0
	for _, raw := range raws {
		raw.Body, raw.Blob = in.Body(raw), ""
		items, err := r.Open().Parse(raw)
		if err != nil || len(items) == 0 {
			t.Errorf("Parse gave %d items, %v", len(items), err)
		}
		for _, it := range items {
			if it.Kind == channels.Unsupported {
				unsupported++
			}
		}
	}
	if unsupported != 1 {
		t.Errorf("%d items of kind %q, want 1", unsupported, channels.Unsupported)
	}
	CheckParser(t, r.Open(), raws)
}
