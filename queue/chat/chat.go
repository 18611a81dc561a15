// Package chat is the wait in a chat: somebody takes a number by talking with the
// municipality's bot, follows place and expected wait in one message that is edited
// as they change, and says by buttons that they come later, let others go first or
// give up (queue reference 5, point 1).
//
// It stands on the floor of queue: a conversation is neither a channel, which knows
// nothing of tickets, nor the inbox's, for which it is a dialogue without a case. The
// way of a turn: the raw item is committed; Takes tells the inbox that it is for the
// robot; the inbox files a message and a turn; Answer does what the turn asks, under
// a key that makes it the same act when it is done again, and ends the turn together
// with what is said. So nothing is confirmed that is not committed, and a process
// that dies anywhere in between is taken up where it stood.
package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
	"filodiretto/queue"
)

// Chat is the service. Make it with New.
type Chat struct {
	q     *queue.Queue
	in    *inbox.Inbox
	log   *slog.Logger
	clock clock.Clock
	book  string // where appointments are booked, "" for nowhere
}

// New makes the service. publicURL is that of the citizens' pages.
func New(q *queue.Queue, in *inbox.Inbox, log *slog.Logger, c clock.Clock, publicURL string) *Chat {
	out := &Chat{q: q, in: in, log: log, clock: c}
	if publicURL != "" {
		out.book = publicURL + "/p/book/"
	}
	return out
}

const (
	batch     = 50
	mostTries = 5
	// stale is how old a turn may be to be obeyed: nobody wants the number for which
	// they pressed a button before a breakdown.
	stale = 10 * time.Minute
	// often is how many turns of one person within oftenIn are answered.
	often   = 30
	oftenIn = 5 * time.Minute
)

// Answer answers all turns of an account that wait, in their order. One process at a
// time calls it for an account. A turn that fails is tried again at the next call;
// after some failures the person is told, so that it does not stop the others.
func (c *Chat) Answer(ctx context.Context, accountID int64) error {
	for {
		turns, err := c.in.Turns(ctx, accountID, batch)
		if err != nil || len(turns) == 0 {
			return err
		}
		for _, t := range turns {
			if err := c.answer(ctx, t); err != nil {
				return err
			}
		}
	}
}

// answer answers one turn.
func (c *Chat) answer(ctx context.Context, t *inbox.Turn) error {
	a := &answering{Chat: c, t: t, say: phrasesOf(t.Lang)}
	outcome, err := a.do(ctx)
	if err == nil {
		err = c.in.AnswerTurn(ctx, t, outcome, a.said...)
	}
	if err == nil || ctx.Err() != nil || db.IsDown(err) {
		return err
	}
	tries, ferr := c.in.TurnFailed(ctx, t)
	if ferr != nil {
		return errors.Join(err, ferr)
	}
	if tries < mostTries {
		return fmt.Errorf("answer in a chat: %w", err)
	}
	c.log.ErrorContext(ctx, "what somebody asked in a chat could not be done", "turn", t.MessageID, "error", db.SafeError(err))
	return c.in.AnswerTurn(ctx, t, "failed", inbox.Said{Text: a.say.text("failed"), Close: true})
}

// answering is one turn with what is said to it.
type answering struct {
	*Chat
	t    *inbox.Turn
	say  phrases
	said []inbox.Said
}

// tell says something, on the card whose button was pressed where there is one.
func (a *answering) tell(s inbox.Said) {
	s.Card = a.t.CardID
	a.said = append(a.said, s)
}

// do decides what a turn asks. The outcome is a code for those who look for what went
// wrong.
func (a *answering) do(ctx context.Context) (outcome string, err error) {
	many, err := a.in.TurnsSince(ctx, a.t.IdentityID, a.t.At.Add(-oftenIn))
	if err != nil {
		return "", err
	}
	if many > often {
		return "too_often", nil
	}
	old := a.clock.Now().Sub(a.t.At) > stale
	if a.t.Kind == inbox.Words {
		return a.words(ctx, old)
	}
	p, ok := readPress(a.t.Data)
	switch {
	case !ok:
		a.tell(inbox.Said{Text: a.say.text("button_old"), Close: true})
		return "unknown_button", nil
	case old && p.acts():
		a.tell(inbox.Said{Text: a.say.text("too_late_press"), Close: true})
		return "old", nil
	}
	return a.press(ctx, p)
}

// words answers what somebody wrote.
func (a *answering) words(ctx context.Context, old bool) (string, error) {
	switch asksFor(a.t.Data) {
	case askNumber:
		return "number", a.sites(ctx)
	case askQueue:
		return "queue", a.mine(ctx)
	}
	card, err := a.in.Asking(ctx, a.t.AccountID, a.t.ThreadKey)
	if errors.Is(err, inbox.ErrNotFound) {
		a.tell(inbox.Said{Text: a.say.text("code_nowhere"), Close: true})
		return "no_ticket", nil
	}
	if err != nil {
		return "", err
	}
	if old {
		a.tell(inbox.Said{Text: a.say.text("code_late"), Close: true})
		return "old", nil
	}
	return a.here(ctx, card)
}
