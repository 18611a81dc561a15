// Package jobs is the durable part of background work, on River. A job is a
// wake-up for a batch ("see what waits at account 3"), inserted in the
// transaction that makes the work; what is to be done is in the rows
// themselves. So a job that is lost, late or run twice does no harm: it finds
// less to do, and a periodic sweep finds what nobody was woken for.
package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"filodiretto/internal/db"
)

// Task is what a wake-up is for.
type Task string

// The tasks of an account.
const (
	Ingest  Task = "ingest"
	Deliver Task = "deliver"
	Fetch   Task = "fetch"

	Reconcile Task = "reconcile"
)

// Chore is something done from time to time by one of the processes.
type Chore struct {
	Name  string
	Every time.Duration
	Run   func(context.Context) error
}

// Work is what a process does; a process that only serves pages has none.
type Work struct {
	Do     func(ctx context.Context, t Task, accountID int64) error
	Chores []Chore
}

// Runner inserts wake-ups and, with Work, runs them.
type Runner struct {
	client *river.Client[*sql.Tx]
	works  bool
}

type wakeArgs struct {
	Task    Task  `json:"task"`
	Account int64 `json:"account"`
}

func (wakeArgs) Kind() string { return "wake" }

type choreArgs struct {
	Name string `json:"name"`
}

func (choreArgs) Kind() string { return "chore" }

// How often the table is asked for jobs. Within a process work is woken directly, so
// this is the delay before another process takes what one that died or is busy left.
// SQLite has one process, and its chores can wait for lonePollEvery. After jobs were
// taken the table is asked again no sooner than fetchRest later.
const (
	pollEvery     = time.Second
	lonePollEvery = 2 * time.Second
	fetchRest     = 125 * time.Millisecond
)

// longest is how long one job may run.
const longest = 10 * time.Minute

// New makes a runner; Migrate must have been run.
func New(d *db.DB, log *slog.Logger, w *Work) (*Runner, error) {
	poll := lonePollEvery
	if d.Postgres {
		poll = pollEvery
	}
	conf := &river.Config{
		Logger:                      slog.New(quiet{log.Handler()}),
		FetchPollInterval:           poll,
		FetchCooldown:               fetchRest,
		JobTimeout:                  longest,
		RescueStuckJobsAfter:        longest + time.Minute,
		CompletedJobRetentionPeriod: 10 * time.Minute,
		SkipUnknownJobCheck:         w == nil,
	}
	if w != nil {
		workers := river.NewWorkers()
		river.AddWorker(workers, &wakeWorker{do: w.Do})
		river.AddWorker(workers, &choreWorker{chores: w.Chores})
		conf.Workers = workers
		conf.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: max(4, 2*runtime.GOMAXPROCS(0))}}
		conf.PeriodicJobs = periodic(w.Chores)
	}
	var driver riverdriver.Driver[*sql.Tx]
	if d.Postgres {
		driver = riverdatabasesql.New(d.Write.DB)
	} else {
		driver = riversqlite.New(d.Write.DB)
	}
	c, err := river.NewClient(driver, conf)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Runner{client: c, works: w != nil}, nil
}

func periodic(chores []Chore) []*river.PeriodicJob {
	var out []*river.PeriodicJob
	for _, c := range chores {
		out = append(out, river.NewPeriodicJob(river.PeriodicInterval(c.Every), func() (river.JobArgs, *river.InsertOpts) {
			return choreArgs{Name: c.Name}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: c.Every}}
		}, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	return out
}

// Wake inserts a wake-up into a transaction; one that waits already is enough.
func (r *Runner) Wake(ctx context.Context, tx *db.Tx, t Task, accountID int64) error {
	_, err := r.client.InsertTx(ctx, tx.Tx.Tx, wakeArgs{Task: t, Account: accountID},
		&river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: waiting}, MaxAttempts: 20})
	if err != nil {
		return fmt.Errorf("jobs: wake %s: %w", t, err)
	}
	return nil
}

// Start begins to run jobs; Stop ends it after the running ones.
func (r *Runner) Start(ctx context.Context) error {
	if !r.works {
		return nil
	}
	return r.client.Start(ctx)
}

// Stop waits for the running jobs, at most until ctx ends, then cancels them.
func (r *Runner) Stop(ctx context.Context) error {
	if !r.works {
		return nil
	}
	if err := r.client.Stop(ctx); err != nil {
		return r.client.StopAndCancel(context.WithoutCancel(ctx))
	}
	return nil
}
