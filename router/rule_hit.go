package router

import (
	"context"
	"encoding/json"
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// mostOpened is how many cases are looked at to count what rules did.
const mostOpened = 20_000

// RuleHits counts, by rule, the cases opened since an instant to which it
// applied: the newest 20,000 at most. Administrators and heads may ask.
func (r *Router) RuleHits(ctx context.Context, v inbox.Viewer, since clock.Instant) (map[int64]int, error) {
	if _, err := r.mayRule(ctx, v); err != nil {
		return nil, err
	}
	var rows []string
	err := r.db.Read.NewRaw("SELECT data FROM events WHERE kind = 'case.opened' AND id >= ? AND at >= ? ORDER BY id DESC LIMIT ?", db.FirstID(since), since, mostOpened).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count what the rules did: %w", err)
	}
	hits := map[int64]int{}
	for _, data := range rows {
		var d struct{ Rules []int64 }
		if json.Unmarshal([]byte(data), &d) != nil {
			continue
		}
		for _, id := range d.Rules {
			hits[id]++
		}
	}
	return hits, nil
}
