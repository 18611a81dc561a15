package mail

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
)

const (
	// aheadOf is how many messages must wait for those that arrive meanwhile to
	// be taken in before them.
	aheadOf = 300
	// aheadEvery is how long at most a backlog is read without a look for them,
	// when the server announces nothing.
	aheadEvery = 150 * time.Millisecond
	// Of what waited already, the newest aheadNewest messages are taken in first
	// as well if they arrived within aheadWithin: whoever wrote while the program
	// was starting is waiting too.
	aheadNewest = 50
	aheadWithin = 5 * time.Minute
)

// fork begins to take in what arrives from now on ahead of a long backlog: after
// an outage of days whoever writes today need not wait until all is read. The
// numbers of both ways are in the cursor, so that nothing is read twice or
// forgotten if this process ends.
func (w *watcher) fork() error {
	if w.cur.AheadFrom > 0 || w.next <= w.cur.LastUID+aheadOf {
		return nil
	}
	newest, err := w.list(w.next-aheadNewest, w.next-1)
	if err != nil {
		return err
	}
	from, since := w.next, w.m.clock.Now().Add(-aheadWithin)
	slices.SortFunc(newest, func(a, b entry) int { return cmp.Compare(b.uid, a.uid) })
	for _, e := range newest {
		if e.at < since {
			break
		}
		from = e.uid
	}
	w.cur.AheadFrom, w.cur.AheadTo = from, from-1
	return nil
}

// join ends the two ways once the backlog has reached what was taken in ahead.
func (w *watcher) join(ctx context.Context, out chan<- channels.Batch) error {
	if w.cur.AheadFrom == 0 || w.cur.LastUID+1 < w.cur.AheadFrom {
		return nil
	}
	w.cur.LastUID = max(w.cur.LastUID, w.cur.AheadTo)
	w.cur.AheadFrom, w.cur.AheadTo = 0, 0
	w.next = max(w.next, w.cur.LastUID+1)
	return w.send(ctx, out, nil)
}

// lookAhead takes in what has arrived since the fork. It is called between the
// batches of the backlog.
func (w *watcher) lookAhead(ctx context.Context, out chan<- channels.Batch) error {
	if w.ahead || w.cur.AheadFrom == 0 {
		return nil
	}
	now := w.m.clock.Now()
	select {
	case <-w.c.news:
	default:
		if now.Sub(w.lookedAhead) < aheadEvery {
			return nil
		}
	}
	w.ahead = true
	defer func() { w.ahead = false }()
	if err := w.ask(); err != nil { // so that the server counts what is new
		return err
	}
	list, err := w.list(w.cur.AheadTo+1, 0)
	if err != nil {
		return err
	}
	err = w.take(ctx, list, out)
	w.lookedAhead = w.m.clock.Now()
	return err
}

// reached is the number up to which messages were passed, on the present way.
func (w *watcher) reached() imap.UID {
	if w.ahead {
		return w.cur.AheadTo
	}
	return w.cur.LastUID
}

// reach notes that a message was passed.
func (w *watcher) reach(uid imap.UID) {
	if w.ahead {
		w.cur.AheadTo = uid
	} else {
		w.cur.LastUID = uid
	}
}

// passed tells whether a message lies behind the cursor, on either way.
func (c cursor) passed(uid imap.UID) bool {
	return uid <= c.LastUID || c.AheadFrom > 0 && uid >= c.AheadFrom && uid <= c.AheadTo
}
