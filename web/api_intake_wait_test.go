package web

import (
	"context"
	"errors"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/db"
)

// TestRule81cTheDatabaseIsNotAwaitedForEver: who hands mail over is told in time to keep
// it, and what was given up was not stored.
func TestRule81cTheDatabaseIsNotAwaitedForEver(t *testing.T) {
	if commitWithin <= 0 || commitWithin > 20*time.Second {
		t.Errorf("programs wait for half a minute, and would wait %s for the answer", commitWithin)
	}
	eachAPI(t, func(t *testing.T, e *apiTown) {
		raw := channels.Raw{DedupKey: "x", ContentType: "message/rfc822", Body: []byte(letter), Size: int64(len(letter)), ReceivedAt: e.db.Clock.Now()}
		err := e.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if tx.Postgres { // SQLite has one writer
				if _, err := tx.NewRaw("LOCK TABLE raws IN ACCESS EXCLUSIVE MODE").Exec(ctx); err != nil {
					return err
				}
			}
			k := &mailKeeper{in: e.inbox, account: e.mail.ID, within: 50 * time.Millisecond}
			if err := k.Take(context.WithoutCancel(t.Context()), "http", raw); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("while the database is busy: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		k := &mailKeeper{in: e.inbox, account: e.mail.ID, within: commitWithin}
		if err := k.Take(t.Context(), "http", raw); err != nil || !k.got.Fresh {
			t.Errorf("afterwards: %v, for the first time %v", err, k.got.Fresh)
		}
	})
}
