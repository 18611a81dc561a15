package inbox

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// turn records what is finished, begins what may be begun and claims more, in
// one transaction; then it hands out the work and loads what it claimed.
func (g *engine) turn(ctx context.Context) error {
	var t turning
	from := g.in.clock.Now()
	err := g.in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		t = turning{g: g} // a transaction may be run again
		return t.do(ctx, tx)
	})
	if err != nil {
		return err
	}
	g.commitTime = average(g.commitTime, g.in.clock.Now().Sub(from))
	g.finished = nil
	g.ready = t.left
	g.stop = g.stop || t.off
	g.empty = t.empty
	for _, j := range t.begun {
		g.begun[j.d.ID] = j
		g.jobs <- j
	}
	if len(t.claimed) == 0 {
		return nil
	}
	jobs, err := g.load(ctx, t.claimed)
	g.ready = append(g.ready, jobs...)
	return err
}

// turning is the work of one turn's transaction. It reads the engine and does
// not change it, since it may have to be run again.
type turning struct {
	g       *engine
	begun   []*job
	left    []*job // what stays ready
	claimed []*Delivery
	off     bool // the account is off, stopped or paused
	empty   bool // nothing more is due
}

func (t *turning) do(ctx context.Context, tx *db.Tx) error {
	g := t.g
	if err := g.in.record(ctx, tx, g.acc.ID, g.holder, g.finished); err != nil {
		return err
	}
	a := new(Account)
	if err := tx.NewSelect().Model(a).Column("enabled", "paused_until", "stopped_at").Where("a.id = ?", g.acc.ID).Scan(ctx); err != nil {
		return notFound(err)
	}
	t.off = !a.Enabled || a.StoppedAt > 0 || a.PausedUntil > tx.Now
	if t.off || g.stop {
		return t.giveBackAll(ctx, tx)
	}
	if err := t.begin(ctx, tx); err != nil {
		return err
	}
	return t.claim(ctx, tx)
}

func (t *turning) giveBackAll(ctx context.Context, tx *db.Tx) error {
	var back []outcome
	for _, j := range t.g.ready {
		back = append(back, giveBack(j))
	}
	return t.g.in.record(ctx, tx, t.g.acc.ID, t.g.holder, back)
}

// begin marks the next deliveries as begun, after a last look at whether they
// may still be sent (channels 11.5).
func (t *turning) begin(ctx context.Context, tx *db.Tx) error {
	g := t.g
	var next []*job
	next, t.left = g.choose()
	if len(next) == 0 {
		return nil
	}
	barred, err := g.in.lastLook(ctx, tx, next)
	if err != nil {
		return err
	}
	var stopped []outcome
	ids := make([]int64, 0, len(next))
	for i, j := range next {
		if barred[i].state != "" {
			stopped = append(stopped, barred[i])
		} else {
			ids = append(ids, j.d.ID)
		}
	}
	if err := g.in.record(ctx, tx, g.acc.ID, g.holder, stopped); err != nil || len(ids) == 0 {
		return err
	}
	var mine []int64
	err = tx.NewRaw(`UPDATE deliveries SET begun_at = ?, attempts = attempts + 1, lease_until = ?, updated_at = ?
		WHERE id IN (?) AND holder = ? AND state = 'sending' RETURNING id`,
		tx.Now, tx.Now.Add(leaseFor), tx.Now, bun.List(ids), g.holder).Scan(ctx, &mine)
	if err != nil {
		return err
	}
	got := set(mine)
	for _, j := range next {
		if got[j.d.ID] { // the others lost their lease: somebody else has them
			again := *j.d // the transaction may be run again
			again.Attempts++
			again.BegunAt = tx.Now
			j := *j
			j.d = &again
			t.begun = append(t.begun, &j)
		}
	}
	return nil
}

// choose takes from what is ready as many as may be begun now, and only one for
// each recipient, so that messages to one person keep their order.
func (g *engine) choose() (next, left []*job) {
	n := g.target() - len(g.begun)
	busy := map[recipient]bool{}
	for _, j := range g.begun {
		busy[recipientOf(j.d)] = true
	}
	for _, j := range g.ready {
		if r := recipientOf(j.d); len(next) < n && !busy[r] {
			busy[r] = true
			next = append(next, j)
		} else {
			left = append(left, j)
		}
	}
	return next, left
}

type recipient struct{ kind, scope, value string }

func recipientOf(d *Delivery) recipient { return recipient{d.Kind, d.Scope, d.Address} }

func set(ids []int64) map[int64]bool {
	m := make(map[int64]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}

// claim takes the next due deliveries for this process.
func (t *turning) claim(ctx context.Context, tx *db.Tx) error {
	g := t.g
	n := 2*g.target() - len(t.left)
	if n <= 0 {
		return nil
	}
	q := tx.NewSelect().Model(&t.claimed).Where("d.account_id = ? AND d.state = 'queued' AND d.next_at <= ?", g.acc.ID, tx.Now).
		OrderExpr("d.next_at, d.id").Limit(int64(n))
	if tx.Postgres {
		q = q.For("UPDATE SKIP LOCKED")
	}
	if err := q.Scan(ctx); err != nil {
		return err
	}
	t.empty = len(t.claimed) < n
	if len(t.claimed) == 0 {
		return nil
	}
	ids := make([]int64, len(t.claimed))
	for i, d := range t.claimed {
		ids[i] = d.ID
		d.State, d.Holder, d.BegunAt = Sending, g.holder, 0
	}
	_, err := tx.NewRaw("UPDATE deliveries SET state = 'sending', holder = ?, lease_until = ?, begun_at = 0, updated_at = ? WHERE id IN (?)",
		g.holder, tx.Now.Add(leaseFor), tx.Now, bun.List(ids)).Exec(ctx)
	return err
}

// lastLook finds what must not be sent any more: too old, taken back, or to
// somebody who does not want it or is not there. A zero outcome means "send".
func (in *Inbox) lastLook(ctx context.Context, tx *db.Tx, jobs []*job) ([]outcome, error) {
	var people, messages []int64
	for _, j := range jobs {
		messages = append(messages, j.d.MessageID)
		if j.d.IdentityID > 0 {
			people = append(people, j.d.IdentityID)
		}
	}
	byID := map[int64]*Identity{}
	if len(people) > 0 {
		var rows []*Identity
		if err := tx.NewSelect().Model(&rows).Where("i.id IN (?)", bun.List(people)).Scan(ctx); err != nil {
			return nil, err
		}
		for _, i := range rows {
			byID[i.ID] = i
		}
	}
	var erased []int64
	if err := tx.NewRaw("SELECT id FROM messages WHERE id IN (?) AND erased_at > 0", bun.List(messages)).Scan(ctx, &erased); err != nil {
		return nil, err
	}
	gone := set(erased)
	out := make([]outcome, len(jobs))
	for i, j := range jobs {
		out[i] = lookAt(j, byID[j.d.IdentityID], gone[j.d.MessageID], tx.Now)
	}
	return out, nil
}

// lookAt decides about one delivery. A citizen who opted out still gets answers
// to what they write and to what they ask of a bot, but nothing that a robot
// sends of its own accord.
func lookAt(j *job, id *Identity, erased bool, now clock.Instant) outcome {
	o := outcome{job: j, source: "queue"}
	switch {
	case erased:
		o.state, o.code = Cancelled, "erased"
	case now >= j.d.ExpiresAt:
		o.state, o.code = Expired, "too_old"
	case id == nil:
		return outcome{}
	default:
		o.code = id.Barred(isProactive(j.m), now)
		switch o.code {
		case "":
			return outcome{}
		case "opted_out":
			o.state = Suppressed
		case "blocked":
			o.state, o.class = Blocked, channels.RecipientBlocked
		default: // "removed", "withdrawn", "gone", "bad"
			o.state, o.class = Failed, channels.RecipientGone
		}
	}
	return o
}

// close ends a run: what no worker has goes back to the queue, calls in flight
// are waited for, and every outcome is written, whatever ended the run.
func (g *engine) close(ctx context.Context, cut context.CancelFunc, cause error) error {
	for more := true; more; {
		select {
		case j := <-g.jobs:
			delete(g.begun, j.d.ID)
			g.finished = append(g.finished, giveBack(j))
		default:
			more = false
		}
	}
	close(g.jobs)
	g.wait(ctx, cut)
	for _, j := range g.ready {
		g.finished = append(g.finished, giveBack(j))
	}
	if len(g.finished) == 0 {
		return cause
	}
	return errors.Join(cause, g.recordRest(context.WithoutCancel(ctx)))
}

// wait waits for the workers. Calls in flight are cut only when the program
// stops and stopGrace is over.
func (g *engine) wait(ctx context.Context, cut context.CancelFunc) {
	idle := make(chan struct{})
	go func() { g.group.Wait(); close(idle) }()
	stopping := ctx.Done()
	var grace <-chan time.Time
	for {
		select {
		case r := <-g.results:
			g.take(r)
		case <-idle:
			g.drain()
			return
		case <-stopping:
			stopping = nil
			t := time.NewTimer(stopGrace)
			defer t.Stop()
			grace = t.C
		case <-grace:
			cut()
		case <-g.beat.C:
			if err := g.renew(context.WithoutCancel(ctx)); err != nil {
				g.in.log.Warn("leases could not be renewed", "account", g.acc.Key, "error", db.SafeError(err))
			}
		}
	}
}

// recordRest writes the last outcomes, again and again for a while when the
// database is away: what is lost here is shown to people as unknown.
func (g *engine) recordRest(ctx context.Context) error {
	var err error
	for try := range recordTries {
		if try > 0 {
			t := time.NewTimer(200 * time.Millisecond << (try - 1))
			<-t.C
		}
		err = g.in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			return g.in.record(ctx, tx, g.acc.ID, g.holder, g.finished)
		})
		if err == nil || !db.IsDown(err) {
			return err
		}
	}
	return err
}

// renew keeps the leases of all that this run has.
func (g *engine) renew(ctx context.Context) error {
	ids := make([]int64, 0, len(g.begun)+len(g.ready))
	for id := range g.begun {
		ids = append(ids, id)
	}
	for _, j := range g.ready {
		ids = append(ids, j.d.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := g.in.db.Write.NewRaw("UPDATE deliveries SET lease_until = ? WHERE id IN (?) AND holder = ? AND state = 'sending'",
		g.in.clock.Now().Add(leaseFor), bun.List(ids), g.holder).Exec(ctx)
	return err
}
