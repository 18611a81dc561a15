package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// waiting are the states in which a second wake-up for the same thing is
// refused. River asks that "running" is among them; a wake-up that is refused
// because its like is just ending is made good by the direct wake-up within the
// process, or by the sweep.
var waiting = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
	rivertype.JobStateRetryable, rivertype.JobStateScheduled,
}

// ErrBusy says that another process is at it; the job comes back a little later.
var ErrBusy = errors.New("busy")

type wakeWorker struct {
	river.WorkerDefaults[wakeArgs]
	do func(context.Context, Task, int64) error
}

// Work does what waits at the account.
func (w *wakeWorker) Work(ctx context.Context, job *river.Job[wakeArgs]) error {
	err := w.do(ctx, job.Args.Task, job.Args.Account)
	if errors.Is(err, ErrBusy) {
		return river.JobSnooze(time.Second)
	}
	return err
}

type choreWorker struct {
	river.WorkerDefaults[choreArgs]
	chores []Chore
}

// Work runs the chore of that name; one that this version does not know is left
// to the others.
func (w *choreWorker) Work(ctx context.Context, job *river.Job[choreArgs]) error {
	for _, c := range w.chores {
		if c.Name == job.Args.Name {
			if err := c.Run(ctx); err != nil {
				return fmt.Errorf("chore %s: %w", c.Name, err)
			}
		}
	}
	return nil
}

// quiet passes on what River says from warnings up: its routine is not news, and
// neither is that something was called off because the program stops.
type quiet struct{ slog.Handler }

// Enabled is false below warnings.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// Handle leaves out what was called off.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	calledOff := false
	r.Attrs(func(a slog.Attr) bool {
		err, ok := a.Value.Any().(error)
		calledOff = calledOff || ok && errors.Is(err, context.Canceled) || a.Value.String() == context.Canceled.Error()
		return !calledOff
	})
	if calledOff {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

// WithAttrs stays quiet.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup stays quiet.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
