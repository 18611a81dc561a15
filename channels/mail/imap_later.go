package mail

import (
	"context"
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
)

// doubt is a message during whose fetch a connection died.
type doubt struct {
	validity uint32
	uid      imap.UID
	deaths   int
}

// died notes that the connection broke while this message was being fetched.
// It means nothing when we closed the connection ourselves.
func (w *watcher) died(ctx context.Context, uid imap.UID) {
	if ctx.Err() != nil {
		return
	}
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	d := w.m.doubtful[w.folder]
	if d.validity != w.cur.UIDValidity || d.uid != uid {
		d = doubt{validity: w.cur.UIDValidity, uid: uid}
	}
	d.deaths++
	w.m.doubtful[w.folder] = d
}

func (m *mailbox) deaths(folder string, validity uint32, uid imap.UID) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if d := m.doubtful[folder]; d.validity == validity && d.uid == uid {
		return d.deaths
	}
	return 0
}

// doubts tells whether a message must be fetched alone.
func (w *watcher) doubts(uid imap.UID) bool { return w.m.deaths(w.folder, w.cur.UIDValidity, uid) > 0 }

// suspect tells whether a message broke the connection even when it was
// fetched alone: it is put off, so that the others get through (rule 23).
func (w *watcher) suspect(uid imap.UID) bool {
	return w.m.deaths(w.folder, w.cur.UIDValidity, uid) > 1 && !w.owed(uid)
}

func (w *watcher) owed(uid imap.UID) bool {
	return slices.ContainsFunc(w.cur.Later, func(l later) bool { return l.UID == uid })
}

// settleDoubt counts a broken connection as a try of the message that was
// owed when it broke, and tells whether there was one. The count must be
// committed before the message is tried again.
func (w *watcher) settleDoubt() bool {
	for i, l := range w.cur.Later {
		if w.doubts(l.UID) {
			w.cur.Later[i].Tries++
			w.m.forget(w.folder)
			return true
		}
	}
	return false
}

func (m *mailbox) forget(folder string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.doubtful, folder)
}

// fetchLater asks again for the messages that the server still owes. One that
// was refused often enough becomes an item that says so: people see it, and
// the original stays with the provider.
func (w *watcher) fetchLater(ctx context.Context, out chan<- channels.Batch) error {
	if len(w.cur.Later) == 0 || !w.laterDue() {
		return nil
	}
	for _, l := range slices.Clone(w.cur.Later) {
		raw, err := w.again(ctx, l)
		if errors.Is(err, errNotGiven) {
			i := slices.IndexFunc(w.cur.Later, func(o later) bool { return o.UID == l.UID })
			w.cur.Later[i].Tries++
			if err := w.send(ctx, out, nil); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		w.cur.Later = slices.DeleteFunc(w.cur.Later, func(o later) bool { return o.UID == l.UID })
		var items []channels.Raw
		if raw != nil {
			items = []channels.Raw{*raw}
		}
		if err := w.send(ctx, out, items); err != nil {
			return err
		}
	}
	return nil
}

// laterDue tells, once in each periodic look, that it is time to ask again.
func (w *watcher) laterDue() bool {
	select {
	case <-w.retry.C:
		w.retry.Reset(w.m.set.poll)
		return true
	default:
		return false
	}
}

// again tries one owed message; nil without an error means that it is gone.
func (w *watcher) again(ctx context.Context, l later) (*channels.Raw, error) {
	e, there, err := w.find(l.UID)
	if err != nil || !there {
		return nil, err
	}
	var raw channels.Raw
	switch limit := w.m.limits.tries; {
	case l.Tries < limit:
		raw, err = w.single(ctx, e)
	case l.Tries == limit:
		raw, err = w.headerOnly(ctx, e, ProblemNotGiven)
	default: // even asking for the header broke the connection
		raw = w.note(e, ProblemNotGiven, nil)
	}
	if err != nil {
		return nil, err
	}
	return &raw, nil
}
