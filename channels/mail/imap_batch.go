package mail

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"filodiretto/channels"
)

// wholeBody asks for a message as it is, without marking it as read (rule 4).
var wholeBody = &imap.FetchItemBodySection{Peek: true}

// fetchBatch fetches small messages together and sends them on. Those that the
// server leaves out are asked for once more, alone.
func (w *watcher) fetchBatch(ctx context.Context, batch []entry, out chan<- channels.Batch) error {
	if len(batch) == 0 {
		return nil
	}
	bodies, fetchErr := w.bodies(batch)
	var no *imap.Error
	broken := fetchErr != nil && !errors.As(fetchErr, &no)
	var items []channels.Raw
	for _, e := range batch {
		body := bodies[e.uid]
		if len(body) > 0 {
			raw := w.raw(e)
			raw.Body, raw.Size = body, int64(len(body))
			items = append(items, raw)
			w.reach(e.uid)
			continue
		}
		if broken {
			// The connection died in this message's turn. What came before is
			// safe; this one is tried alone next time.
			w.died(ctx, e.uid)
			break
		}
		if len(items) > 0 {
			if err := w.send(ctx, out, items); err != nil {
				return err
			}
			items = nil
		}
		if err := w.fetchAlone(ctx, e, out); err != nil {
			return err
		}
	}
	if len(items) > 0 {
		if err := w.send(ctx, out, items); err != nil {
			return err
		}
	}
	if broken {
		return w.fail("fetch mail from", fetchErr)
	}
	return nil
}

// bodies fetches the messages into memory. With an error it gives those that
// arrived before it.
func (w *watcher) bodies(batch []entry) (map[imap.UID][]byte, error) {
	set := make(imap.UIDSet, 0, len(batch))
	for _, e := range batch {
		set.AddNum(e.uid)
	}
	got := make(map[imap.UID][]byte, len(batch))
	err := w.c.do(func() error {
		cmd := w.c.Fetch(set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{wholeBody}})
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			uid, body, err := readBody(data, w.m.limits.batchBytes, nil)
			if err == nil && uid != 0 {
				got[uid] = body
			}
		}
		return cmd.Close()
	})
	return got, err
}

// readBody reads one message of an answer. A body that is larger than the
// limit, which the list did not announce, comes out empty and is fetched
// alone in the end.
func readBody(data *imapclient.FetchMessageData, limit int64, room []byte) (uid imap.UID, body []byte, err error) {
	for item := data.Next(); item != nil; item = data.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = item.UID
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil || item.Literal.Size() > limit {
				continue
			}
			if body = room; int64(cap(body)) < item.Literal.Size() {
				body = make([]byte, item.Literal.Size())
			}
			body = body[:item.Literal.Size()]
			if _, readErr := io.ReadFull(item.Literal, body); readErr != nil {
				body, err = nil, fmt.Errorf("read a message: %w", readErr)
			}
		}
	}
	return uid, body, err
}
