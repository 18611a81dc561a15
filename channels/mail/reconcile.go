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

// Held lists what the folders hold that should have been taken in (mail rule 3).
// Drafts, deleted messages and those from before the chosen start are none of
// ours; where the start was "now", what was there at the first look is not
// compared.
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

// held looks into one folder, which is opened for reading only.
func (w *watcher) held(stored []byte) (channels.Held, error) {
	h := channels.Held{Stream: w.folder}
	var box *imap.SelectData
	err := w.c.do(func() (err error) {
		box, err = w.c.Select(w.folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	if no := (*imap.Error)(nil); errors.As(err, &no) && !temporary(no) {
		return h, channels.Errorf(channels.ContentRejected, imapCode(no), "the folder %q does not exist or may not be read: correct folders, or make it", w.folder)
	}
	if err != nil {
		return h, w.fail("open a folder of", err)
	}
	w.cur.UIDValidity = box.UIDValidity
	if stored != nil {
		w.cur, err = decodeCursor(stored)
		if err != nil || w.cur.UIDValidity != box.UIDValidity || w.cur.Box != "" && w.cur.Box != w.m.box() {
			h.Renumbered = true
			return h, nil
		}
	}
	h.Prefix = w.cur.prefix(w.folder)
	list, err := w.list(1, 0)
	if err != nil {
		return h, err
	}
	for _, e := range list {
		owed := slices.ContainsFunc(w.cur.Later, func(l later) bool { return l.UID == e.uid })
		switch {
		case w.skips(e), w.m.set.start.now && e.uid < w.cur.OldBelow:
		case stored == nil, e.uid > w.cur.LastUID, owed:
			h.Waiting++
		default:
			h.Keys = append(h.Keys, h.Prefix+strconv.FormatUint(uint64(e.uid), 10))
		}
	}
	return h, nil
}
