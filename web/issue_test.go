package web

import (
	"fmt"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/queue"
	"filodiretto/web/page"
)

// Memuro-Town/MADO-queue #38 (queue 3, row 29): the local time was applied twice.
// Devices are sent the instant in UTC and how far east the town is, once.
func TestIssue38LocalTimeIsAppliedOnce(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	must(t, err)
	r, err := page.New(page.Options{Zone: rome})
	must(t, err)
	for _, c := range []struct {
		at     time.Time
		offset int
	}{
		{time.Date(2026, 3, 29, 0, 59, 59, 0, time.UTC), 60},
		{time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), 120},
		{time.Date(2026, 10, 25, 0, 59, 59, 0, time.UTC), 120},
		{time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), 60},
	} {
		at := clock.At(c.at)
		got := r.Say(page.Italian).RoomTime(at)
		if got.Now != c.at.UnixMilli() || got.Offset != c.offset {
			t.Errorf("%v: %+v", c.at, got)
		}
	}
}

// MADO-queue #40 and #43 (row 29): errors came with 200, and displays showed a copy
// of yesterday. No answer to a device is kept, and one that refuses says so in its
// status.
func TestIssue40And43AnswersToDevices(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		kiosk, display := e.deviceAt(h, queue.DeviceEdit{Kind: "kiosk", Alone: true}), e.deviceAt(h, queue.DeviceEdit{Kind: "display"})
		for _, a := range []*seen{kiosk.get("/kiosk/municipio"), kiosk.get("/kiosk/municipio/state"), display.get("/display/municipio"), display.get("/display/municipio/state")} {
			if a.Code != 200 || a.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d, Cache-Control %q", a.What, a.Code, a.Header.Get("Cache-Control"))
			}
		}
		for path, body := range map[string]any{
			"/kiosk/municipio/tickets":           map[string]any{"key": "k", "service": "0", "lang": "it"},
			"/kiosk/municipio/tickets/1/printed": map[string]any{"ok": true},
			"/kiosk/municipio/arrive":            map[string]any{"code": "ZZZZZZ"},
			"/kiosk/municipio/reconcile":         "no list",
			"/kiosk/altrove/tickets":             map[string]any{},
		} {
			if a := kiosk.script(path, body); a.Code < 400 || a.Code >= 500 {
				t.Errorf("%s: %d %.100s", path, a.Code, a.Body)
			}
		}
		for _, path := range []string{"/display/municipio/say/x/it", "/display/altrove/state", fmt.Sprintf("/display/municipio/say/%d/it", 1)} {
			if a := display.get(path); a.Code != 404 {
				t.Errorf("%s: %d", path, a.Code)
			}
		}
	})
}
