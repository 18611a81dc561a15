package mail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// errNoFolder means that the server does not know the folder, or keeps it
// from us.
var errNoFolder = errors.New("no such folder")

// watcher reads one folder over one connection.
type watcher struct {
	m      *mailbox
	in     channels.Intake
	c      *conn
	folder string

	cur  cursor   // as far as fetched; what is committed never runs ahead of it
	next imap.UID // UIDs below it are taken; 0 when the server did not say
	// cautious reads the folder without its list.
	cautious bool
	// junk says that it is the folder of unwanted mail.
	junk bool
	// ahead is whether messages are taken in ahead of a backlog just now, and
	// lookedAhead when there was last a look for them.
	ahead       bool
	lookedAhead clock.Instant
	quick       int // quick looks left before the connection goes idle
	looked      int // looks since Alive was last told
	retry       *time.Timer
}

// run alternates between taking in what is there and waiting for news.
func (w *watcher) run(ctx context.Context) error {
	w.checkCaution(ctx)
	w.retry = time.NewTimer(0) // what is owed is asked for at once
	defer w.retry.Stop()
	for missing := false; ; {
		err := w.open(ctx)
		if err == nil {
			break
		}
		if !errors.Is(err, errNoFolder) {
			return err
		}
		w.looked = 0
		if !missing {
			missing = true
			w.in.Warn(ctx, WarnFolderMissing, fmt.Sprintf("the folder %q does not exist or may not be read: correct folders, or make it", w.folder))
		}
		if err := pause(ctx, w.m.set.poll); err != nil {
			return err
		}
	}
	for {
		found, err := w.catchUp(ctx)
		if err != nil {
			return err
		}
		w.alive(ctx)
		if found {
			w.quick = int(w.m.limits.lively / w.m.limits.quick)
		}
		if err := w.await(ctx); err != nil {
			return err
		}
	}
}

// open selects the folder and finds where to go on.
func (w *watcher) open(ctx context.Context) error {
	var box *imap.SelectData
	err := w.c.do(func() (err error) {
		box, err = w.c.Select(w.folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	var no *imap.Error
	if errors.As(err, &no) && !temporary(no) {
		return fmt.Errorf("%w: %s", errNoFolder, imapCode(no))
	}
	if err != nil {
		return w.fail("open a folder of", err)
	}
	if err := w.learnJunk(); err != nil {
		return err
	}
	if w.next = box.UIDNext; w.next == 0 {
		if w.next, err = w.highest(box.NumMessages); err != nil {
			return err
		}
	}
	return w.resume(ctx, box.UIDValidity)
}

// highest finds the next UID where the server did not tell it, as old ones may.
func (w *watcher) highest(messages uint32) (imap.UID, error) {
	if messages == 0 {
		return 1, nil
	}
	var top imap.UID
	err := w.c.do(func() error {
		got, err := w.c.Fetch(imap.UIDSet{{Start: 0, Stop: 0}}, &imap.FetchOptions{UID: true}).Collect()
		for _, e := range got {
			top = max(top, e.UID)
		}
		return err
	})
	if err != nil {
		return 0, w.fail("read", err)
	}
	return top + 1, nil
}

// resume reads the cursor, begins one, or begins again after the folder was
// renumbered. What it decides is committed at once: a second start must not
// decide differently.
func (w *watcher) resume(ctx context.Context, validity uint32) error {
	stored, err := w.in.Cursor(ctx, w.folder)
	if err != nil {
		return fmt.Errorf("read the cursor of a folder: %w", err)
	}
	box := w.m.box()
	if stored == nil {
		w.cur = firstCursor(w.m.set.start, validity, w.next, w.m.clock.Now())
		w.cur.Box = box
		return w.commit(ctx)
	}
	w.cur, err = decodeCursor(stored)
	if w.cur.Box == "" {
		w.cur.Box = box
	}
	switch {
	case err != nil:
		w.in.Warn(ctx, WarnCursor, fmt.Sprintf("the place reached in folder %q cannot be read: reading it again from the start", w.folder))
	case w.cur.Box != box:
		w.in.Warn(ctx, WarnMoved, fmt.Sprintf("the account has another mailbox than before: reading folder %q from the start; known messages are recognised", w.folder))
		w.cur = w.cur.moved(box, validity, w.next)
		return w.commit(ctx)
	case w.cur.UIDValidity != validity:
		w.in.Warn(ctx, WarnRenumbered, fmt.Sprintf("the server renumbered folder %q (UIDVALIDITY %d, was %d): reading it again from the start; known messages are recognised",
			w.folder, validity, w.cur.UIDValidity))
	case w.settleDoubt():
		return w.commit(ctx)
	default:
		return nil
	}
	w.cur = w.cur.renumbered(validity, w.next)
	return w.commit(ctx)
}

// box names the mailbox without telling its name.
func (m *mailbox) box() string { return boxName(m.set.imap) }

func boxName(s server) string {
	sum := sha256.Sum256([]byte(strings.ToLower(s.host) + "\x00" + s.user))
	return hex.EncodeToString(sum[:6])
}

func (w *watcher) commit(ctx context.Context) error {
	return w.accept(ctx, channels.Batch{Stream: w.folder, Cursor: w.cur.encode()})
}

// accept commits a batch, however long our own side is unable to: the mail is
// safe where it is, and the mailbox is not to blame.
func (w *watcher) accept(ctx context.Context, b channels.Batch) error {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		err := w.in.Accept(ctx, b)
		if err == nil || ctx.Err() != nil {
			return err
		}
		w.m.log.Error("mail could not be stored; trying again", "folder", w.folder, "messages", len(b.Items), "error", err)
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// fail turns an error of an exchange into one for the caller.
func (w *watcher) fail(doing string, err error) error { return w.m.imapError(doing, err) }

// await returns when it is time to look for new messages. While mail is
// arriving it asks at short intervals, because servers announce new mail in
// IDLE with a delay (Dovecot: half a second); in quiet times it idles.
func (w *watcher) await(ctx context.Context) error {
	for {
		select {
		case <-w.c.news:
			return nil
		default:
		}
		if w.quick == 0 {
			return w.sleep(ctx)
		}
		w.quick--
		if err := pause(ctx, w.m.limits.quick); err != nil {
			return err
		}
		if err := w.c.do(func() error { return w.c.Noop().Wait() }); err != nil {
			return w.fail("ask", err)
		}
		w.alive(ctx)
	}
}

// alive tells of a good look; while looks are quick, about once a second.
func (w *watcher) alive(ctx context.Context) {
	if w.looked%12 == 0 {
		w.in.Alive(ctx)
	}
	w.looked++
}

// sleep waits for an announcement, and at most until the next periodic look:
// connections in IDLE die without a sign (rule 5).
func (w *watcher) sleep(ctx context.Context) error {
	w.looked = 0
	limit := min(w.m.set.poll+w.m.jitter(), w.m.limits.idle)
	if !w.c.Caps().Has(imap.CapIdle) {
		if err := w.rest(ctx, limit); err != nil {
			return err
		}
		return w.ask()
	}
	idle, err := w.startIdle()
	if err != nil {
		return err
	}
	restErr := w.rest(ctx, limit)
	err = w.c.do(func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
	if restErr != nil {
		return restErr
	}
	if err != nil {
		return w.fail("idle at", err)
	}
	return w.ask()
}

// ask lets the server bring its view of the folder up to date.
func (w *watcher) ask() error {
	if err := w.c.do(func() error { return w.c.Noop().Wait() }); err != nil {
		return w.fail("ask", err)
	}
	return nil
}

type idler interface {
	Close() error
	Wait() error
}

func (w *watcher) startIdle() (idle idler, err error) {
	err = w.c.do(func() error {
		cmd, err := w.c.Idle()
		idle = cmd
		return err
	})
	if err != nil {
		return nil, w.fail("idle at", err)
	}
	return idle, nil
}

// rest waits for news, the end of the limit, of the connection or of ctx.
func (w *watcher) rest(ctx context.Context, limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-w.c.news:
		return nil
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-w.c.Closed():
		return w.fail("stay with", io.EOF)
	}
}
