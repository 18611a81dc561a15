package web

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/live"
)

// listening is an open stream of events.
type listening struct {
	t     testing.TB
	lines chan string
	body  io.Closer
}

func (b *browser) listen() *listening {
	b.t.Helper()
	a, err := b.http.Do(b.request("GET", "/live", nil))
	if err != nil {
		b.t.Fatal(err)
	}
	if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/event-stream") {
		b.t.Fatalf("the stream: %d %v", a.StatusCode, a.Header)
	}
	l := &listening{t: b.t, lines: make(chan string, 1000), body: a.Body}
	b.t.Cleanup(func() { a.Body.Close() })
	go func() {
		defer close(l.lines)
		for sc := bufio.NewScanner(a.Body); sc.Scan(); {
			if s := sc.Text(); s != "" {
				l.lines <- s
			}
		}
	}()
	l.await("retry:")
	return l
}

// await reads until a line begins so, and gives the lines before it.
func (l *listening) await(prefix string) (before []string) {
	l.t.Helper()
	limit := time.NewTimer(10 * time.Second)
	defer limit.Stop()
	for {
		select {
		case s, ok := <-l.lines:
			if !ok {
				l.t.Fatalf("the stream ended before %q; it said %q", prefix, before)
			}
			if strings.HasPrefix(s, prefix) {
				return before
			}
			before = append(before, s)
		case <-limit.C:
			l.t.Fatalf("no %q; the stream said %q", prefix, before)
		}
	}
}

func (l *listening) ended() bool {
	limit := time.NewTimer(10 * time.Second)
	defer limit.Stop()
	for {
		select {
		case _, ok := <-l.lines:
			if !ok {
				return true
			}
		case <-limit.C:
			return false
		}
	}
}

// TestLive: what arrives is on the pages of those who may see it, and of nobody else.
func TestLive(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		giulia, elena, rita := e.as("giulia").listen(), e.as("elena").listen(), e.as("rita").listen()
		began := time.Now()
		e.letter(e.trib, "Lucia <lucia@posta.example>", "TARI", "Ho pagato due volte")
		giulia.await("event: case") // the front desk sees it too
		t.Logf("from the arrival to the page: %s", time.Since(began))
		giulia.await(`data: {"number":"2026/000001"}`)
		giulia.await("event: counts")
		elena.await(`data: {"number":"2026/000001"}`)
		e.manual.Advance(time.Second)
		e.letter(e.social, "Piera <piera@posta.example>", "Assegno", "Riservato")
		for _, line := range rita.await(`data: {"number":"2026/000002"}`) {
			if strings.Contains(line, "000001") {
				t.Error("social services were told of a case of taxes")
			}
		}
		e.manual.Advance(time.Second)
		e.letter(e.mail, "Anna <anna@posta.example>", "Altro", "Ancora")
		for _, line := range giulia.await(`data: {"number":"2026/000003"}`) {
			if strings.Contains(line, "000002") {
				t.Error("the front desk was told of a reserved case")
			}
		}
		e.as("sara").post("/cases/2026/000003/presence", "doing", "writing").want(http.StatusNoContent)
		giulia.await(`data: {"number":"2026/000003"}`)
		e.as("giulia").get("/cases?case=2026/000003").want(http.StatusOK, "Sara Bruni scrive", "sta rispondendo")
	})
}

// TestLiveManyAtOnce: a burst that is greater than any buffer reaches the page.
func TestLiveManyAtOnce(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	l := e.as("giulia").listen()
	for range 300 {
		e.hub.Publish(live.Event{Topic: "quarantine", ID: 1, Office: e.offices["urp"]})
	}
	l.await("event: counts")
	e.hub.Publish(live.Event{Topic: "account", ID: 1})
	l.await("event: health")
}

// TestLiveEnds: with the hub (the server stops), and when something was missed.
func TestLiveEnds(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	b := e.as("giulia")
	l := b.listen()
	e.hub.Resync()
	if !l.ended() {
		t.Error("a page that may have missed something is to ask for everything")
	}
	l = b.listen()
	e.hub.Close()
	if !l.ended() {
		t.Error("the stream goes on although the server stops")
	}
	b.get("/live").want(http.StatusServiceUnavailable)
}
