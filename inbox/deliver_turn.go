package inbox

import (
	"context"

	"github.com/uptrace/bun"

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
	g.stop = g.stop || t.off || t.full
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
	off     bool // the account is off, stopped, paused or changed
	full    bool // the account has sent what it may in a minute
	empty   bool // nothing more is due
}

func (t *turning) do(ctx context.Context, tx *db.Tx) error {
	g := t.g
	if err := g.in.record(ctx, tx, g.acc.ID, g.holder, g.finished); err != nil {
		return err
	}
	a := new(Account)
	if err := tx.NewSelect().Model(a).Column("enabled", "paused_until", "stopped_at", "version").Where("a.id = ?", g.acc.ID).Scan(ctx); err != nil {
		return notFound(err)
	}
	// A process that has not heard of a change yet begins nothing with the old
	// settings.
	t.off = !a.Enabled || a.StoppedAt > 0 || a.PausedUntil > tx.Now || a.Version != g.acc.Version
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
	next, held, err := t.pace(ctx, tx, next)
	if err != nil {
		return err
	}
	if err := g.in.record(ctx, tx, g.acc.ID, g.holder, held); err != nil || len(next) == 0 {
		return err
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
