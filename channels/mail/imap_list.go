package mail

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// entry is what the folder's list says of a message.
type entry struct {
	uid     imap.UID
	size    int64 // -1 when not known
	at      clock.Instant
	flags   string
	deleted bool
	draft   bool
}

// list asks for the messages from first to last; last 0 means the newest.
// Only plain items are asked for: ENVELOPE and BODYSTRUCTURE of odd messages
// break the reading of the answer.
func (w *watcher) list(first, last imap.UID) ([]entry, error) {
	if w.cautious {
		return w.search(first, last)
	}
	var list []entry
	err := w.c.do(func() error {
		cmd := w.c.Fetch(imap.UIDSet{{Start: first, Stop: last}}, &imap.FetchOptions{
			UID: true, Flags: true, InternalDate: true, RFC822Size: true,
		})
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			buf, err := data.Collect()
			if err == nil && buf.UID >= first {
				list = append(list, newEntry(buf.UID, buf.RFC822Size, clock.At(buf.InternalDate), buf.Flags))
			}
		}
		return cmd.Close()
	})
	if err != nil {
		w.noteListFailure(err)
		return nil, w.fail("list a folder of", err)
	}
	return list, nil
}

func newEntry(uid imap.UID, size int64, at clock.Instant, flags []imap.Flag) entry {
	e := entry{uid: uid, size: size, at: at}
	words := make([]string, 0, len(flags))
	for _, f := range flags {
		switch {
		case strings.EqualFold(string(f), string(imap.FlagDeleted)):
			e.deleted = true
		case strings.EqualFold(string(f), string(imap.FlagDraft)):
			e.draft = true
		}
		words = append(words, string(f))
	}
	e.flags = strings.Join(words, " ")
	return e
}

// search lists numbers only. It is the way through a folder in which the
// answer about some message cannot be read at all; each message is then
// fetched alone.
func (w *watcher) search(first, last imap.UID) ([]entry, error) {
	var list []entry
	err := w.c.do(func() error {
		var short *imap.SearchOptions
		if w.c.Caps().Has(imap.CapESearch) {
			short = &imap.SearchOptions{ReturnAll: true} // ranges instead of every number
		}
		got, err := w.c.UIDSearch(&imap.SearchCriteria{
			UID:     []imap.UIDSet{{{Start: first, Stop: last}}},
			NotFlag: []imap.Flag{imap.FlagDeleted, imap.FlagDraft},
		}, short).Wait()
		if err != nil {
			return err
		}
		for _, uid := range got.AllUIDs() {
			if uid >= first {
				list = append(list, entry{uid: uid, size: -1})
			}
		}
		return nil
	})
	if err != nil {
		return nil, w.fail("search a folder of", err)
	}
	return list, nil
}

// find gives the entry of one message, or false when the message is not in
// the folder any more or is none of ours.
func (w *watcher) find(uid imap.UID) (entry, bool, error) {
	list, err := w.list(uid, uid)
	if err != nil {
		return entry{}, false, err
	}
	for _, e := range list {
		if e.uid == uid && !w.skips(e) {
			return e, true, nil
		}
	}
	return entry{}, false, nil
}

// checkCaution sees whether the folder's list could not be read before, and
// says so once in each session.
func (w *watcher) checkCaution(ctx context.Context) {
	w.m.mu.Lock()
	w.cautious = w.m.unreadable[w.folder]
	w.m.mu.Unlock()
	if w.cautious {
		w.in.Warn(ctx, WarnCautious, fmt.Sprintf("the server's list of folder %q cannot be read: its messages are fetched one by one, without the time of their receipt", w.folder))
	}
}

// noteListFailure remembers a folder whose list we could not read. Network
// failures do not count.
func (w *watcher) noteListFailure(err error) {
	var no *imap.Error
	if errors.As(err, &no) || reason(err, "imap") != reasonUnknown {
		return
	}
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	w.m.unreadable[w.folder] = true
}

// raw makes the item of a message; the caller adds the body.
func (w *watcher) raw(e entry) channels.Raw {
	validity := strconv.FormatUint(uint64(w.cur.UIDValidity), 10)
	uid := strconv.FormatUint(uint64(e.uid), 10)
	at := e.at
	if at == 0 {
		at = w.m.clock.Now()
	}
	meta := map[string]string{MetaFolder: w.folder, MetaUIDValidity: validity, MetaUID: uid, MetaFlags: e.flags}
	if w.junk {
		meta[MetaJunk] = "true"
	}
	return channels.Raw{
		DedupKey:    w.cur.prefix(w.folder) + uid,
		ContentType: TypeMessage,
		ReceivedAt:  at,
		Archive:     w.cur.archives(e.uid, e.at),
		Meta:        meta,
	}
}
