package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/queue"
	"filodiretto/queue/estimate"
	"filodiretto/queue/order"
)

// waitsSeen is one more than it takes to show ranges.
const waitsSeen = estimate.Enough + 1

// liveYesterday has a room seen enough waits to show ranges: yesterday its first
// counter served one person after the other, ten minutes each.
func (w *world) liveYesterday(ctx context.Context, q *queue.Queue, key string) (any, error) {
	h, err := q.SiteByKey(ctx, key)
	if err != nil {
		return nil, err
	}
	var sitter int64
	if err := w.life.app.DB.Read.NewRaw("SELECT min(id) FROM operators").Scan(ctx, &sitter); err != nil {
		return nil, err
	}
	zone := h.Calendar.Zone
	day := h.Today(w.clock.Now()).Add(-1)
	past, err := db.Open(ctx, w.cfg.Database.URL.Reveal(), clock.NewManual(day.At(23*60, zone).Time()), db.Options{})
	if err != nil {
		return nil, err
	}
	defer past.Close()
	counter, service := h.Counters[0].ID, h.Skills[h.Counters[0].ID][0].ServiceID
	p := queue.PastDay{SiteID: h.Site.ID, Day: day, Staff: map[int64]int64{counter: sitter}}
	at := day.At(8*60, zone)
	for i := range int64(waitsSeen) {
		e := estimate.Event{Ticket: i + 1, Counter: counter, Service: service, Class: order.WalkIn}
		for _, x := range []struct {
			kind  estimate.Kind
			after time.Duration
		}{{estimate.Issued, 0}, {estimate.Called, 5 * time.Minute}, {estimate.Finished, 10 * time.Minute}} {
			at = at.Add(x.after)
			e.Kind, e.At = x.kind, at
			p.Events = append(p.Events, e)
		}
	}
	then := queue.New(queue.Deps{DB: past, Hub: &live.Hub{}, Log: slog.New(slog.DiscardHandler), Zone: zone, SignKey: make([]byte, 32)})
	if _, err := then.PutPast(ctx, p); err != nil {
		return nil, fmt.Errorf("yesterday: %w", err)
	}
	return struct{}{}, q.Learn(ctx)
}
