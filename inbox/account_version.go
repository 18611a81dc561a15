package inbox

import (
	"context"
	"fmt"

	"filodiretto/internal/db"
)

// AccountVersions are the versions of all accounts that may be worked, by id: a
// cheap way to learn that one is new, changed, paused or gone.
func (in *Inbox) AccountVersions(ctx context.Context) (map[int64]int64, error) {
	return AccountVersions(ctx, in.db)
}

// AccountVersions is the same for who opens the accounts, before there is an Inbox.
func AccountVersions(ctx context.Context, d *db.DB) (map[int64]int64, error) {
	var rows []struct{ ID, Version int64 }
	if err := d.Ask(ctx, "SELECT id, version FROM accounts WHERE enabled AND stopped_at = 0", nil, &rows); err != nil {
		return nil, fmt.Errorf("versions of the accounts: %w", err)
	}
	out := make(map[int64]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out, nil
}
