package live

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"filodiretto/internal/clock"
	"filodiretto/internal/testserver"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestPresenceInMemory(t *testing.T) {
	clk := clock.NewManual(noon)
	var h Hub
	events, cancel := h.Subscribe(nil)
	defer cancel()
	p := NewPresence(clk, &h, nil, "")
	at := func(d time.Duration) clock.Instant { return clock.At(noon).Add(d) }
	check := func(step string, want map[int64][]Present) {
		t.Helper()
		if diff := cmp.Diff(want, p.List(t.Context(), []int64{1, 2})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step, diff)
		}
	}
	p.Touch(t.Context(), 1, 10, "Lucia", Looking)
	p.Touch(t.Context(), 1, 11, "Anna", Writing)
	p.Touch(t.Context(), 3, 10, "Lucia", Looking)
	check("just now", map[int64][]Present{1: {{11, "Anna", Writing, at(10 * time.Second)}, {10, "Lucia", Looking, at(30 * time.Second)}}})
	clk.Advance(10 * time.Second)
	check("who stops writing still looks", map[int64][]Present{1: {{11, "Anna", Looking, at(30 * time.Second)}, {10, "Lucia", Looking, at(30 * time.Second)}}})
	p.Touch(t.Context(), 1, 10, "Lucia", Looking)
	clk.Advance(20 * time.Second)
	check("who is silent goes", map[int64][]Present{1: {{10, "Lucia", Looking, at(40 * time.Second)}}})
	p.Touch(t.Context(), 1, 10, "Lucia", Gone)
	check("who says so goes at once", map[int64][]Present{})
	h.Resync()
	var kinds []string
	for _, e := range until(t, events, TopicResync, 0) {
		kinds = append(kinds, e.Data["operator"]+" "+e.Kind)
	}
	if diff := cmp.Diff([]string{"10 looking", "11 writing", "10 looking", "10 gone"}, kinds); diff != "" {
		t.Errorf("only changes are told (-want +got):\n%s", diff)
	}
}

func TestPresenceForgets(t *testing.T) {
	clk := clock.NewManual(noon)
	p := NewPresence(clk, &Hub{}, nil, "")
	for id := range int64(100) {
		p.Touch(t.Context(), id, 1, "Lucia", Looking)
	}
	clk.Advance(2 * LookingFor)
	p.Touch(t.Context(), 500, 1, "Lucia", Looking)
	if len(p.cases) != 1 {
		t.Errorf("%d cases are kept in memory", len(p.cases))
	}
}

func TestPresenceThroughRedis(t *testing.T) {
	server := testserver.Redis(t)
	clk := clock.NewManual(noon)
	var hubA, hubB Hub
	events, cancel := hubA.Subscribe(nil)
	defer cancel()
	a := NewPresence(clk, &hubA, dial(t, server.URL()), "test:")
	b := NewPresence(clk, &hubB, dial(t, server.URL()), "test:")
	a.Touch(t.Context(), 1, 10, "Lucia", Looking)
	b.Touch(t.Context(), 1, 11, "Anna", Writing)
	both := map[int64][]Present{1: {
		{11, "Anna", Writing, clock.At(noon).Add(WritingFor)}, {10, "Lucia", Looking, clock.At(noon).Add(LookingFor)},
	}}
	for name, p := range map[string]*Presence{"a": a, "b": b} {
		if diff := cmp.Diff(both, p.List(t.Context(), []int64{1, 2})); diff != "" {
			t.Errorf("%s sees (-want +got):\n%s", name, diff)
		}
	}
	// The same operator moves to a page served by the other machine: no change.
	clk.Advance(time.Second)
	b.Touch(t.Context(), 1, 10, "Lucia", Looking)
	a.Touch(t.Context(), 1, 10, "Lucia", Looking)
	hubA.Resync()
	if passed := until(t, events, TopicResync, 0); len(passed) != 1 {
		t.Errorf("told %+v", passed)
	}
	b.Touch(t.Context(), 1, 11, "Anna", Gone)
	if got := a.List(t.Context(), []int64{1})[1]; len(got) != 1 || got[0].Operator != 10 {
		t.Errorf("a still sees %+v", got)
	}
}

// TestPresenceWithoutRedis empties Redis and takes it away: each machine knows
// its own people, and pages do not wait.
func TestPresenceWithoutRedis(t *testing.T) {
	server := testserver.Redis(t)
	clk := clock.NewManual(noon)
	client := dial(t, server.URL())
	p := NewPresence(clk, &Hub{}, client, "test:")
	p.Touch(t.Context(), 1, 10, "Lucia", Looking)
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if got := p.List(t.Context(), []int64{1})[1]; len(got) != 1 {
		t.Errorf("after Redis was emptied: %+v", got)
	}
	server.Halt()
	p.Touch(t.Context(), 1, 11, "Anna", Looking)
	if got := p.List(t.Context(), []int64{1})[1]; len(got) != 2 {
		t.Errorf("without Redis: %+v", got)
	}
	if p.hasRedis() {
		t.Error("every page waits for a Redis that is away")
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	clk.Advance(respite)
	p.Touch(t.Context(), 1, 11, "Anna", Looking)
	other := NewPresence(clk, &Hub{}, client, "test:")
	if got := other.List(t.Context(), []int64{1})[1]; len(got) != 1 || got[0].Operator != 11 {
		t.Errorf("when Redis is back, the others see %+v", got)
	}
}

func FuzzReadSign(f *testing.F) {
	f.Add(`{"name":"Lucia","does":"writing","at":"2026-03-02T12:00:00Z"}`)
	f.Add(`{"does":7}`)
	f.Fuzz(func(t *testing.T, text string) {
		now := clock.At(noon)
		s := readSign(text)
		if does := s.does(now); does != Gone && s.until(now).Sub(now) <= 0 {
			t.Errorf("%q is %s and over", text, does)
		}
	})
}
