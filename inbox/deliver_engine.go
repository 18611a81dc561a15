package inbox

import (
	"context"
	"strconv"
	"sync"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// engine works the deliveries of one account.
//
// A process may be killed at any moment, and what it was sending then has an
// unknown outcome: it is shown to a person and never repeated. So that this is
// rare, a delivery goes through two marks. It is first claimed (state Sending,
// begun_at 0), loaded and made ready: if the process dies now, it certainly has
// not left and goes back to the queue. It is begun (begun_at set and committed)
// just before the channel is called.
//
// A commit for each call would make the commit the limit, so one transaction
// does three things: it records the outcomes that came in, begins the next few,
// and claims the ones after them, while the workers go on with what is begun.
// How many may be begun at once is worked out from what a call and a commit
// take (target): with a slow server it is one for each worker, so that no more
// deliveries than calls in flight are ever in doubt; only where calls are as
// fast as commits is it more, and then for no longer than two commits.
type engine struct {
	in      *Inbox
	acc     Account
	sender  channels.Sender
	limits  channels.Pace
	mail    bool
	holder  string
	workers int

	ready    []*job         // claimed and loaded, not begun
	begun    map[int64]*job // begun, outcome not known
	finished []outcome      // to be recorded

	jobs    chan *job
	results chan result
	group   sync.WaitGroup
	beat    *time.Ticker

	sendTime, commitTime time.Duration // running averages
	worked               int
	stop                 bool // nothing new is begun or claimed
	empty                bool // the last claim found nothing
}

// job is one claimed delivery with all that its sending needs.
type job struct {
	d   *Delivery
	m   *Message
	c   *Case // few columns; nil in a bot's own dialogue
	out *channels.Outgoing
}

type result struct {
	job     *job
	receipt channels.Receipt
	err     error
	took    time.Duration
	untried bool // the channel was not called
}

func newEngine(in *Inbox, acc Account, sender channels.Sender) *engine {
	g := &engine{
		in: in, acc: acc, sender: sender, mail: isMail(acc.Kind), holder: strconv.FormatInt(db.NewID(in.clock), 36),
		workers: 1, begun: map[int64]*job{},
	}
	if c, ok := sender.(channels.Concurrent); ok {
		g.workers = max(1, c.Concurrency())
	}
	if p, ok := sender.(channels.Paced); ok {
		g.limits = p.Pace()
	}
	most := max(mostBegun, g.workers)
	g.jobs, g.results = make(chan *job, most), make(chan result, most)
	return g
}

// isMail reports whether an account of the kind sends e-mail.
func isMail(kind string) bool { return kind == "mail" || kind == "pec" }

// run works until nothing is due, runLimit is reached or ctx ends.
func (g *engine) run(ctx context.Context) error {
	sendCtx, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	for range g.workers {
		g.group.Go(func() { g.work(ctx, sendCtx) })
	}
	g.beat = time.NewTicker(leaseFor / 3)
	defer g.beat.Stop()
	err := g.loop(ctx)
	return g.close(ctx, cut, err)
}

func (g *engine) loop(ctx context.Context) error {
	for {
		if err := g.turn(ctx); err != nil {
			return err
		}
		if g.worked >= runLimit {
			g.stop = true
		}
		if len(g.begun) == 0 && len(g.finished) == 0 && (g.stop || len(g.ready) == 0 && g.empty) {
			return nil
		}
		if len(g.begun) == 0 {
			continue // the first claim: begin at once
		}
		if err := g.await(ctx); err != nil {
			return err
		}
	}
}

// await waits until there is something to record, then a little for more, but
// not while a worker stands idle.
func (g *engine) await(ctx context.Context) error {
	select {
	case r := <-g.results:
		g.take(r)
	case <-g.beat.C:
		return g.renew(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
	t := time.NewTimer(gatherFor)
	defer t.Stop()
	for len(g.jobs) > 0 {
		select {
		case r := <-g.results:
			g.take(r)
		case <-t.C:
			return nil
		}
	}
	g.drain()
	return nil
}

func (g *engine) drain() {
	for {
		select {
		case r := <-g.results:
			g.take(r)
		default:
			return
		}
	}
}

// take turns a result into an outcome to be recorded.
func (g *engine) take(r result) {
	delete(g.begun, r.job.d.ID)
	if r.untried {
		g.finished = append(g.finished, giveBack(r.job))
		return
	}
	g.sendTime = average(g.sendTime, r.took)
	g.worked++
	o := judge(r.job, r.receipt, r.err, g.in.clock.Now())
	g.finished = append(g.finished, o)
	if o.pauseUntil > 0 {
		g.stop = true
	}
	if o.holdOthers && o.state == Queued {
		g.giveBackTo(r.job.d, o.nextAt)
	}
}

// giveBackTo returns what is ready for the recipient of d, so that it does not
// overtake d.
func (g *engine) giveBackTo(d *Delivery, at clock.Instant) {
	keep := g.ready[:0]
	for _, j := range g.ready {
		if sameRecipient(j.d, d) {
			o := giveBack(j)
			o.nextAt = max(o.nextAt, at)
			g.finished = append(g.finished, o)
		} else {
			keep = append(keep, j)
		}
	}
	g.ready = keep
}

func sameRecipient(a, b *Delivery) bool {
	return a.Address == b.Address && a.Kind == b.Kind && a.Scope == b.Scope
}

func average(old, now time.Duration) time.Duration {
	if old == 0 {
		return now
	}
	return (3*old + now) / 4
}

// target is how many deliveries may be begun and not finished. What can be sent
// in the time of two commits keeps the workers busy while a commit runs.
func (g *engine) target() int {
	n := g.workers
	if g.sendTime > 0 {
		n = int(2*g.commitTime*time.Duration(g.workers)/g.sendTime) + 1
	}
	return max(g.workers, min(n, mostBegun))
}
