package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
)

var _ channels.Reconciler = (*mailbox)(nil)

// Held lists what the folders hold that should have been taken in (mail rules 3
// and 15). Drafts, deleted messages and those from before the chosen start are
// none of ours; where the start was "now", what was there at the first look is
// not compared.
func (m *mailbox) Held(ctx context.Context, stored func(stream string) ([]byte, error)) ([]channels.Held, error) {
	c, err := m.dialIMAP(ctx)
	if err != nil {
		return nil, err
	}
	defer c.logout()
	out := make([]channels.Held, 0, len(m.set.folders))
	for _, folder := range m.set.folders {
		cursor, err := stored(folder)
		if err != nil {
			return nil, fmt.Errorf("read the cursor of a folder: %w", err)
		}
		h, err := (&watcher{m: m, c: c, folder: folder}).held(cursor)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// held looks into one folder.
func (w *watcher) held(stored []byte) (channels.Held, error) {
	h := channels.Held{Stream: w.folder}
	same, err := w.examine(stored)
	if err != nil {
		return h, err
	}
	if !same {
		h.Renumbered = true
		return h, nil
	}
	h.Prefix = w.cur.prefix(w.folder)
	uids, err := w.ours()
	if err != nil {
		return h, err
	}
	h.Keys = make([]string, 0, len(uids))
	key := []byte(h.Prefix)
	for _, uid := range uids {
		if stored == nil || !w.cur.passed(uid) || w.owed(uid) {
			h.Waiting++
			continue
		}
		h.Keys = append(h.Keys, string(strconv.AppendUint(key, uint64(uid), 10)))
	}
	return h, nil
}

// examine opens the folder for reading only and tells whether it is still the
// one, in the same numbering, that the cursor is of.
func (w *watcher) examine(stored []byte) (same bool, err error) {
	var box *imap.SelectData
	err = w.c.do(func() (err error) {
		box, err = w.c.Select(w.folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	if no := (*imap.Error)(nil); errors.As(err, &no) && !temporary(no) {
		return false, channels.Errorf(channels.ContentRejected, imapCode(no), "the folder %q does not exist or may not be read: correct folders, or make it", w.folder)
	}
	if err != nil {
		return false, w.fail("open a folder of", err)
	}
	w.cur = cursor{UIDValidity: box.UIDValidity}
	if stored == nil {
		return true, nil
	}
	w.cur, err = decodeCursor(stored)
	return err == nil && w.cur.UIDValidity == box.UIDValidity && (w.cur.Box == "" || w.cur.Box == w.m.box()), nil
}

// ours are the numbers of the messages that should be here or are on their way,
// rising. Of most messages the server need only say the number: a folder of
// 100,000 is one short answer. Dates are asked for of those alone that a chosen
// start may leave out.
func (w *watcher) ours() ([]imap.UID, error) {
	var list []entry
	first := imap.UID(1)
	switch old := w.cur.OldBelow; {
	case w.m.set.start.now && old > 1:
		first = old
	case w.cur.NotBefore != 0 && old > 1:
		dated, err := w.list(1, old-1)
		if err != nil {
			return nil, err
		}
		list, first = dated, old
	}
	rest, err := w.search(first, 0)
	if err != nil {
		return nil, err
	}
	out := make([]imap.UID, 0, len(list)+len(rest))
	for _, e := range list {
		if !w.skips(e) && e.uid < first { // n:m may name more on a sloppy server
			out = append(out, e.uid)
		}
	}
	for _, e := range rest {
		out = append(out, e.uid)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
