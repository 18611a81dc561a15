package db

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"filodiretto/internal/clock"
	"filodiretto/internal/testserver"
)

// More transactions than connections, each of which reads something beside
// itself: with one pool for both they would wait for each other for ever.
func TestReadingBesideATransactionNeverWaitsForWriters(t *testing.T) {
	for name, url := range map[string]string{
		"sqlite":   "sqlite:" + filepath.Join(t.TempDir(), "t.db"),
		"postgres": testserver.Postgres(t),
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Open(t.Context(), url, clock.System{}, Options{ReadConnections: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
			defer stop()
			var group sync.WaitGroup
			var turn sync.Mutex // as held around what is read once for all
			for range 40 {
				group.Go(func() {
					err := d.Tx(ctx, func(ctx context.Context, tx *Tx) error {
						turn.Lock()
						defer turn.Unlock()
						var one int
						return d.Read.NewRaw("SELECT 1").Scan(ctx, &one)
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
		})
	}
}
