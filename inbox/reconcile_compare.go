package inbox

import (
	"context"
	"fmt"
	"strings"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// HeldDifference is how a stream differs from what its platform holds.
type HeldDifference struct {
	Here    int      // raw items of the present numbering
	Missing []string // keys that the platform holds and that are not here
	Gone    int      // raw items that the platform no longer holds
	Older   int      // raw items of earlier numberings
}

// CompareHeld compares what a platform holds of a stream with the raw items that
// came from it. A raw item stays when its message is erased, without its
// contents: so what was erased is not missing (mail rules 15 and 81b).
func CompareHeld(ctx context.Context, d *db.DB, accountID int64, h channels.Held) (HeldDifference, error) {
	var out HeldDifference
	rows, err := d.Read.QueryContext(ctx, "SELECT dedup_key FROM raws WHERE account_id = ? AND stream = ?", accountID, h.Stream)
	if err != nil {
		return out, fmt.Errorf("read the originals: %w", err)
	}
	defer rows.Close()
	held := make(map[string]bool, len(h.Keys))
	for _, k := range h.Keys {
		held[k] = false
	}
	var key string
	for rows.Next() {
		if err := rows.Scan(&key); err != nil {
			return out, fmt.Errorf("read the originals: %w", err)
		}
		_, there := held[key]
		switch {
		case there:
			held[key] = true
			out.Here++
		case strings.HasPrefix(key, h.Prefix):
			out.Here++
			out.Gone++
		default:
			out.Older++
		}
	}
	if err := rows.Err(); err != nil {
		return out, fmt.Errorf("read the originals: %w", err)
	}
	for _, k := range h.Keys {
		if !held[k] {
			out.Missing = append(out.Missing, k)
		}
	}
	return out, nil
}
