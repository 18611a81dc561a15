package bench

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// request is one thing that is asked for; it fails when the answer is not what
// it should be.
type request func(ctx context.Context) error

// timed asks n times, by so many clients at once, going round the requests, and
// gives how long each answer took to its last byte. A few are asked beforehand
// and not counted: connections are opened, and nobody measures a first page.
func timed(ctx context.Context, n, clients int, requests []request) ([]time.Duration, error) {
	for i := range min(len(requests), 5) {
		if err := requests[i](ctx); err != nil {
			return nil, err
		}
	}
	took := make([]time.Duration, n)
	var next atomic.Int64
	group, gctx := errgroup.WithContext(ctx)
	for range clients {
		group.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				from := now()
				if err := requests[i%len(requests)](gctx); err != nil {
					return err
				}
				took[i] = now().Sub(from)
			}
		})
	}
	return took, group.Wait()
}

// worst is a series of measurements of which the slowest is the figure.
type worst struct {
	value float64
	n     int
	spent time.Duration // processor time of this process, which asks and answers
	more  map[string]any
}

func newWorst() *worst { return &worst{more: map[string]any{"load": load()}} }

// add measures requests under a name.
func (w *worst) add(ctx context.Context, name string, n, clients int, requests ...request) error {
	before := startUse()
	took, err := timed(ctx, n, clients, requests)
	if err != nil {
		return err
	}
	after := startUse()
	w.spent += after.user + after.system - before.user - before.system
	s := spreadOf(took)
	w.more[name] = s
	w.n += n
	w.value = max(w.value, s.P95)
	return nil
}

// figure is the slowest with, beside it, the processor time of a request: what
// others do on the machine makes the times longer, and that hardly.
func (w *worst) figure(name string) Figure {
	w.more["cpu_ms_each"], w.more["load_after"] = round(ms(w.spent)/float64(w.n)), load()
	return Figure{Name: name, Value: w.value, Unit: "ms", N: w.n, More: w.more}
}
