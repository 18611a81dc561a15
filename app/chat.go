package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue/chat"
)

// talk answers what people say to the bot of an account, after what came in was
// filed. Its caller holds the account's lease of the ingest, so that the turns of a
// chat are answered in their order and by one process.
func (a *App) talk(ctx context.Context, account int64) error { return a.Chats.Answer(ctx, account) }

// showMenu has the chats of an account show the commands of the queue, where somebody
// gives numbers from afar. It is best effort: without the menu the commands work.
func (a *App) showMenu(ctx context.Context, ch channels.Channel) {
	m, ok := ch.(channels.Menued)
	if !ok {
		return
	}
	var n int
	err := a.DB.Ask(ctx, "SELECT count(*) FROM services AS sv JOIN sites AS si ON si.id = sv.site_id WHERE si.closed_at = 0 AND sv.ended_at = 0 AND sv.remote", nil, &n)
	if err != nil || n == 0 {
		return
	}
	call, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err = errors.Join(m.SetMenu(call, "", chat.Menu(a.Config.Municipality.Language)), m.SetMenu(call, "it", chat.Menu("it")), m.SetMenu(call, "en", chat.Menu("en")))
	if err != nil && ctx.Err() == nil {
		a.log.DebugContext(ctx, "the menu of a bot was not set", "class", channels.AsError(err).Class)
	}
}

// edit shows on the cards of the account what they should say. One process at a time
// does it, or an older text might come last.
func (p *pump) edit(ctx context.Context) (next clock.Instant, err error) {
	if _, ok := p.ch.(channels.Editor); !ok {
		return 0, nil
	}
	ran, err := p.leases.Hold(ctx, fmt.Sprintf("edit:%d", p.acc.ID), func(ctx context.Context) error {
		next, err = p.in.EditDue(ctx, p.acc.ID)
		return err
	})
	if err == nil && !ran {
		return p.clock.Now().Add(5 * time.Second), nil // the other process may be dying
	}
	return next, err
}

// cardsWaiting finds the accounts with turns to be answered and cards to be edited
// that nobody was woken for.
const cardsWaiting = `
	UNION SELECT DISTINCT account_id, 'ingest' FROM dialogue_turns WHERE answered_at = 0
	UNION SELECT DISTINCT account_id, 'deliver' FROM cards WHERE shown < wanted AND due_at <= ?`

// forgetTurns removes turns that were answered long ago, and cards that are closed:
// what was said stays on the messages.
func forgetTurns(ctx context.Context, tx *db.Tx, now clock.Instant) error {
	for q, before := range map[string]clock.Instant{
		"DELETE FROM dialogue_turns WHERE answered_at > 0 AND answered_at < ?":                       now.Add(-48 * time.Hour),
		"DELETE FROM cards WHERE shown >= wanted AND wanted_at < ? AND (closed_at > 0 OR topic = 0)": now.Add(-48 * time.Hour),
	} {
		if _, err := tx.ExecContext(ctx, q, before); err != nil {
			return fmt.Errorf("forget turns of dialogues: %w", err)
		}
	}
	return nil
}
