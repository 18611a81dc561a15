package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"filodiretto/channels"
)

var _ channels.Reconciler = (*popBox)(nil)

// popFresh is the age below which a message may still be on its way, where no look
// of this process says whether it is: the longest pause that a server asks for
// between two logins.
const popFresh = time.Hour

// Held lists what the mailbox holds and should be here by now (mail rules 15 and
// 17): what was on the server's list at the last look, but for what was there at the
// first one and is not wanted. A message whose unique id is of no use cannot be told
// apart, and is never taken in: it is named, so that it is told as missing.
func (b *popBox) Held(ctx context.Context, stored func(stream string) ([]byte, error)) ([]channels.Held, error) {
	bytes, err := stored(popStream)
	if err != nil {
		return nil, fmt.Errorf("read the cursor of a mailbox: %w", err)
	}
	h := channels.Held{Stream: popStream, Prefix: popPrefix(b.m.popName())}
	cur, same := b.cursorOf(bytes)
	if bytes != nil && !same {
		h.Renumbered = true
		return []channels.Held{h}, nil
	}
	skipped := make(map[popMark]bool, len(cur.Skipped))
	for _, k := range cur.Skipped {
		skipped[k] = true
	}
	err = b.session(ctx, func(_ *popConn, list []popEntry) error {
		for _, e := range list {
			switch k := e.mark(cur.Box); {
			case bytes == nil, b.listed != nil && !b.listed[k] && !e.nameless(), b.tries[e.key(cur.Box)] > 0:
				h.Waiting++
			case !skipped[k]:
				h.Keys = append(h.Keys, e.key(cur.Box))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return []channels.Held{h}, nil
}

// cursorOf reads a cursor. same is false where it is of another mailbox, or cannot
// be read: the mailbox is then looked through anew before anything is compared.
func (b *popBox) cursorOf(stored []byte) (cur popCursor, same bool) {
	name := b.m.popName()
	if json.Unmarshal(stored, &cur) != nil || cur.Box != name {
		return popCursor{Box: name}, false
	}
	return cur, true
}

// session looks into the mailbox between two looks of Receive: while one session
// lasts, servers refuse another (RFC 1939 section 3).
func (b *popBox) session(ctx context.Context, do func(c *popConn, list []popEntry) error) error {
	if err := b.enter(ctx); err != nil {
		return err
	}
	rest := time.Duration(0)
	defer func() { b.leave(rest) }()
	c, err := b.m.dialPOP3(ctx)
	for try := 1; inUse(err) && try < popTries; try++ { // another process looks at it, for seconds
		if err := pause(ctx, b.m.limits.busy); err != nil {
			return err
		}
		c, err = b.m.dialPOP3(ctx)
	}
	if err != nil {
		return err
	}
	defer c.close()
	rest = c.loginDelay()
	list, nameless, err := b.m.listPOP3(c)
	if err != nil {
		return err
	}
	if err := do(c, append(list, nameless...)); err != nil {
		return err
	}
	_ = c.quit() // what we wanted to know we know
	return nil
}

// popTries is how often a comparison tries to open a mailbox that is in use.
const popTries = 6

// inUse reports whether another session holds the mailbox (RFC 2449).
func inUse(err error) bool {
	var e *channels.Error
	return errors.As(err, &e) && strings.HasSuffix(e.Code, "IN-USE")
}

// enter waits for the mailbox: one session at a time, and as far apart as the server
// wants them (RFC 2449, LOGIN-DELAY).
func (b *popBox) enter(ctx context.Context) error {
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if wait := b.freeAt.Sub(b.m.clock.Now()); wait > 0 {
		if err := pause(ctx, wait); err != nil {
			<-b.turn
			return err
		}
	}
	return nil
}

// leave gives the mailbox to the next session, after rest.
func (b *popBox) leave(rest time.Duration) {
	b.freeAt = b.m.clock.Now().Add(rest)
	<-b.turn
}

// Describe tells subject, date and size of messages, as the server has them. Where
// no look of this process went before, those that came within the last hour are left
// out: they are on their way.
func (b *popBox) Describe(ctx context.Context, _ string, stored []byte, keys []string) ([]channels.HeldItem, error) {
	var out []channels.HeldItem
	err := b.named(ctx, stored, keys, func(c *popConn, l *popLook, e popEntry) error {
		head, err := l.header(c, e)
		if err != nil && !isRefusal(err) {
			return b.m.popError("read a header from", err)
		}
		item := channels.HeldItem{Key: e.key(l.cur.Box), Subject: subjectOf(head), At: receivedAt(head), Size: e.size}
		if b.listed == nil && item.At != 0 && b.m.clock.Now().Sub(item.At) < popFresh {
			return nil
		}
		out = append(out, item)
		return nil
	})
	return out, err
}

// Refetch takes messages in by their keys, as Receive would have. One that the server
// does not give, or that is gone, is left out.
func (b *popBox) Refetch(ctx context.Context, in channels.Intake, stream string, keys []string, taken func(key string)) error {
	stored, err := in.Cursor(ctx, stream)
	if err != nil {
		return err
	}
	return b.named(ctx, stored, keys, func(c *popConn, l *popLook, e popEntry) error {
		if e.nameless() {
			return nil // at the next look nobody could tell that it is here
		}
		l.in = in
		raw, err := l.one(ctx, c, e)
		if err != nil || raw == nil {
			return err
		}
		if err := in.Accept(ctx, channels.Batch{Stream: stream, Items: []channels.Raw{*raw}}); err != nil {
			return err
		}
		delete(b.tries, raw.DedupKey)
		if taken != nil {
			taken(raw.DedupKey)
		}
		return nil
	})
}

// named goes through the messages that keys name and the mailbox still holds, in
// their order there. Keys of another mailbox mean nothing here.
func (b *popBox) named(ctx context.Context, stored []byte, keys []string, do func(*popConn, *popLook, popEntry) error) error {
	cur, same := b.cursorOf(stored)
	if !same {
		return nil
	}
	wanted := make(map[string]bool, len(keys))
	for _, k := range keys {
		wanted[k] = true
	}
	l := &popLook{box: b, m: b.m, cur: cur}
	return b.session(ctx, func(c *popConn, list []popEntry) error {
		for _, e := range list {
			if k := e.key(cur.Box); wanted[k] {
				wanted[k] = false // a list may name a message twice
				if err := do(c, l, e); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
