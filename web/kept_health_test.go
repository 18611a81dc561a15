package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/live"
	"filodiretto/web/page"
)

func TestTheStateOfTheChannelsIsAskedOnceForAll(t *testing.T) {
	m := clock.NewManual(time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC))
	k := newKeptHealth(m)
	asked := 0 // under the turn of k
	begun, goOn := make(chan struct{}), make(chan struct{})
	ask := func(context.Context) (page.Health, error) {
		if asked++; asked == 1 {
			close(begun)
			<-goOn
		}
		return page.Health{Total: asked}, nil
	}
	get := func() page.Health {
		h, err := k.get(t.Context(), ask)
		if err != nil {
			t.Error(err)
		}
		return h
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if h := get(); h.Total != 1 {
				t.Error("a second one asked:", h.Total)
			}
		})
	}
	<-begun
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := k.get(gone, ask); !errors.Is(err, context.Canceled) {
		t.Error("who has left still waits:", err)
	}
	close(goOn)
	all.Wait()
	m.Advance(healthKept - time.Millisecond)
	if h := get(); h.Total != 1 {
		t.Error("it is not kept:", h.Total)
	}
	m.Advance(time.Millisecond)
	if h := get(); h.Total != 2 {
		t.Error("it is kept for too long:", h.Total)
	}
	k.changed()
	if h := get(); h.Total != 3 {
		t.Error("a change is not seen:", h.Total)
	}
}

// What was asked before a change, and an error, are not kept.
func TestTheStateOfTheChannelsBeforeAChangeIsNotKept(t *testing.T) {
	k := newKeptHealth(clock.NewManual(time.Date(2026, 11, 17, 8, 0, 0, 0, time.UTC)))
	says := func(n int, err error, during func()) {
		t.Helper()
		h, got := k.get(t.Context(), func(context.Context) (page.Health, error) { during(); return page.Health{Total: n}, err })
		if h.Total != n || !errors.Is(got, err) {
			t.Error(h.Total, "not", n, got)
		}
	}
	says(1, nil, k.changed)
	says(2, errors.ErrUnsupported, func() {})
	says(3, nil, func() {})
	says(3, nil, func() { t.Error("asked") })
}

// Every page of the staff shows it, and asks for the accounts' deliveries once.
func TestPagesShareTheStateOfTheChannels(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		q := e.watch()
		asked := func() (n int) {
			for _, text := range q.take() {
				if strings.Contains(text, "stuck_from") {
					n++
				}
			}
			return n
		}
		giulia, paolo := e.as("giulia"), e.as("paolo")
		e.hub.Publish(live.Event{Topic: "account", ID: e.mail.ID})
		asked()
		for _, b := range []*browser{giulia, paolo, giulia} {
			b.get("/shell/health").want(http.StatusOK)
		}
		if n := asked(); n == 0 || n == 3 {
			t.Error("asked", n, "times")
		}
		e.hub.Publish(live.Event{Topic: "account", ID: e.mail.ID})
		giulia.get("/shell/health").want(http.StatusOK)
		if n := asked(); n != 1 {
			t.Error("after a change it was asked", n, "times")
		}
	})
}
