package mail

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"filodiretto/channels"
)

// begin settles at the first look what is left out (mail rule 7), and commits it
// before anything is fetched.
func (l *popLook) begin(ctx context.Context, c *popConn, list []popEntry) error {
	everything := l.first && l.m.set.start.now
	for _, e := range list {
		if !l.wanted(e) || !everything && l.cur.NotBefore == 0 {
			continue
		}
		old := everything
		if !old {
			head, err := l.header(c, e)
			if err != nil && !isRefusal(err) {
				return l.m.popError("read a header from", err)
			}
			at := receivedAt(head)
			old = at != 0 && at < l.cur.NotBefore
		}
		if old {
			k := e.mark(l.cur.Box)
			l.skipped[k] = true
			l.cur.Skipped = append(l.cur.Skipped, k)
		}
	}
	if err := l.commit(ctx, nil); err != nil {
		return err
	}
	l.first, l.moved = false, false
	return nil
}

// shorten commits a shorter list of what is left out when half of it has left the
// server.
func (l *popLook) shorten(ctx context.Context, list []popEntry) error {
	var still []popMark
	for _, e := range list {
		if k := e.mark(l.cur.Box); l.skipped[k] {
			still = append(still, k)
		}
	}
	if 2*len(still) >= len(l.cur.Skipped) {
		return nil
	}
	l.cur.Skipped = still
	l.skipped = make(map[popMark]bool, len(still))
	for _, k := range still {
		l.skipped[k] = true
	}
	return l.commit(ctx, nil)
}

// commit stores items, or the cursor where there are none.
func (l *popLook) commit(ctx context.Context, items []channels.Raw) error {
	b := channels.Batch{Stream: popStream, Items: items}
	if len(items) == 0 {
		b.Cursor = l.cur.encode()
	}
	w := &watcher{m: l.m, in: l.in, folder: popStream}
	return w.accept(ctx, b)
}

// fetch takes in what is new: small messages together, large ones alone. Those that
// gave trouble come last, so that they do not stop the others (mail rule 23).
func (l *popLook) fetch(ctx context.Context, c *popConn, list []popEntry) error {
	var todo []popEntry
	for _, e := range list {
		if l.wanted(e) {
			todo = append(todo, e)
		}
	}
	slices.SortStableFunc(todo, func(a, b popEntry) int { return cmp.Compare(l.triesOf(a), l.triesOf(b)) })
	b := popBatch{look: l}
	for _, e := range todo {
		if l.m.limits.inline < e.size && len(b.items) > 0 {
			if err := b.flush(ctx); err != nil {
				return err
			}
		}
		raw, err := l.one(ctx, c, e)
		if err != nil {
			return errors.Join(b.flush(ctx), err)
		}
		if raw == nil {
			continue // refused, and tried again at the next look
		}
		if err := b.add(ctx, e, *raw); err != nil {
			return err
		}
	}
	return b.flush(ctx)
}

func (l *popLook) triesOf(e popEntry) int { return l.box.tries[e.key(l.cur.Box)] }

// popBatch gathers messages until they are committed together.
type popBatch struct {
	look    *popLook
	entries []popEntry
	items   []channels.Raw
	bytes   int64
}

func (b *popBatch) add(ctx context.Context, e popEntry, raw channels.Raw) error {
	b.entries, b.items, b.bytes = append(b.entries, e), append(b.items, raw), b.bytes+int64(len(raw.Body))
	if len(b.items) < b.look.m.limits.batchCount && b.bytes < b.look.m.limits.batchBytes && raw.Blob == "" {
		return nil
	}
	return b.flush(ctx)
}

func (b *popBatch) flush(ctx context.Context) error {
	if len(b.items) == 0 {
		return nil
	}
	l := b.look
	if err := l.commit(ctx, b.items); err != nil {
		return err
	}
	now := l.m.clock.Now()
	for i, e := range b.entries {
		l.here[e.mark(l.cur.Box)] = popHere{now, b.items[i].ContentType == TypeMessage}
		delete(l.box.tries, e.key(l.cur.Box))
	}
	b.entries, b.items, b.bytes = nil, nil, 0
	l.in.Alive(ctx)
	return nil
}

// one fetches a message: whole when it can be had and is not too large, else its
// header, else the reason alone. nil without an error means that the server
// refused and is asked again. Only a broken connection is an error.
func (l *popLook) one(ctx context.Context, c *popConn, e popEntry) (*channels.Raw, error) {
	limits, key, tries := l.m.limits, e.key(l.cur.Box), l.triesOf(e)
	switch {
	case e.size > limits.message:
		return l.headerOnly(c, e, ProblemTooLarge)
	case tries == limits.tries:
		return l.headerOnly(c, e, ProblemNotGiven)
	case tries > limits.tries: // even asking for the header broke the connection
		return l.note(e, ProblemNotGiven, nil), nil
	}
	raw, err := l.whole(ctx, c, e)
	switch {
	case err == nil:
		return raw, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case isRefusal(err):
		l.box.tries[key]++
		return nil, nil
	case errors.Is(err, errTooLarge): // the list was wrong
		return l.headerOnly(c, e, ProblemTooLarge)
	case errors.Is(err, errOurs):
		return nil, err // our own store is away: the message is not to blame
	}
	l.box.tries[key]++
	return nil, l.m.popError("fetch mail from", err)
}

// errOurs marks a failure of our own store.
var errOurs = errors.New("a large message could not be stored")

// whole fetches a message, through Intake.Store when it is large (mail rule 11).
func (l *popLook) whole(ctx context.Context, c *popConn, e popEntry) (*channels.Raw, error) {
	raw := l.raw(e)
	err := c.do(func() error {
		if _, err := c.command("RETR " + strconv.Itoa(e.number)); err != nil {
			return err
		}
		body := &popBody{in: c.in}
		limited := &cutReader{r: body, left: l.m.limits.message}
		head, err := io.ReadAll(io.LimitReader(limited, l.m.limits.inline+1))
		if err != nil {
			return err
		}
		if raw.Size = int64(len(head)); raw.Size <= l.m.limits.inline {
			raw.Body = head
			l.date(raw, head)
			return nil
		}
		l.date(raw, head)
		raw.Blob, raw.Size, err = l.in.Store(ctx, io.MultiReader(bytes.NewReader(head), limited))
		switch {
		case limited.over:
			return errors.Join(body.drain(), errTooLarge)
		case body.err != nil && body.err != io.EOF:
			return body.err
		case err != nil:
			return errors.Join(errOurs, err)
		}
		return nil
	})
	return raw, err
}

// deleteOld marks messages for deletion that are here whole for as many days as
// the settings say. The server deletes them at QUIT; a failure leaves them there,
// and the next look tries again.
func (l *popLook) deleteOld(c *popConn, list []popEntry) {
	days := l.m.set.deleteDays
	if days == 0 {
		return
	}
	before := l.m.clock.Now().Add(-time.Duration(days) * 24 * time.Hour)
	for _, e := range list {
		h, here := l.here[e.mark(l.cur.Box)]
		if !here || !h.whole || h.at == 0 || h.at >= before {
			continue
		}
		err := c.do(func() error {
			_, err := c.command("DELE " + strconv.Itoa(e.number))
			return err
		})
		if err != nil {
			l.m.log.Warn("a message that is here could not be deleted at the provider", "error", redacted(err))
			return
		}
	}
}
