package web

import (
	"context"
	"sync/atomic"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

// healthKept is for how long the state of the channels beside every page is not asked
// anew, where no account was said to have changed.
const healthKept = 2 * time.Second

// keptHealth is the state of all channels, which is the same for all who look: figures
// without a name. One asks for all that want it at a time.
type keptHealth struct {
	clock   clock.Clock
	turn    chan struct{} // holds one while somebody asks or looks; it guards what follows
	known   page.Health
	at      clock.Instant // 0: not known
	as      int64         // changes, when it was asked
	changes atomic.Int64
}

func newKeptHealth(c clock.Clock) *keptHealth {
	return &keptHealth{clock: c, turn: make(chan struct{}, 1)}
}

// changed says that an account is not as it was. It does not block.
func (k *keptHealth) changed() { k.changes.Add(1) }

// get is what is known, or what ask says now. What was asked before a change is told to
// whoever asked, and not kept. Errors are those of ask, which are not kept, and of ctx.
func (k *keptHealth) get(ctx context.Context, ask func(context.Context) (page.Health, error)) (page.Health, error) {
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		return page.Health{}, ctx.Err()
	}
	defer func() { <-k.turn }()
	now, as := k.clock.Now(), k.changes.Load()
	if age := now.Sub(k.at); k.at > 0 && k.as == as && age >= 0 && age < healthKept {
		return k.known, nil
	}
	h, err := ask(ctx)
	if err != nil {
		return h, err
	}
	k.known, k.at, k.as = h, now, as
	return h, nil
}
