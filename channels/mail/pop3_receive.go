package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// Codes of the warnings that reading over POP3 gives.
const (
	WarnPopNoID   = "pop3_no_uid"
	WarnPopExpire = "pop3_expire"
)

// popBox is a mailbox that is read over POP3 (mail rule 17). Messages are told
// apart by the server's unique ids, and compared with the originals here: what is
// on the server's list and not here is fetched, at each look.
type popBox struct {
	common
	m *mailbox

	turn   chan struct{}    // held during a session; it guards what follows
	freeAt clock.Instant    // the server wants no login before
	tries  map[string]int   // by key: how often a message was not given
	listed map[popMark]bool // on the server's list at the last look that ended well; nil before the first
}

var (
	_ channels.Receiver = (*popBox)(nil)
	_ channels.Prober   = (*popBox)(nil)
)

// Probe logs in to both servers, and sees whether messages have unique ids.
func (b *popBox) Probe(ctx context.Context) error {
	return errors.Join(b.probePOP3(ctx), b.m.probeSMTP(ctx))
}

func (b *popBox) probePOP3(ctx context.Context) error {
	c, err := b.m.dialPOP3(ctx)
	if err != nil {
		return err
	}
	if _, _, err := b.m.listPOP3(c); err != nil {
		c.close()
		return err
	}
	_ = c.quit() // what we wanted to know we know
	return nil
}

// refresh is after how long the originals are asked anew which messages are here.
const refresh = 24 * time.Hour

// Receive looks into the mailbox again and again until ctx ends or a look fails.
// POP3 shows a mailbox as it was at the login and locks it for others, so that each
// look is a session of its own.
func (b *popBox) Receive(ctx context.Context, in channels.Intake) error {
	m := b.m
	if err := pause(ctx, m.jitter()); err != nil {
		return err
	}
	if s := m.set.pop3; s.security == securityPlain && !s.local() {
		in.Warn(ctx, WarnPlaintext, "the mailbox's password crosses the network in the clear: set pop3_security to tls")
	}
	l := &popLook{box: b, m: m, in: in}
	if err := l.restore(ctx); err != nil {
		return err
	}
	for {
		wait, err := l.run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		if err := pause(ctx, max(wait, m.set.poll)); err != nil {
			return err
		}
	}
}

// popLook is what the looks of one Receive share.
type popLook struct {
	box *popBox
	m   *mailbox
	in  channels.Intake

	cur     popCursor
	first   bool // the mailbox was never looked into
	moved   bool // it is another one than before
	skipped map[popMark]bool
	here    map[popMark]popHere // of the messages on the server's list, those that are here
	askedAt clock.Instant
	warned  map[string]bool
}

// popHere is what matters of a message that is here.
type popHere struct {
	at    clock.Instant
	whole bool
}

// restore reads the cursor.
func (l *popLook) restore(ctx context.Context) error {
	stored, err := l.in.Cursor(ctx, popStream)
	if err != nil {
		return fmt.Errorf("read the cursor of a mailbox: %w", err)
	}
	l.skipped, l.warned = map[popMark]bool{}, map[string]bool{}
	now, box := l.m.clock.Now(), l.m.popName()
	if stored == nil {
		l.first, l.cur = true, firstPop(l.m.set.start, box, now)
		return nil
	}
	if err := json.Unmarshal(stored, &l.cur); err != nil {
		l.in.Warn(ctx, WarnCursor, "the note of what was left out of the mailbox cannot be read: it is looked through anew; known messages are recognised")
		l.moved, l.cur = true, popCursor{Box: box, ArchiveBefore: now.Add(-historyAge)}
		return nil
	}
	if l.cur.Box != box {
		l.in.Warn(ctx, WarnMoved, "the account was given another mailbox: it is read from its first message; known messages are recognised")
		l.moved = true
		l.cur.Box, l.cur.Skipped = box, nil
	}
	for _, k := range l.cur.Skipped {
		l.skipped[k] = true
	}
	return nil
}

// popName names the mailbox without telling its name.
func (m *mailbox) popName() string { return boxName(m.set.pop3) }

// run is one look. wait is how long the server wants to be left alone.
func (l *popLook) run(ctx context.Context) (wait time.Duration, err error) {
	if err := l.box.enter(ctx); err != nil {
		return 0, err
	}
	defer func() { l.box.leave(wait) }()
	c, err := l.m.dialPOP3(ctx)
	if err != nil {
		return 0, err
	}
	defer c.close()
	list, nameless, err := l.m.listPOP3(c)
	if err != nil {
		return 0, err
	}
	if n := len(nameless); n > 0 {
		l.warn(ctx, WarnPopNoID, fmt.Sprintf("%d messages have no usable unique id at the POP3 server and are not taken in: read this mailbox over IMAP", n))
	}
	if strings.HasPrefix(c.caps["EXPIRE"], "0") {
		l.warn(ctx, WarnPopExpire, "the POP3 server deletes messages by itself once they were fetched (EXPIRE 0)")
	}
	if err := l.compare(ctx, list); err != nil {
		return 0, err
	}
	if l.first || l.moved {
		if err := l.begin(ctx, c, list); err != nil {
			return 0, err
		}
	}
	if err := l.shorten(ctx, list); err != nil {
		return 0, err
	}
	if err := l.fetch(ctx, c, list); err != nil {
		return 0, err
	}
	l.deleteOld(c, list)
	if err := c.quit(); err != nil { // all that was fetched is committed; deletions are tried again
		l.m.log.Debug("the POP3 server did not end the session in order", "error", redacted(err))
	}
	listed := make(map[popMark]bool, len(list))
	for _, e := range list {
		listed[e.mark(l.cur.Box)] = true
	}
	l.box.listed = listed
	l.in.Alive(ctx)
	return c.loginDelay(), nil
}

// warn tells something odd once in each Receive.
func (l *popLook) warn(ctx context.Context, code, text string) {
	if !l.warned[code] {
		l.warned[code] = true
		l.in.Warn(ctx, code, text)
	}
}

// compare asks which messages of the list are here. Between the first question and
// the next day it remembers what it was told and what it fetched, and asks only
// about those that are new.
func (l *popLook) compare(ctx context.Context, list []popEntry) error {
	now := l.m.clock.Now()
	if l.here == nil || now.Sub(l.askedAt) > refresh {
		l.here, l.askedAt = map[popMark]popHere{}, now
	}
	here := make(map[popMark]popHere, len(list))
	var keys []string
	for _, e := range list {
		k := e.mark(l.cur.Box)
		if h, ok := l.here[k]; ok {
			here[k] = h
		} else if !l.skipped[k] {
			keys = append(keys, e.key(l.cur.Box))
		}
	}
	known, err := l.in.Known(ctx, keys)
	if err != nil {
		return err
	}
	for _, e := range list {
		if k, ok := known[e.key(l.cur.Box)]; ok {
			here[e.mark(l.cur.Box)] = popHere{k.AcceptedAt, k.ContentType == TypeMessage}
		}
	}
	l.here = here // what has left the server is forgotten
	return nil
}

// wanted reports whether a message is to be fetched.
func (l *popLook) wanted(e popEntry) bool {
	k := e.mark(l.cur.Box)
	_, here := l.here[k]
	return !here && !l.skipped[k]
}
