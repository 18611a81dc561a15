package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/internal/db/dbtest"
)

func eachDB(t *testing.T, f func(t *testing.T, d *db.DB)) {
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return dbtest.SQLite(t) },
		"postgres": func(t *testing.T) string { return dbtest.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			d, err := db.Open(t.Context(), url(t), clock.System{}, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { d.Close() })
			if err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			f(t, d)
		})
	}
}

func runner(t *testing.T, d *db.DB, w *Work) *Runner {
	t.Helper()
	r, err := New(d, slog.New(slog.NewTextHandler(t.Output(), nil)), w)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end, stop := context.WithTimeout(context.Background(), 20*time.Second)
		defer stop()
		if err := r.Stop(end); err != nil {
			t.Error("stop:", err)
		}
	})
	return r
}

type done struct {
	task    Task
	account int64
}

func await[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	select {
	case v := <-from:
		return v
	case <-limit.C:
		t.Fatal("waited in vain")
	}
	panic("not reached")
}

// A wake-up that is committed reaches whoever works, also another process; one
// that is rolled back reaches nobody; and one that finds its work taken comes
// back.
func TestAWakeUpIsWorkedOnceItIsCommitted(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB) {
		woken := make(chan done, 10)
		var busy atomic.Int32
		runner(t, d, &Work{Do: func(_ context.Context, task Task, account int64) error {
			if account == 7 && busy.Add(1) == 1 {
				return ErrBusy
			}
			woken <- done{task, account}
			return nil
		}})
		pages := runner(t, d, nil) // a process that only serves pages
		wake := func(task Task, account int64, end error) {
			t.Helper()
			err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				if err := pages.Wake(ctx, tx, task, account); err != nil {
					return err
				}
				return end
			})
			if !errors.Is(err, end) {
				t.Fatal(err)
			}
		}
		wake(Ingest, 1, errors.New("rolled back"))
		wake(Deliver, 2, nil)
		if got := await(t, woken); got != (done{Deliver, 2}) {
			t.Error(got)
		}
		wake(Fetch, 7, nil)
		if got := await(t, woken); got != (done{Fetch, 7}) || busy.Load() != 2 {
			t.Error(got, busy.Load())
		}
	})
}

func TestOneWaitingWakeUpIsEnough(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB) {
		pages := runner(t, d, nil)
		for range 5 {
			err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return pages.Wake(ctx, tx, Ingest, 3) })
			if err != nil {
				t.Fatal(err)
			}
		}
		var n int
		if err := d.Read.NewRaw("SELECT count(*) FROM river_job").Scan(t.Context(), &n); err != nil || n != 1 {
			t.Error(n, "wake-ups wait", err)
		}
	})
}

func TestChoresRunAtStart(t *testing.T) {
	eachDB(t, func(t *testing.T, d *db.DB) {
		ran := make(chan string, 10)
		chore := func(name string) Chore {
			return Chore{Name: name, Every: time.Hour, Run: func(context.Context) error { ran <- name; return nil }}
		}
		runner(t, d, &Work{Chores: []Chore{chore("sweep"), chore("seal")}})
		if a, b := await(t, ran), await(t, ran); a == b {
			t.Error(a, "ran twice")
		}
	})
}

func TestQuietTellsOfTroubleAndNotOfStopping(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(quiet{slog.NewTextHandler(&out, nil)}).With("part", "queue").WithGroup("g")
	log.Info("routine")
	log.Error("stopping", "error", fmt.Errorf("begin: %w", context.Canceled))
	log.Error("stopping", "err", "context canceled")
	log.Warn("trouble", "error", errors.New("disk"))
	if n := strings.Count(out.String(), "msg="); n != 1 || !strings.Contains(out.String(), "msg=trouble part=queue g.error=disk") {
		t.Error(out.String())
	}
}
