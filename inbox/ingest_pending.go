package inbox

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/channels"
)

// While a backlog is filed, what has just arrived goes ahead of it: at most
// liveItems of a batch that came within liveWithin, the newest ones.
const (
	liveItems  = 50
	liveWithin = 5 * time.Minute
	// livelyItems is the size of a batch of the backlog while mails arrive, so that
	// the next one need not wait for a long one to end.
	livelyItems = 100
)

// pending are the raw items of the next batch, the oldest first. When more wait
// than a batch takes, the mails among them that have just arrived come too: these
// are ahead of their turn. Only mail may be: in a chat each word follows the one
// before.
func (in *Inbox) pending(ctx context.Context, accountID int64) (raws []*Raw, ahead map[int64]bool, err error) {
	err = in.db.Read.NewSelect().Model(&raws).Where("r.account_id = ? AND r.state = 'pending'", accountID).
		OrderExpr("r.id").Limit(batchItems).Scan(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("ingest: look for pending items: %w", err)
	}
	var live []*Raw
	if len(raws) == batchItems {
		live, err = in.live(ctx, accountID, raws[len(raws)-1].ID)
		if err != nil {
			return nil, nil, err
		}
		if in.waits.lively(accountID, len(live) > 0) {
			raws = raws[:livelyItems]
		}
	}
	total := int64(0)
	for i, r := range slices.Concat(live, raws) {
		if total += r.Size; total <= batchBytes || i == 0 {
			continue
		}
		live, raws = live[:min(i, len(live))], raws[:max(0, i-len(live))]
		break
	}
	ahead = make(map[int64]bool, len(live))
	for _, r := range live {
		ahead[r.ID] = true
	}
	return append(raws, live...), ahead, nil
}

// live are mails behind the batch that have just arrived, in their order.
func (in *Inbox) live(ctx context.Context, accountID, behind int64) ([]*Raw, error) {
	var out []*Raw
	q := in.db.Read.NewSelect().Model(&out).
		Where("r.account_id = ? AND r.state = 'pending' AND r.id > ? AND r.received_at > ? AND NOT r.archive", accountID, behind, in.clock.Now().Add(-liveWithin)).
		Where("r.content_type LIKE 'message/rfc822%'").OrderExpr("r.id DESC").Limit(liveItems)
	if waits := in.waits.of(accountID); len(waits) > 0 {
		q = q.Where("r.id NOT IN (?)", bun.List(waits))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("ingest: look for what has just arrived: %w", err)
	}
	slices.Reverse(out)
	return out, nil
}

// postpone leaves mails for their turn that are ahead of it and answer something
// which is not here: it may be in the backlog, and an answer that were filed first
// would open a case of its own.
func (in *Inbox) postpone(ctx context.Context, accountID int64, list []*reading, ahead map[int64]bool) ([]*reading, error) {
	if len(ahead) == 0 {
		in.waits.change(accountID, list, nil)
		return list, nil
	}
	var refs []string
	for _, r := range list {
		if ahead[r.raw.ID] {
			for i := range r.items {
				refs = append(refs, in.strange(&r.items[i])...)
			}
		}
	}
	here := map[string]bool{}
	for step := range slices.Chunk(refs, 500) {
		var found []string
		if err := in.db.Read.NewRaw("SELECT DISTINCT external_id FROM messages WHERE external_id IN (?)", bun.List(step)).Scan(ctx, &found); err != nil {
			return nil, fmt.Errorf("ingest: look for what is answered: %w", err)
		}
		for _, f := range found {
			here[f] = true
		}
	}
	var wait []int64
	list = slices.DeleteFunc(list, func(r *reading) bool {
		if !ahead[r.raw.ID] {
			return false
		}
		for i := range r.items {
			if refs := in.strange(&r.items[i]); len(refs) > 0 && !slices.ContainsFunc(refs, func(ref string) bool { return here[ref] }) {
				wait = append(wait, r.raw.ID)
				return true
			}
		}
		return false
	})
	in.waits.change(accountID, list, wait)
	return list, nil
}

// strange are the messages of others that an item answers; none when it answers
// one of ours, which is here.
func (in *Inbox) strange(it *channels.Item) []string {
	for _, ref := range it.References {
		if _, own := in.sign.ParseMessageID(ref); own {
			return nil
		}
	}
	return it.References
}

// turns are the raw items, by account, that this process found to wait for their
// turn in a backlog, so that they are not read again with every batch.
type turns struct {
	mu sync.Mutex
	by map[int64]map[int64]bool
	// calm counts, by account, the batches since something came ahead of its turn.
	calm map[int64]int
}

// lively reports whether mails arrive while a backlog is filed: one did with this
// batch or with the last few.
func (t *turns) lively(accountID int64, now bool) bool {
	const batches = 10
	t.mu.Lock()
	defer t.mu.Unlock()
	switch n, known := t.calm[accountID]; {
	case now:
		if t.calm == nil {
			t.calm = map[int64]int{}
		}
		t.calm[accountID] = 0
	case !known:
		return false
	case n >= batches:
		delete(t.calm, accountID)
		return false
	default:
		t.calm[accountID]++
	}
	return true
}

func (t *turns) of(accountID int64) []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Collect(maps.Keys(t.by[accountID]))
}

// change adds those that wait, and takes out those whose turn has come.
func (t *turns) change(accountID int64, come []*reading, wait []int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range wait {
		if t.by == nil {
			t.by = map[int64]map[int64]bool{}
		}
		if t.by[accountID] == nil {
			t.by[accountID] = map[int64]bool{}
		}
		t.by[accountID][id] = true
	}
	for _, r := range come {
		delete(t.by[accountID], r.raw.ID)
	}
}
