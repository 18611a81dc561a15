package inbox

import (
	"context"
	"fmt"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
)

// How cards are edited.
const (
	mostEdits     = 100 // in one go, so that messages do not wait behind them
	mostEditTries = 8
	editLimit     = 30 * time.Second // bounds one call
)

// editing is a card with what it should say and where it stands.
type editing struct {
	Card       `bun:",extend"`
	ExternalID string
	Text       string
	Markup     string
}

// EditDue shows on the cards of an account what they should say, and returns when to
// call again, 0 when nothing waits. An edit that is made twice is the same edit, so
// that one whose outcome is not known is simply made again. One process at a time
// calls it for an account, or an older text might come last.
func (in *Inbox) EditDue(ctx context.Context, accountID int64) (next clock.Instant, err error) {
	ch, acc, ok := in.channels.Channel(accountID)
	editor, can := ch.(channels.Editor)
	if !ok || !can {
		return 0, nil
	}
	var ready bool
	err = in.db.Ask(ctx, "SELECT enabled AND stopped_at = 0 AND paused_until <= ? FROM accounts WHERE id = ? AND version = ?", []any{in.clock.Now(), acc.ID, acc.Version}, &ready)
	if err = notFound(err); err != nil && err != ErrNotFound {
		return 0, fmt.Errorf("edit cards: %w", err)
	}
	if !ready {
		return 0, nil // the sweep comes again
	}
	var list []*editing
	err = in.db.Read.NewSelect().Model(&list).ColumnExpr("cd.*, m.external_id, m.text, m.markup").Join("JOIN messages AS m ON m.id = cd.message_id").
		Where("cd.account_id = ? AND cd.shown < cd.wanted AND cd.due_at <= ? AND m.external_id <> '' AND m.erased_at = 0", accountID, in.clock.Now()).
		OrderExpr("cd.due_at, cd.message_id").Limit(mostEdits).Scan(ctx)
	if err != nil {
		return 0, fmt.Errorf("edit cards: %w", err)
	}
	for _, e := range list {
		stop, err := in.edit(ctx, editor, e)
		if err != nil || stop || ctx.Err() != nil {
			return in.clock.Now().Add(time.Second), err
		}
	}
	return in.nextEdit(ctx, accountID)
}

func (in *Inbox) nextEdit(ctx context.Context, accountID int64) (clock.Instant, error) {
	var next clock.Instant
	err := in.db.Ask(ctx, `SELECT COALESCE(MIN(cd.due_at), 0) FROM cards AS cd JOIN messages AS m ON m.id = cd.message_id
		WHERE cd.account_id = ? AND cd.shown < cd.wanted AND m.external_id <> '' AND m.erased_at = 0`, []any{accountID}, &next)
	if err != nil {
		return 0, fmt.Errorf("edit cards: when next: %w", err)
	}
	return next, nil
}

// edit makes one edit and writes down what became of it. stop says that the account
// should rest.
func (in *Inbox) edit(ctx context.Context, editor channels.Editor, e *editing) (stop bool, err error) {
	call, cancel := context.WithTimeout(ctx, editLimit)
	defer cancel()
	out := &channels.Outgoing{ThreadKey: e.ThreadKey, Text: e.Text, Markup: e.Markup, Buttons: e.Buttons, Automatic: true}
	failed := editor.Edit(call, e.ExternalID, out)
	if ctx.Err() != nil {
		return true, nil // the same edit is made at the next start
	}
	now := in.clock.Now()
	if failed == nil {
		return false, in.editDone(ctx, e, 0)
	}
	why := channels.AsError(failed)
	in.log.DebugContext(ctx, "a card could not be edited", "card", e.MessageID, "class", why.Class, "code", why.Code)
	wait := backoff(false, e.Tries+1, e.MessageID)
	switch why.Class {
	case channels.RetryAfter:
		wait, stop = max(why.After, time.Second), why.Scope == channels.ScopeAccount
	case channels.AuthBroken:
		wait, stop = time.Minute, true
	case channels.RetryBackoff, channels.UnknownOutcome:
		if e.Tries+1 >= mostEditTries {
			return false, in.editDone(ctx, e, 0)
		}
	default: // blocked, gone, deleted: nobody reads it any more
		return false, in.editDone(ctx, e, now)
	}
	_, err = in.db.Write.NewRaw("UPDATE cards SET tries = tries + 1, due_at = ? WHERE message_id = ? AND wanted = ?", now.Add(wait), e.MessageID, e.Wanted).Exec(ctx)
	if err != nil {
		return stop, fmt.Errorf("edit cards: %w", err)
	}
	return stop, nil
}

// editDone notes that the version that was read is shown, or will never be.
func (in *Inbox) editDone(ctx context.Context, e *editing, closed clock.Instant) error {
	_, err := in.db.Write.NewRaw("UPDATE cards SET shown = ?, tries = 0, closed_at = CASE WHEN ? > closed_at THEN ? ELSE closed_at END WHERE message_id = ? AND shown < ?",
		e.Wanted, closed, closed, e.MessageID, e.Wanted).Exec(ctx)
	if err != nil {
		return fmt.Errorf("edit cards: %w", err)
	}
	return nil
}
