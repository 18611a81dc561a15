package live

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"filodiretto/internal/testserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// machine is one process with a hub, bridged through the same Redis.
type machine struct {
	*Hub
	bridge *Redis
	events <-chan Event
	stop   func()
}

func dial(t *testing.T, address string) *redis.Client {
	t.Helper()
	client, err := Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// startMachine bridges a new hub and waits until it is connected.
func startMachine(t *testing.T, address string) *machine {
	t.Helper()
	m := prepareMachine(t, address)
	m.run(t)
	until(t, m.events, TopicResync, 0) // told at each connection
	return m
}

func prepareMachine(t *testing.T, address string) *machine {
	t.Helper()
	m := &machine{Hub: &Hub{}}
	m.bridge = NewRedis(m.Hub, dial(t, address), "test:", slog.New(slog.DiscardHandler))
	m.bridge.pulse = 20 * time.Millisecond
	m.events, _ = m.Subscribe(nil)
	t.Cleanup(m.Close)
	return m
}

func (m *machine) run(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := m.bridge.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Run ended with %v", err)
		}
	})
	m.stop = func() { cancel(); running.Wait() }
	t.Cleanup(m.stop)
}

func TestBridgeBothWaysAndOnce(t *testing.T) {
	server := testserver.Redis(t)
	a, b := startMachine(t, server.URL()), startMachine(t, server.URL())
	if !a.bridge.Up() {
		t.Error("a connected bridge says it is not up")
	}
	sent := Event{Topic: "case", ID: 1, Version: 7, Office: 3, Kind: "assigned", Data: map[string]string{"to": "5"}}
	a.Publish(sent)
	got := next(t, b.events)
	if got.Version != 7 || got.Office != 3 || got.Kind != "assigned" || got.Data["to"] != "5" {
		t.Errorf("%+v arrives as %+v", sent, got)
	}
	b.Publish(Event{Topic: "case", ID: 2})
	if passed := ids(until(t, a.events, "case", 2)); !slices.Equal(passed, []int64{1}) {
		t.Errorf("a machine saw its own event %v times", passed)
	}
	if passed := until(t, b.events, "case", 2); len(passed) != 0 {
		t.Errorf("extra events %+v", passed)
	}
}

func TestRedisRestartedResyncsPages(t *testing.T) {
	server := testserver.Redis(t)
	a, b := startMachine(t, server.URL()), startMachine(t, server.URL())
	server.Halt()
	a.Publish(Event{Topic: "case", ID: 1}) // b cannot know
	if e := next(t, a.events); e.ID != 1 {
		t.Errorf("without Redis, the own pages got %+v", e)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, a.events, TopicResync, 0)
	until(t, b.events, TopicResync, 0)
	// Both talk again. What a owes may come as further resyncs, never as nothing.
	meet(t, a, b)
}

// meet publishes from a until b hears it, as the bridges connect one after the
// other, and checks that the other way works as well.
func meet(t *testing.T, a, b *machine) {
	t.Helper()
	for id := int64(100); ; id++ {
		a.Publish(Event{Topic: "case", ID: id})
		select {
		case e := <-b.events:
			if e.Topic == TopicResync {
				continue
			}
			b.Publish(Event{Topic: "case", ID: -1})
			until(t, a.events, "case", -1)
			return
		case <-time.After(100 * time.Millisecond): // not connected yet: say it again
		}
		if id > 300 {
			t.Fatal("the machines do not find each other again")
		}
	}
}

func TestRedisEmptiedResyncsPages(t *testing.T) {
	server := testserver.Redis(t)
	a, b := startMachine(t, server.URL()), startMachine(t, server.URL())
	if err := dial(t, server.URL()).FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	until(t, a.events, TopicResync, 0)
	until(t, b.events, TopicResync, 0)
	a.Publish(Event{Topic: "case", ID: 1})
	until(t, b.events, "case", 1) // and the connection held
}

// TestRedisSilentIsNoticed freezes Redis: connections stay, answers do not come.
func TestRedisSilentIsNoticed(t *testing.T) {
	server := testserver.Redis(t)
	proxy, err := testserver.StartProxy(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	a := startMachine(t, "redis://"+proxy.Addr()+"/0")
	b := startMachine(t, server.URL())
	proxy.Freeze()
	b.Publish(Event{Topic: "case", ID: 1}) // a cannot hear it
	until(t, b.events, "case", 1)
	deadline, look := time.After(patienceOfTests), time.NewTicker(5*time.Millisecond)
	defer look.Stop()
	for a.bridge.Up() {
		select {
		case <-look.C:
		case <-deadline:
			t.Fatal("nobody notices that Redis is silent")
		}
	}
	proxy.Thaw()
	until(t, a.events, TopicResync, 0)
	meet(t, b, a)
}

// TestStartsWithoutRedis runs the bridge before there is a server.
func TestStartsWithoutRedis(t *testing.T) {
	server := testserver.Redis(t)
	server.Halt()
	a := prepareMachine(t, server.URL())
	a.run(t)
	a.Publish(Event{Topic: "case", ID: 1})
	if e := next(t, a.events); e.ID != 1 {
		t.Errorf("without Redis, the own pages got %+v", e)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, a.events, TopicResync, 0)
	meet(t, a, startMachine(t, server.URL()))
}

// TestTooMuchBecomesOneResync fills the outbox while nothing leaves.
func TestTooMuchBecomesOneResync(t *testing.T) {
	server := testserver.Redis(t)
	b := startMachine(t, server.URL())
	a := prepareMachine(t, server.URL()) // not running yet
	for id := range int64(outbox + 1) {
		a.Publish(Event{Topic: "case", ID: id + 1})
	}
	a.run(t)
	if e := next(t, b.events); e.Topic != TopicResync {
		t.Errorf("the other machine first gets %+v", e)
	}
}

func TestStrangeMessagesAreIgnored(t *testing.T) {
	server := testserver.Redis(t)
	a := startMachine(t, server.URL())
	client := dial(t, server.URL())
	for _, text := range []string{"", "x", "{}", `{"node":"z","event":{}}`, "[1]", strings.Repeat("{", 5000)} {
		if err := client.Publish(t.Context(), "test:live", text).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.Publish(t.Context(), "test:live", `{"node":"z","event":{"topic":"case","id":9}}`).Err(); err != nil {
		t.Fatal(err)
	}
	if passed := until(t, a.events, "case", 9); len(passed) != 0 {
		t.Errorf("strange messages became %+v", passed)
	}
}

func TestLastEventsLeaveAtShutdown(t *testing.T) {
	server := testserver.Redis(t)
	a, b := startMachine(t, server.URL()), startMachine(t, server.URL())
	for id := range int64(50) {
		a.Publish(Event{Topic: "case", ID: id + 1})
	}
	a.stop()
	if passed := until(t, b.events, "case", 50); len(passed) != 49 {
		t.Errorf("%d of 49 events arrived before the last", len(passed))
	}
}

func TestDialHidesThePassword(t *testing.T) {
	for _, bad := range []string{"", "redis", "http://u:hunter2@h", "redis://:hunter2@h:port/0", "redis://:hun%ter2@h/0", "redis://:hunter2@h/notanumber"} {
		client, err := Dial(bad)
		if err == nil {
			t.Errorf("%q is taken", bad)
			_ = client.Close()
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestLogsHoldNoPassword(t *testing.T) {
	server := testserver.Redis(t)
	server.Halt()
	var out bytes.Buffer
	client := dial(t, strings.Replace(server.URL(), "redis://", "redis://:hunter2@", 1))
	r := NewRedis(&Hub{}, client, "", slog.New(slog.NewTextHandler(&out, nil)))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := r.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run ended with %v", err)
	}
	if text := out.String(); !strings.Contains(text, "not reached") || strings.Contains(text, "hunter2") {
		t.Errorf("log: %s", text)
	}
}
