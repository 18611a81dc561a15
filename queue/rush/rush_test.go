package rush

import (
	"log/slog"
	"os"
	"testing"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
)

// rushed runs a plan on a fresh database.
func rushed(t *testing.T, p Plan, url string) Report {
	t.Helper()
	open := func() (*db.DB, error) {
		d, err := db.Open(t.Context(), url, clock.System{}, db.Options{})
		if err != nil {
			return nil, err
		}
		return d, d.Migrate(t.Context())
	}
	r, err := Run(t.Context(), p, slog.New(slog.NewTextHandler(t.Output(), nil)), open)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", r)
	if r.CalledTwice+r.NumberTwice+r.NumberLost+r.NeverCalled != 0 || r.Calls != p.Tickets {
		t.Errorf("called twice %d, number twice %d, number lost %d, never called %d, calls %d of %d", r.CalledTwice, r.NumberTwice, r.NumberLost, r.NeverCalled, r.Calls, p.Tickets)
	}
	return r
}

func small() Plan {
	if os.Getenv("FILODIRETTO_RUSH") == "whole" {
		return Whole
	}
	return Plan{Counters: 64, Kiosks: 32, Tickets: 600}
}

// Queue 3, rows 1, 2 and 27: two clerks called the same customer, two kiosks gave
// the same number, one ticket was worked on at two terminals.
func TestIssue2138TwoClerksCallTheSameCustomer(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { rushed(t, small(), dbtest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { rushed(t, small(), dbtest.Postgres(t)) })
}

// The same with three machines on one PostgreSQL, where nothing in one process's
// memory can help.
func TestIssue668DuplicatedNumbersOverThreeMachines(t *testing.T) {
	p := small()
	p.Processes = 3
	rushed(t, p, dbtest.Postgres(t))
}
