package inbox

import (
	"context"
	"runtime/debug"

	"filodiretto/channels"
)

// work sends one message after the other until there are no more. Once ctx has
// ended it begins no call and gives back what it is handed; calls themselves
// run under sendCtx, which lasts longer.
func (g *engine) work(ctx, sendCtx context.Context) {
	for j := range g.jobs {
		if ctx.Err() != nil {
			g.results <- result{job: j, untried: true}
			continue
		}
		began := g.in.clock.Now()
		r := result{job: j}
		r.receipt, r.err = g.send(sendCtx, j)
		r.took = g.in.clock.Now().Sub(began)
		g.results <- r
	}
}

// send calls the channel. When it panics nobody can say whether the message left.
func (g *engine) send(ctx context.Context, j *job) (r channels.Receipt, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			g.in.log.Error("a channel panicked while sending", "account", g.acc.Key, "delivery", j.d.ID, "stack", string(debug.Stack()))
			err = channels.Errorf(channels.UnknownOutcome, "panic", "the channel failed while sending")
		}
	}()
	return g.sender.Send(ctx, j.out)
}
