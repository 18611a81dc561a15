package mail

import (
	"cmp"
	"context"
	"slices"

	"github.com/emersion/go-imap/v2"
	"golang.org/x/sync/errgroup"

	"filodiretto/channels"
)

// The listing goes through the numbers in windows, so that a mailbox of any
// size is never held in memory; a window grows where numbers are sparse.
const (
	windowFirst = 1000
	windowMost  = 20000
)

// catchUp takes in all that is new and tells whether there was anything. The
// next batch is fetched while the one before is being committed; at most three
// batches are in memory.
func (w *watcher) catchUp(ctx context.Context) (found bool, err error) {
	select {
	case <-w.c.news: // what is announced from now on is looked for again
	default:
	}
	group, gctx := errgroup.WithContext(ctx)
	batches := make(chan channels.Batch, 1)
	group.Go(func() error {
		for b := range batches {
			if err := w.accept(gctx, b); err != nil {
				return err
			}
			found = found || len(b.Items) > 0
		}
		return nil
	})
	group.Go(func() error {
		defer close(batches)
		if err := w.fetchNew(gctx, batches); err != nil {
			return err
		}
		return w.fetchLater(gctx, batches)
	})
	err = group.Wait()
	return found, err
}

// fetchNew walks from the cursor to the newest message.
func (w *watcher) fetchNew(ctx context.Context, out chan<- channels.Batch) error {
	if err := w.fork(); err != nil {
		return err
	}
	if err := w.lookAhead(ctx, out); err != nil {
		return err
	}
	w.lookedAhead = 0 // what arrives during the first batch is looked for after it
	for size := imap.UID(windowFirst); ; {
		if err := w.join(ctx, out); err != nil {
			return err
		}
		first := w.cur.LastUID + 1
		stop := first + size - 1
		switch {
		case w.cur.AheadFrom > 0:
			stop = min(stop, w.cur.AheadFrom-1)
		case first+size >= w.next:
			stop = 0 // to the newest, which may have arrived meanwhile
		}
		list, err := w.list(first, stop)
		if err != nil {
			return err
		}
		if err := w.take(ctx, list, out); err != nil {
			return err
		}
		if stop == 0 {
			w.next = max(w.next, w.cur.LastUID+1)
			return nil
		}
		if w.cur.LastUID < stop {
			w.cur.LastUID = stop // nothing is there, and numbers are never used again
			if err := w.send(ctx, out, nil); err != nil {
				return err
			}
		}
		if len(list) < int(size)/4 {
			size = min(size*2, windowMost)
		} else {
			size = windowFirst
		}
	}
}

// take fetches the messages of a list in batches, in the order of their UIDs.
func (w *watcher) take(ctx context.Context, list []entry, out chan<- channels.Batch) error {
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.uid, b.uid) })
	limits := w.m.limits
	var batch []entry
	var bytes int64
	flush := func() error {
		defer func() { batch, bytes = nil, 0 }()
		if err := w.fetchBatch(ctx, batch, out); err != nil {
			return err
		}
		return w.lookAhead(ctx, out)
	}
	passed := w.reached()
	for _, e := range list {
		if e.uid <= passed { // n:* names the newest message even when n is beyond it
			continue
		}
		passed = e.uid
		if w.skips(e) {
			continue
		}
		alone := e.size < 0 || e.size > limits.inline || w.doubts(e.uid)
		if len(batch) > 0 && (alone || len(batch) >= limits.batchCount || bytes+e.size > limits.batchBytes) {
			if err := flush(); err != nil {
				return err
			}
		}
		if alone {
			if err := w.fetchAlone(ctx, e, out); err != nil {
				return err
			}
			continue
		}
		batch, bytes = append(batch, e), bytes+e.size
	}
	if err := flush(); err != nil {
		return err
	}
	if passed > w.reached() { // the last ones were skipped
		w.reach(passed)
		return w.send(ctx, out, nil)
	}
	return nil
}

// skips tells whether a message is none of ours: a draft, one that its owner
// deleted (rule 10), or one from before the time asked for (rule 7).
func (w *watcher) skips(e entry) bool {
	return e.deleted || e.draft || w.cur.leavesOut(e.uid, e.at)
}

// send hands items and the present cursor to the one who commits them.
func (w *watcher) send(ctx context.Context, out chan<- channels.Batch, items []channels.Raw) error {
	select {
	case out <- channels.Batch{Stream: w.folder, Cursor: w.cur.encode(), Items: items}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
