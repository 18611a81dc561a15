package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/templates"
)

// texts keeps the municipality's texts in memory for some seconds.
type texts struct {
	db  *db.DB
	log *slog.Logger

	mu     sync.Mutex
	set    *templates.Set
	readAt clock.Instant
}

const textsAge = 10 * time.Second

func newTexts(d *db.DB, log *slog.Logger) *texts { return &texts{db: d, log: log} }

// current is the set as it stands. When the table cannot be read, what was read
// before is used, and the built-in texts where nothing was.
func (t *texts) current(ctx context.Context) *templates.Set {
	now := t.db.Clock.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.set != nil && now.Sub(t.readAt) < textsAge {
		return t.set
	}
	var rows []struct{ Event, Channel, Lang, Subject, Body string }
	if err := t.db.Read.NewRaw("SELECT event, channel, lang, subject, body FROM texts").Scan(ctx, &rows); err != nil {
		t.log.Error("the texts cannot be read; the former ones are used", "error", db.SafeError(err))
		if t.set == nil {
			t.set = templates.NewSet(nil)
		}
		return t.set
	}
	own := make([]templates.Text, len(rows))
	for i, r := range rows {
		own[i] = templates.Text{Event: r.Event, Channel: r.Channel, Lang: r.Lang, Subject: r.Subject, Plain: r.Body}
	}
	t.set, t.readAt = templates.NewSet(own), now
	return t.set
}

// forget makes the next call read the table.
func (t *texts) forget() {
	t.mu.Lock()
	t.readAt = 0
	t.mu.Unlock()
}
