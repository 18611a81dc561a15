package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"filodiretto/internal/blob"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

const (
	// erasedFor is how long a file stays aside that an erasure left without a name: a
	// mail with the same bytes may be on its way into its row just then. Whoever names it
	// later than that opens it first, and so brings it back (ClearFiles).
	erasedFor = time.Hour
	// erasedStep is how much one call of FinishErasing does.
	erasedStep = 500
	// searchWords is what is left to do in SQLite's search index.
	searchWords = "search"
)

type leaving struct {
	bun.BaseModel `bun:"table:erasing,alias:er"`

	What    string `bun:",pk"`
	SinceAt clock.Instant
	AsideAt clock.Instant
}

// leaveStore notes files that leave the store after the commit, unless something else
// names them; empty names are passed over. So a process that dies loses nothing.
func leaveStore(ctx context.Context, tx *db.Tx, sums ...string) error {
	for _, sum := range sums {
		if sum == "" || sum == searchWords && tx.Postgres {
			continue
		}
		_, err := tx.NewRaw("INSERT INTO erasing (what, since_at) VALUES (?, ?) ON CONFLICT (what) DO UPDATE SET since_at = excluded.since_at, aside_at = 0", sum, tx.Now).Exec(ctx)
		if err != nil {
			return fmt.Errorf("let a file leave the store: %w", err)
		}
	}
	return nil
}

// clearErased puts files aside as soon as an erasure is committed. The search index, which
// may be large, is left to the chore.
func (in *Inbox) clearErased(ctx context.Context) {
	if _, err := in.finishErasing(ctx, "er.what <> '"+searchWords+"'"); err != nil { // the chore does it again
		in.log.WarnContext(ctx, "what was erased is still in the store", "error", errText(err))
	}
}

// FinishErasing does what erasures left to do, and returns how much is done: the files
// that nothing names any more are put aside at once and are gone an hour later, and the
// words go from the search index. Call it from time to time, by one process; it may be
// killed anywhere.
func (in *Inbox) FinishErasing(ctx context.Context) (done int, err error) {
	return in.finishErasing(ctx, "1 = 1")
}

func (in *Inbox) finishErasing(ctx context.Context, which string) (done int, err error) {
	var rows []*leaving
	err = in.db.Read.NewSelect().Model(&rows).Where(which).Where("er.aside_at <= ?", in.clock.Now().Add(-erasedFor)).OrderExpr("er.since_at, er.what").Limit(erasedStep).Scan(ctx)
	if err != nil {
		return 0, fmt.Errorf("what is to be erased: %w", err)
	}
	var files []blob.Info
	for _, r := range rows {
		if r.What != searchWords {
			files = append(files, blob.Info{Sum: r.What})
		}
	}
	named, err := in.namedFiles(ctx, files)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		gone, failed := in.leave(ctx, r, named[r.What])
		if failed != nil { // what cannot go keeps nothing else from going
			err = errors.Join(err, fmt.Errorf("erase what is left: %w", failed))
		}
		if gone {
			done++
		}
	}
	return done, err
}

// leave does the next step for one: a file is put aside first, and then taken away.
func (in *Inbox) leave(ctx context.Context, r *leaving, named bool) (gone bool, err error) {
	switch {
	case r.What == searchWords:
		err = in.compactSearch(ctx)
	case named:
		err = in.blobs.Restore(ctx, r.What)
	case r.AsideAt == 0:
		if err = in.blobs.Discard(ctx, r.What); err == nil {
			_, err = in.db.Write.NewRaw("UPDATE erasing SET aside_at = ? WHERE what = ? AND since_at = ?", in.clock.Now(), r.What, r.SinceAt).Exec(ctx)
		}
		return false, err
	default:
		if err = in.blobs.Purge(ctx, r.What); err != nil {
			return false, err
		}
		back, err := in.blobs.Has(ctx, r.What)
		if err != nil {
			return false, err
		}
		if back { // somebody opened it meanwhile: it goes aside anew
			_, err = in.db.Write.NewRaw("UPDATE erasing SET aside_at = 0 WHERE what = ? AND since_at = ?", r.What, r.SinceAt).Exec(ctx)
			return false, err
		}
	}
	if err == nil { // unless it is to be erased anew
		_, err = in.db.Write.NewRaw("DELETE FROM erasing WHERE what = ? AND since_at = ?", r.What, r.SinceAt).Exec(ctx)
	}
	return err == nil, err
}

// compactStep is how many pages of the index one transaction writes: nobody waits long.
const compactStep = 500

// compactSearch merges SQLite's search index, which keeps the words of what was taken out
// of it until then.
func (in *Inbox) compactSearch(ctx context.Context) error {
	pages := -compactStep // begins
	for {
		var before, after int64
		err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := tx.NewRaw("SELECT total_changes()").Scan(ctx, &before); err != nil {
				return err
			}
			if _, err := tx.NewRaw("INSERT INTO search (search, rank) VALUES ('merge', ?)", pages).Exec(ctx); err != nil {
				return err
			}
			return tx.NewRaw("SELECT total_changes()").Scan(ctx, &after)
		})
		if err != nil {
			return fmt.Errorf("merge the search index: %w", err)
		}
		if after-before < 2 { // SQLite's manual: nothing was left to do
			return nil
		}
		pages = compactStep
	}
}
