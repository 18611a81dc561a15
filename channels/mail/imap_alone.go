package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
)

// What may come of asking for one message.
var (
	errNotGiven = errors.New("the server did not give the message")
	errTooLarge = errors.New("the message is larger than the limit")
)

// headerMost is how much of a header is kept of a message whose body is not.
const headerMost = 256 << 10

// fetchAlone takes in one message by itself and moves the cursor past it,
// whatever comes of it. Only a broken connection or a failed commit is an
// error.
func (w *watcher) fetchAlone(ctx context.Context, e entry, out chan<- channels.Batch) error {
	raw, err := w.single(ctx, e)
	switch {
	case err == nil:
		w.reach(e.uid)
		return w.send(ctx, out, []channels.Raw{raw})
	case errors.Is(err, errNotGiven):
		_, there, err := w.find(e.uid)
		if err != nil {
			return err
		}
		if there {
			w.cur.Later = append(w.cur.Later, later{UID: e.uid, Tries: 2})
		}
		w.reach(e.uid)
		return w.send(ctx, out, nil)
	default:
		return err
	}
}

// single fetches one message: whole in memory when it is small, through
// Intake.Store when it is large, its header only when it is too large.
func (w *watcher) single(ctx context.Context, e entry) (channels.Raw, error) {
	if e.size > w.m.limits.message {
		return w.headerOnly(ctx, e, ProblemTooLarge)
	}
	if w.suspect(e.uid) {
		return channels.Raw{}, errNotGiven
	}
	r := &chunkReader{w: w, uid: e.uid}
	raw, err := w.collect(ctx, e, r)
	switch {
	case errors.Is(r.err, errTooLarge):
		e.size = r.offset
		return w.headerOnly(ctx, e, ProblemTooLarge)
	case errors.Is(r.err, errNotGiven):
		return channels.Raw{}, errNotGiven
	case r.err != nil && !errors.Is(r.err, io.EOF):
		w.died(ctx, e.uid)
		return channels.Raw{}, w.fail("fetch mail from", r.err)
	}
	return raw, err
}

// collect reads a message from r into an item.
func (w *watcher) collect(ctx context.Context, e entry, r *chunkReader) (channels.Raw, error) {
	raw := w.raw(e)
	head, err := io.ReadAll(io.LimitReader(r, w.m.limits.inline+1))
	if err != nil {
		return raw, err
	}
	if int64(len(head)) <= w.m.limits.inline {
		raw.Body, raw.Size = head, int64(len(head))
		return raw, nil
	}
	raw.Blob, raw.Size, err = w.in.Store(ctx, io.MultiReader(bytes.NewReader(head), r))
	if err != nil {
		return raw, fmt.Errorf("store a large message: %w", err)
	}
	return raw, nil
}

// headerOnly makes the item of a message that is not taken in whole.
func (w *watcher) headerOnly(ctx context.Context, e entry, problem string) (channels.Raw, error) {
	header, err := w.section(e.uid, &imap.FetchItemBodySection{
		Specifier: imap.PartSpecifierHeader, Peek: true, Partial: &imap.SectionPartial{Size: headerMost},
	}, nil)
	if err != nil && !errors.Is(err, errNotGiven) {
		w.died(ctx, e.uid)
		return channels.Raw{}, w.fail("fetch a header from", err)
	}
	return w.note(e, problem, header), nil
}

// note makes an item of a header alone, or of nothing but the reason.
func (w *watcher) note(e entry, problem string, header []byte) channels.Raw {
	raw := w.raw(e)
	raw.ContentType = TypeHeaders
	raw.Body = header
	if len(header) == 0 {
		// Two messages of which nothing is known must not look alike.
		raw.Body = []byte("X-FiloDiretto-Missing: " + raw.DedupKey + "\r\n\r\n")
	}
	raw.Size = int64(len(raw.Body))
	raw.Meta[MetaProblem] = problem
	if e.size >= 0 {
		raw.Meta[MetaSize] = strconv.FormatInt(e.size, 10)
	}
	return raw
}

// section fetches one piece of one message. errNotGiven means that the server
// is there and did not give it. The piece is put into room where it fits.
func (w *watcher) section(uid imap.UID, want *imap.FetchItemBodySection, room []byte) ([]byte, error) {
	var body []byte
	err := w.c.do(func() error {
		cmd := w.c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{want}})
		var readErr error
		for data := cmd.Next(); data != nil; data = cmd.Next() {
			got, b, err := readBody(data, w.m.limits.message, room)
			room = nil // it holds a piece now
			if err != nil {
				readErr = err
			} else if got == uid {
				body = b
			}
		}
		return errors.Join(cmd.Close(), readErr)
	})
	var no *imap.Error
	if errors.As(err, &no) || (err == nil && body == nil) {
		return nil, errNotGiven
	}
	return body, err
}

// chunkReader reads a message piece by piece, so that a large one is never
// whole in memory and no piece takes long (rule 11).
type chunkReader struct {
	w      *watcher
	uid    imap.UID
	offset int64
	rest   []byte
	room   []byte // of the piece before, used again: a hundred pieces would be a hundred times as much
	last   bool
	err    error // how reading ended; io.EOF is good
}

func (r *chunkReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.err == nil {
			r.err = r.fill()
		}
		if r.err != nil {
			return 0, r.err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *chunkReader) fill() error {
	if r.last {
		return io.EOF
	}
	size := r.w.m.limits.chunk
	chunk, err := r.w.section(r.uid, &imap.FetchItemBodySection{
		Peek: true, Partial: &imap.SectionPartial{Offset: r.offset, Size: size},
	}, r.room)
	if errors.Is(err, errNotGiven) && r.offset > 0 {
		return io.EOF // some servers say NIL for nothing more
	}
	if err != nil {
		return err
	}
	if len(chunk) == 0 && r.offset == 0 {
		return errNotGiven
	}
	// A server that does not know pieces gives all at once.
	r.last = int64(len(chunk)) != size
	r.offset += int64(len(chunk))
	r.rest, r.room = chunk, chunk
	if r.offset > r.w.m.limits.message {
		return errTooLarge
	}
	return nil
}
