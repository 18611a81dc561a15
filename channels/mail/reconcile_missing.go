package mail

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
	"filodiretto/internal/clock"
)

const (
	// describeStep is how many messages one command asks about.
	describeStep = 500
	// subjectMost is how many characters of a subject are told.
	subjectMost = 200
	// subjectBytes is how much of a subject's field is asked for.
	subjectBytes = 2 << 10
)

// subjectField asks for one line of the header and marks nothing as read.
var subjectField = &imap.FetchItemBodySection{
	Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"Subject"}, Peek: true,
	Partial: &imap.SectionPartial{Size: subjectBytes},
}

// Describe tells subject, date and size of messages, as the server has them.
func (m *mailbox) Describe(ctx context.Context, folder string, stored []byte, keys []string) ([]channels.HeldItem, error) {
	w, uids, err := m.reopen(ctx, folder, stored, keys)
	if err != nil || w == nil {
		return nil, err
	}
	defer w.c.logout()
	var out []channels.HeldItem
	for step := range slices.Chunk(uids, describeStep) {
		list, err := w.describe(step)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// reopen goes back to a folder and reads the numbers out of keys. There is no
// watcher when the folder has been numbered anew meanwhile: then the keys mean
// nothing. The caller closes the connection.
func (m *mailbox) reopen(ctx context.Context, folder string, stored []byte, keys []string) (*watcher, []imap.UID, error) {
	c, err := m.dialIMAP(ctx)
	if err != nil {
		return nil, nil, err
	}
	w := &watcher{m: m, c: c, folder: folder}
	same, err := w.examine(stored)
	if err != nil || !same {
		c.logout()
		return nil, nil, err
	}
	prefix := w.cur.prefix(folder)
	var uids []imap.UID
	for _, k := range keys {
		digits, ours := strings.CutPrefix(k, prefix)
		if n, err := strconv.ParseUint(digits, 10, 32); ours && err == nil && n > 0 {
			uids = append(uids, imap.UID(n))
		}
	}
	slices.Sort(uids)
	return w, slices.Compact(uids), nil
}

func (w *watcher) describe(uids []imap.UID) ([]channels.HeldItem, error) {
	var set imap.UIDSet
	set.AddNum(uids...)
	var out []channels.HeldItem
	err := w.c.do(func() error {
		cmd := w.c.Fetch(set, &imap.FetchOptions{
			UID: true, Flags: true, InternalDate: true, RFC822Size: true, BodySection: []*imap.FetchItemBodySection{subjectField},
		})
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			buf, err := data.Collect()
			if err != nil {
				continue
			}
			e := newEntry(buf.UID, buf.RFC822Size, clock.At(buf.InternalDate), buf.Flags)
			if w.skips(e) || !slices.Contains(uids, e.uid) {
				continue
			}
			item := channels.HeldItem{Key: w.cur.prefix(w.folder) + strconv.FormatUint(uint64(e.uid), 10), At: e.at, Size: e.size}
			for _, s := range buf.BodySection {
				item.Subject = subjectOf(s.Bytes)
			}
			out = append(out, item)
		}
		return cmd.Close()
	})
	if err != nil {
		return nil, w.fail("ask about messages of", err)
	}
	return out, nil
}

// subjectOf reads a subject out of a header of one field.
func subjectOf(header []byte) string {
	s := rfc822.CleanLine(rfc822.DecodeWords(rfc822.Read(header, rfc822.DefaultLimits).Header.Get("Subject"), ""))
	if r := []rune(s); len(r) > subjectMost {
		return string(r[:subjectMost]) + "…"
	}
	return s
}

// Refetch takes messages in by their numbers, as Receive would have. One that
// the server does not give, or that is gone, is left out.
func (m *mailbox) Refetch(ctx context.Context, in channels.Intake, folder string, keys []string, taken func(key string)) error {
	stored, err := in.Cursor(ctx, folder)
	if err != nil {
		return err
	}
	w, uids, err := m.reopen(ctx, folder, stored, keys)
	if err != nil || w == nil {
		return err
	}
	defer w.c.logout()
	w.in = in
	for _, uid := range uids {
		e, there, err := w.find(uid)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		raw, err := w.single(ctx, e)
		if errors.Is(err, errNotGiven) {
			continue
		}
		if err != nil {
			return err
		}
		if err := in.Accept(ctx, channels.Batch{Stream: folder, Items: []channels.Raw{raw}}); err != nil {
			return err
		}
		if taken != nil {
			taken(raw.DedupKey)
		}
	}
	return nil
}
