package inbox

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"filodiretto/channels"
	"filodiretto/internal/clock"
	"filodiretto/internal/db"
)

// Value writes the buttons into their column.
func (b Buttons) Value() (driver.Value, error) { return b.encode() }

// Scan reads them from their column.
func (b *Buttons) Scan(v any) error {
	var text []byte
	switch x := v.(type) {
	case string:
		text = []byte(x)
	case []byte:
		text = x
	default:
		return fmt.Errorf("buttons: a column of type %T", v)
	}
	return json.Unmarshal(text, (*[][]channels.OutgoingButton)(b))
}

// AnswerTurn ends a turn and says what there is to say, in one transaction. A turn
// that was answered already stays as it is: nothing is said twice.
func (in *Inbox) AnswerTurn(ctx context.Context, t *Turn, outcome string, said ...Said) error {
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.NewRaw("UPDATE dialogue_turns SET answered_at = ?, outcome = ? WHERE message_id = ? AND answered_at = 0", tx.Now, outcome, t.MessageID).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		for _, s := range said {
			if s.Card != 0 {
				err = in.changeCard(ctx, tx, s, true, tx.Now)
			} else {
				err = in.newCard(ctx, tx, t, s)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("answer a turn of a dialogue: %w", err)
	}
	return nil
}

// TurnFailed notes that a turn could not be answered, and returns how often by now.
func (in *Inbox) TurnFailed(ctx context.Context, t *Turn) (tries int, err error) {
	err = in.db.Write.NewRaw("UPDATE dialogue_turns SET tries = tries + 1 WHERE message_id = ? RETURNING tries", t.MessageID).Scan(ctx, &tries)
	return tries, notFound(err)
}

// ChangeCard has a card say something else, from an instant on. A card that is closed
// already stays as it is.
func (in *Inbox) ChangeCard(ctx context.Context, s Said, at clock.Instant) error {
	err := in.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return in.changeCard(ctx, tx, s, false, at) })
	if err != nil {
		return fmt.Errorf("change a card: %w", err)
	}
	return nil
}

// changeCard writes what a card should say; EditDue shows it. With keep, what it
// said before stays among the message's versions; places that move are not kept.
func (in *Inbox) changeCard(ctx context.Context, tx *db.Tx, s Said, keep bool, at clock.Instant) error {
	m := new(Message)
	if err := tx.NewSelect().Model(m).Where("m.id = ? AND m.erased_at = 0", s.Card).Scan(ctx); err != nil {
		return notFound(err)
	}
	closed := clock.Instant(0)
	if s.Close {
		closed = tx.Now
	}
	res, err := tx.NewRaw(`UPDATE cards SET buttons = ?, asks = ?, asks_until = ?, topic = ?, sign = ?, wanted = wanted + 1, wanted_at = ?, due_at = ?, tries = 0, closed_at = ?
		WHERE message_id = ? AND closed_at = 0`, s.Buttons, s.Asks, asksUntil(tx, s), s.Topic, s.Sign, tx.Now, at, closed, s.Card).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if keep && m.Text != s.Text {
		old := &MessageVersion{MessageID: m.ID, Version: m.Version, Text: m.Text, At: tx.Now}
		if err := insertAll(ctx, tx, []*MessageVersion{old}); err != nil {
			return err
		}
		m.Version++
	}
	m.Text, m.Markup = s.Text, s.Markup
	if _, err := tx.NewUpdate().Model(m).Column("text", "markup", "version").WherePK().Exec(ctx); err != nil {
		return err
	}
	return in.wake.Deliver(ctx, tx, m.AccountID, at)
}

func asksUntil(tx *db.Tx, s Said) clock.Instant {
	if s.Asks == "" {
		return 0
	}
	return tx.Now.Add(s.AsksFor)
}

// newCard says something in a new message. It is of the bot's dialogue: on no case,
// and not held back by an opt-out, since the person asked for it.
func (in *Inbox) newCard(ctx context.Context, tx *db.Tx, t *Turn, s Said) error {
	id := new(Identity)
	if err := tx.NewSelect().Model(id).Where("i.id = ?", t.IdentityID).Scan(ctx); err != nil {
		return notFound(err)
	}
	var kind string
	if err := tx.NewRaw("SELECT kind FROM accounts WHERE id = ?", t.AccountID).Scan(ctx, &kind); err != nil {
		return notFound(err)
	}
	to := channels.Address{Kind: id.Kind, Scope: id.Scope, Value: id.Value, Display: clean(id.Display), Handle: id.Handle}
	m := &Message{
		ID: db.NewID(in.clock), CitizenID: id.CitizenID, IdentityID: id.ID, AccountID: t.AccountID, Channel: kind, Direction: Out, Origin: FromAutomation,
		Kind: "message", ThreadKey: t.ThreadKey, Sender: in.set.Municipality, Recipients: shownAddresses([]channels.Address{to}), Text: s.Text, Markup: s.Markup, Lang: t.Lang,
		Auto: string(channels.AutoReply), Notes: "dialogue", Version: 1, At: tx.Now, SentAt: tx.Now,
	}
	ds := in.deliveries(m, []target{{role: "to", identity: id, address: to}}, tx.Now, tx.Now)
	if err := queueBehind(ctx, tx, ds...); err != nil {
		return err
	}
	c := &Card{
		MessageID: m.ID, AccountID: m.AccountID, IdentityID: id.ID, ThreadKey: m.ThreadKey, Buttons: s.Buttons, Asks: s.Asks, AsksUntil: asksUntil(tx, s),
		Topic: s.Topic, Sign: s.Sign, Wanted: 1, Shown: 1, WantedAt: tx.Now,
	}
	if s.Close {
		c.ClosedAt = tx.Now
	}
	if err := insertAll(ctx, tx, []*Message{m}); err != nil {
		return err
	}
	if err := insertAll(ctx, tx, ds); err != nil {
		return err
	}
	if err := insertAll(ctx, tx, []*Card{c}); err != nil {
		return err
	}
	return in.wake.Deliver(ctx, tx, m.AccountID, tx.Now)
}
