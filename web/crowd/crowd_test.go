package crowd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filodiretto/internal/live"
)

var quick = timing{breath: time.Millisecond, beat: 20 * time.Millisecond, phone: time.Hour, look: time.Hour}

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// house is a room that a test changes.
type house struct {
	hub   live.Hub
	crowd *Crowd
	srv   *httptest.Server

	mu      sync.Mutex
	state   string
	tickets map[int64]string
	err     error
	later   func(context.Context) bool // Picture.Later; set before anybody follows
	stale   func() bool                // Picture.Stale
	failed  chan struct{}              // looks that failed
	looks   atomic.Int64
}

func newHouse(t *testing.T, tm timing, http2 bool) *house {
	t.Helper()
	h := &house{state: "one", tickets: map[int64]string{7: "waiting", 8: "waiting"}, failed: make(chan struct{}, 1000)}
	h.crowd = start(&h.hub, h.source, slog.New(slog.DiscardHandler), tm)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /room", func(w http.ResponseWriter, r *http.Request) { h.crowd.Follow(w, r, 1, 0) })
	mux.HandleFunc("GET /ticket/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
		h.crowd.Follow(w, r, 1, id)
	})
	h.srv = httptest.NewUnstartedServer(mux)
	if http2 {
		h.srv.EnableHTTP2 = true
		h.srv.StartTLS()
	} else {
		h.srv.Start()
	}
	t.Cleanup(func() { h.hub.Close(); h.srv.CloseClientConnections(); h.srv.Close() })
	return h
}

func (h *house) source(context.Context, int64) (*Picture, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.looks.Add(1)
	if h.err != nil {
		h.failed <- struct{}{}
		return nil, h.err
	}
	p := &Picture{
		Room: []byte("event: state\ndata: " + h.state + "\n\n"), Gone: []byte("event: ticket\ndata: gone\n\n"), Beat: []byte("event: beat\ndata: " + h.state + "\n\n"),
		Tickets: map[int64][]byte{}, Later: h.later, Stale: h.stale,
	}
	for id, s := range h.tickets {
		p.Tickets[id] = []byte("event: ticket\ndata: " + s + "\n\n")
	}
	return p, nil
}

// change changes the room, as a transaction that publishes after its commit.
func (h *house) change(f func()) {
	h.mu.Lock()
	f()
	h.mu.Unlock()
	h.hub.Publish(live.Event{Topic: "queue", ID: 1})
}

// lines are the data lines of a stream, until it ends.
func (h *house) lines(t *testing.T, path string) <-chan string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", h.srv.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if a.StatusCode != 200 || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/event-stream") || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d, %v", a.StatusCode, a.Header)
	}
	out := make(chan string, 1000)
	go func() {
		defer close(out)
		defer a.Body.Close()
		s := bufio.NewScanner(a.Body)
		event := ""
		for s.Scan() {
			if e, ok := strings.CutPrefix(s.Text(), "event: "); ok {
				event = e
			}
			if d, ok := strings.CutPrefix(s.Text(), "data: "); ok {
				out <- event + " " + d
			}
		}
	}()
	return out
}

// until passes over lines to one.
func until(t *testing.T, lines <-chan string, want string) (passed []string) {
	t.Helper()
	end := time.After(patience)
	for {
		select {
		case l, open := <-lines:
			if !open {
				t.Fatalf("the stream ended before %q; passed %q", want, passed)
			}
			if l == want {
				return passed
			}
			passed = append(passed, l)
		case <-end:
			t.Fatalf("no %q; passed %q", want, passed)
		}
	}
}

// ended waits for the end of a stream.
func ended(t *testing.T, lines <-chan string) (passed []string) {
	t.Helper()
	end := time.After(patience)
	for {
		select {
		case l, open := <-lines:
			if !open {
				return passed
			}
			passed = append(passed, l)
		case <-end:
			t.Fatal("the stream did not end")
		}
	}
}

func TestFollowersAreTold(t *testing.T) {
	for name, http2 := range map[string]bool{"taken over": false, "http/2": true} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, timing{time.Millisecond, time.Hour, time.Hour, time.Hour}, http2)
			display, seven, eight := h.lines(t, "/room"), h.lines(t, "/ticket/7"), h.lines(t, "/ticket/8")
			until(t, display, "state one")
			until(t, seven, "ticket waiting")
			until(t, eight, "ticket waiting")
			h.change(func() { h.state, h.tickets[7] = "two", "called" })
			until(t, display, "state two")
			until(t, seven, "ticket called")
			h.change(func() { h.tickets[8] = "first" })
			if passed := until(t, eight, "ticket first"); len(passed) != 0 {
				t.Errorf("the other number was told %q", passed)
			}
			h.change(func() { delete(h.tickets, 7) })
			if passed := ended(t, seven); len(passed) != 1 || passed[0] != "ticket gone" {
				t.Errorf("one whose visit is over was told %q", passed)
			}
			h.hub.Close()
			ended(t, display)
			ended(t, eight)
			if n := h.crowd.Followers(); n != 0 {
				t.Errorf("%d follow after the end", n)
			}
		})
	}
}

// Whoever comes back after a cut gets the whole state first (queue 3, rows 24 and 34).
func TestReconnectionGetsTheWholeState(t *testing.T) {
	h := newHouse(t, quick, false)
	first := h.lines(t, "/room")
	until(t, first, "state one")
	h.change(func() { h.state = "two" })
	until(t, first, "state two")
	again := h.lines(t, "/room")
	if passed := until(t, again, "state two"); len(passed) != 0 {
		t.Errorf("first came %q", passed)
	}
}

// A display is told that what it shows is true only while it is (queue 5, point 11).
func TestNoBeatWhileTheRoomCannotBeLookedAt(t *testing.T) {
	h := newHouse(t, timing{time.Millisecond, time.Millisecond, time.Hour, time.Hour}, false)
	display := h.lines(t, "/room")
	until(t, display, "beat one")
	failing := func() {
		h.change(func() { h.err = errors.New("the database is away") })
		select {
		case <-h.failed:
		case <-time.After(patience):
			t.Fatal("nobody looked")
		}
	}
	failing()
	for told := true; told; { // what was on its way
		select {
		case <-display:
		case <-time.After(50 * time.Millisecond):
			told = false
		}
	}
	for range 20 {
		failing() // each takes longer than a beat
	}
	h.change(func() { h.err, h.state = nil, "two" })
	if passed := until(t, display, "state two"); len(passed) != 0 {
		t.Errorf("while nothing was known it was told %q", passed)
	}
	until(t, display, "beat two")
}

func TestManyWhoComeAtOnceMakeFewQuestions(t *testing.T) {
	h := newHouse(t, timing{5 * time.Millisecond, time.Hour, time.Hour, time.Hour}, false)
	until(t, h.lines(t, "/room"), "state one")
	before := h.looks.Load()
	for range 50 {
		until(t, h.lines(t, "/ticket/8"), "ticket waiting")
	}
	if n := h.looks.Load() - before; n != 0 {
		t.Errorf("%d looks for 50 newcomers to a room that is known", n)
	}
}

func TestARoomThatNobodyFollowsEnds(t *testing.T) {
	h := newHouse(t, quick, true) // where the server sees a reader leave at once
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", h.srv.URL+"/room", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	_, _ = io.Copy(io.Discard, a.Body)
	for end := time.Now().Add(patience); ; {
		h.crowd.mu.Lock()
		n, rooms := h.crowd.count, len(h.crowd.rooms)
		h.crowd.mu.Unlock()
		if n == 0 && rooms == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d follow %d rooms", n, rooms)
		}
		_, _ = h.source(ctx, 1) // give way
	}
	h.hub.Close()
	for over := false; !over; _, _ = h.source(ctx, 1) {
		h.crowd.mu.Lock()
		over = h.crowd.over
		h.crowd.mu.Unlock()
	}
	rec := httptest.NewRecorder()
	h.crowd.Follow(rec, httptest.NewRequest("GET", "/room", nil), 1, 0)
	if rec.Code != http.StatusServiceUnavailable {
		t.Errorf("after the end: %d", rec.Code)
	}
}

func TestPhonesMeasureWhoWasReached(t *testing.T) {
	h := newHouse(t, timing{time.Millisecond, time.Hour, time.Hour, time.Hour}, false)
	const n = 200
	paths := make([]string, n)
	for i := range paths {
		h.tickets[int64(i+100)] = "waiting"
		paths[i] = fmt.Sprintf("/ticket/%d", i+100)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p, err := Dial(ctx, h.srv.URL, paths)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	took, err := p.Reach(ctx, "ahead 3", func() error {
		h.change(func() {
			for id := range h.tickets {
				h.tickets[id] = "ahead 3"
			}
		})
		return nil
	})
	if err != nil || len(took) != n {
		t.Fatalf("%d of %d were reached: %v", len(took), n, err)
	}
	if _, err := Dial(ctx, h.srv.URL, []string{"/nowhere"}); err == nil {
		t.Error("an address that is not there was dialled")
	}
}
