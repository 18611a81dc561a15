package inbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// askedAtOnce is how many keys one question names: SQLite takes 32,766 at most.
const askedAtOnce = 500

// Known gives those of the dedup keys that the account has raw items of, with when
// they were committed. An item that was erased since keeps its key.
func (in *Inbox) Known(ctx context.Context, accountID int64, keys []string) (map[string]channels.Known, error) {
	out := make(map[string]channels.Known, len(keys))
	for some := range slices.Chunk(keys, askedAtOnce) {
		var rows []struct {
			DedupKey    string
			AcceptedAt  clock.Instant
			ContentType string
		}
		err := in.db.Read.NewRaw("SELECT dedup_key, accepted_at, content_type FROM raws WHERE account_id = ? AND dedup_key IN (?)", accountID, bun.List(some)).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("which items are known: %w", err)
		}
		for _, r := range rows {
			out[r.DedupKey] = channels.Known{AcceptedAt: r.AcceptedAt, ContentType: r.ContentType}
		}
	}
	return out, nil
}
