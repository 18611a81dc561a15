package mail

import (
	"context"
	"hash/fnv"
	"time"

	"golang.org/x/sync/errgroup"

	"filodiretto/channels"
)

// Codes of the warnings that Receive gives.
const (
	WarnRenumbered    = "uidvalidity_changed"
	WarnMoved         = "mailbox_changed"
	WarnFolderMissing = "folder_missing"
	WarnPlaintext     = "plaintext_login"
	WarnCursor        = "cursor_unreadable"
	WarnCautious      = "imap_cautious"
)

// Receive watches every folder, each over its own connection, until ctx ends
// or one of them fails; then all end, and the caller decides when to begin
// again. Folders are opened read-only: nothing in the mailbox is changed
// (rule 4).
func (m *mailbox) Receive(ctx context.Context, in channels.Intake) error {
	if err := pause(ctx, m.jitter()); err != nil {
		return err
	}
	if s := m.set.imap; s.security == securityPlain && !s.local() {
		in.Warn(ctx, WarnPlaintext, "the mailbox's password crosses the network in the clear: set imap_security to tls")
	}
	group, gctx := errgroup.WithContext(ctx)
	for _, folder := range m.set.folders {
		group.Go(func() error { return m.watch(gctx, in, folder) })
	}
	err := group.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// jitter spreads the start of many mailboxes, by their number, so that they
// do not all knock at once (rule 6).
func (m *mailbox) jitter() time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(m.set.address + "\x00" + m.set.imap.host))
	return m.limits.jitter * time.Duration(h.Sum32()%1000) / 1000
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (m *mailbox) watch(ctx context.Context, in channels.Intake, folder string) error {
	c, err := m.dialIMAP(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	w := &watcher{m: m, in: in, c: c, folder: folder}
	return w.run(ctx)
}
