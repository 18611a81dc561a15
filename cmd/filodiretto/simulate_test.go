package main

import (
	"context"
	"log"
	"log/slog"
	"os"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/live"
	"filodiretto/queue"
	"filodiretto/queue/estimate"
)

// pastday DATABASE DAY makes a site with one counter and a day on which three people
// came at nine and were called one after the other, ten minutes each. It is a process
// of its own, whose ids are of that day.
func pastday() {
	if err := writePastDay(os.Args[1], queue.Day(os.Args[2])); err != nil {
		log.Fatal(err)
	}
}

func writePastDay(file string, day queue.Day) error {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return err
	}
	midnight := day.Start(zone)
	ctx := context.Background()
	d, err := db.Open(ctx, "sqlite:"+file, clock.NewManual(midnight.Time().Add(20*time.Hour)), db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	q := queue.New(queue.Deps{DB: d, Hub: &live.Hub{}, Log: slog.New(slog.DiscardHandler), Zone: zone})
	return putDay(ctx, d, q, midnight, day)
}

func putDay(ctx context.Context, d *db.DB, q *queue.Queue, midnight clock.Instant, day queue.Day) error {
	all := inbox.Viewer{System: true}
	office, operator := db.NewID(d.Clock), db.NewID(d.Clock)
	err := d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.NewRaw("INSERT INTO offices (id, key, name, level, created_at) VALUES (?, 'urp', 'URP', 'front', 1)", office).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw("INSERT INTO operators (id, login, name, password, created_at) VALUES (?, 'anna', 'Anna', '', 1)", operator).Exec(ctx)
		return err
	})
	if err != nil {
		return err
	}
	site, err := q.SaveSite(ctx, all, queue.SiteEdit{Key: "municipio", Name: "Municipio"})
	if err != nil {
		return err
	}
	week := map[int]queue.Ranges{}
	for weekday := 1; weekday <= 7; weekday++ {
		week[weekday] = queue.Ranges{{From: 8 * 60, To: 18 * 60}}
	}
	if _, err = q.SaveHours(ctx, all, site.ID, 0, week); err != nil {
		return err
	}
	group, err := q.SaveGroup(ctx, all, queue.Group{SiteID: site.ID, Key: "tutto", Names: queue.Names{"it": "Tutto"}, Series: "A"})
	if err != nil {
		return err
	}
	service, err := q.SaveService(ctx, all, queue.Service{SiteID: site.ID, GroupID: group, Key: "certificati", Names: queue.Names{"it": "Certificati"}, OfficeID: office, Minutes: 10, Kiosk: true})
	if err != nil {
		return err
	}
	desk, err := q.SaveCounter(ctx, all, queue.CounterEdit{
		Counter: queue.Counter{SiteID: site.ID, Key: "1", Name: "Sportello 1", Kind: "desk", OfficeID: office}, Skills: []queue.Skill{{ServiceID: service}},
	})
	if err != nil {
		return err
	}
	nine := midnight.Add(9 * time.Hour)
	events := []estimate.Event{{At: nine, Kind: estimate.Resumed, Counter: desk}}
	for i := range int64(3) {
		events = append(events, estimate.Event{At: nine, Kind: estimate.Issued, Ticket: i + 1, Service: service})
	}
	for i := range int64(3) {
		at := nine.Add(time.Duration(i) * 10 * time.Minute)
		events = append(events, estimate.Event{At: at, Kind: estimate.Called, Ticket: i + 1, Counter: desk, Service: service},
			estimate.Event{At: at.Add(10 * time.Minute), Kind: estimate.Finished, Ticket: i + 1, Counter: desk, Service: service})
	}
	_, err = q.PutPast(ctx, queue.PastDay{SiteID: site.ID, Day: day, Events: events, Staff: map[int64]int64{desk: operator}})
	return err
}
