package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
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
// than a batch takes, the mails among them that have just arrived come too, ahead of
// their turn; what they answer may come later (awaited). A crowd that has just
// arrived itself is no backlog and goes in its order. Only mail may be ahead: in
// a chat each word follows the one before.
func (in *Inbox) pending(ctx context.Context, accountID int64) ([]*Raw, error) {
	var raws []*Raw
	err := in.db.Read.NewSelect().Model(&raws).Where("r.account_id = ? AND r.state = 'pending'", accountID).
		OrderExpr("r.id").Limit(batchItems).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("ingest: look for pending items: %w", err)
	}
	var live []*Raw
	if len(raws) == batchItems && raws[0].ReceivedAt < in.clock.Now().Add(-liveWithin) {
		live, err = in.live(ctx, accountID, raws[len(raws)-1].ID)
		if err != nil {
			return nil, err
		}
		if in.arriving.lively(accountID, len(live) > 0) {
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
	return append(raws, live...), nil
}

// live are mails behind the batch that have just arrived, in their order.
func (in *Inbox) live(ctx context.Context, accountID, behind int64) ([]*Raw, error) {
	var out []*Raw
	q := in.db.Read.NewSelect().Model(&out).
		Where("r.account_id = ? AND r.state = 'pending' AND r.id > ? AND r.received_at > ? AND NOT r.archive", accountID, behind, in.clock.Now().Add(-liveWithin)).
		Where("r.content_type LIKE 'message/rfc822%'").OrderExpr("r.received_at DESC, r.id DESC").Limit(liveItems)
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("ingest: look for what has just arrived: %w", err)
	}
	slices.SortFunc(out, func(a, b *Raw) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// liveness counts, by account, the batches since something came ahead of its turn,
// while a backlog is filed.
type liveness struct {
	mu   sync.Mutex
	calm map[int64]int
}

// lively reports whether mails arrive while a backlog is filed: one did with this
// batch or with the last few.
func (l *liveness) lively(accountID int64, now bool) bool {
	const batches = 10
	l.mu.Lock()
	defer l.mu.Unlock()
	switch n, known := l.calm[accountID]; {
	case now:
		if l.calm == nil {
			l.calm = map[int64]int{}
		}
		l.calm[accountID] = 0
	case !known:
		return false
	case n >= batches:
		delete(l.calm, accountID)
		return false
	default:
		l.calm[accountID]++
	}
	return true
}
