package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
)

// TestSealsAreChecked: what somebody changed in the events shows, and a check
// that was cut short says so.
func TestSealsAreChecked(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 17, 10, 0, 0, 0, time.UTC))
	d, err := db.Open(t.Context(), dbtest.SQLite(t), c, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err = d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return inbox.AppendEvents(ctx, tx, inbox.NewEvent(tx, c, "operator.login", nil))
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Hour)
	if n, err := inbox.New(inbox.Deps{DB: d, Log: slog.New(slog.DiscardHandler)}).Seal(t.Context()); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	if f := seals(t.Context(), d); f.err != nil || f.warning != "" || f.note == "" {
		t.Errorf("%+v", f)
	}
	late, cancel := context.WithDeadlineCause(t.Context(), time.Unix(0, 0), errors.New("late"))
	defer cancel()
	if f := seals(late, d); f.err != nil || !strings.Contains(f.warning, "--timeout") {
		t.Errorf("cut short: %+v", f)
	}
	if _, err := d.Write.NewRaw("UPDATE events SET operator_id = 7").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := seals(t.Context(), d); f.err == nil || !strings.Contains(f.err.Error(), "does not hold") {
		t.Errorf("tampering does not show: %+v", f)
	}
}
