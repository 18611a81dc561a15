package inbox

import (
	"context"

	"github.com/uptrace/bun"

	"filodiretto/channels"
)

// dialogues is what a batch needs to know of dialogues under way.
type dialogues struct {
	asks  map[string]string  // by chat, what its newest card asks for
	cards map[int64]*Card    // those whose buttons were pressed
	ofOne map[string][]*Card // by chat, newest first, where it is not known which message was pressed
	turns []*Turn
}

// loadDialogues reads what the chats of the batch are asked, and the cards whose
// buttons were pressed.
func (f *filing) loadDialogues(ctx context.Context) error {
	f.talk.asks, f.talk.cards, f.talk.ofOne = map[string]string{}, map[int64]*Card{}, map[string][]*Card{}
	if f.in.dialogue == nil || isMail(f.acc.Kind) {
		return nil
	}
	var chats, unsure []string
	var pressed []int64
	f.eachItem(func(_ *reading, it *channels.Item) {
		if it.ThreadKey != "" {
			chats = append(chats, it.ThreadKey)
		}
		switch p := f.last(it.Answers); {
		case it.Kind != channels.Button:
		case p != nil:
			pressed = append(pressed, p.messageID)
		default:
			unsure = append(unsure, it.ThreadKey)
		}
	})
	if len(chats) == 0 {
		return nil
	}
	var rows []*Card
	err := f.tx.NewSelect().Model(&rows).Column("message_id", "thread_key", "asks").OrderExpr("cd.message_id").
		Where("cd.account_id = ? AND cd.thread_key IN (?) AND cd.asks <> '' AND cd.closed_at = 0 AND cd.asks_until > ?", f.acc.ID, bun.List(chats), f.tx.Now).Scan(ctx)
	if err != nil {
		return err
	}
	for _, c := range rows {
		f.talk.asks[c.ThreadKey] = c.Asks
	}
	if err := f.loadUnsure(ctx, unsure); err != nil || len(pressed) == 0 {
		return err
	}
	rows = nil
	if err := f.tx.NewSelect().Model(&rows).Where("cd.message_id IN (?)", bun.List(pressed)).Scan(ctx); err != nil {
		return err
	}
	for _, c := range rows {
		f.talk.cards[c.MessageID] = c
	}
	return nil
}

// mostUnsure is how many of a chat's cards are looked at.
const mostUnsure = 200

// loadUnsure reads the newest cards of chats in which a button was pressed under a
// message whose name we do not know: a quick finger is there before it is written
// down how the platform calls what we sent, and what was sent by a process that was
// killed is never known by name.
func (f *filing) loadUnsure(ctx context.Context, chats []string) error {
	if len(chats) == 0 {
		return nil
	}
	var rows []*Card
	err := f.tx.NewSelect().Model(&rows).Column("message_id", "thread_key", "identity_id", "buttons").OrderExpr("cd.message_id DESC").Limit(mostUnsure).
		Where("cd.account_id = ? AND cd.thread_key IN (?) AND cd.closed_at = 0", f.acc.ID, bun.List(chats)).Scan(ctx)
	for _, c := range rows {
		f.talk.ofOne[c.ThreadKey] = append(f.talk.ofOne[c.ThreadKey], c)
	}
	return err
}

// pressedCard is the card whose button an item pressed, nil when it is not the
// presser's or not known.
func (f *filing) pressedCard(it *channels.Item, id *Identity) *Card {
	if p := f.last(it.Answers); p != nil {
		if c := f.talk.cards[p.messageID]; c != nil && c.IdentityID == id.ID {
			return c
		}
		return nil
	}
	for _, c := range f.talk.ofOne[it.ThreadKey] {
		if c.IdentityID == id.ID && c.Buttons.label(it.Payload) != "" {
			return c
		}
	}
	return nil
}

// inDialogue reports whether an item is for the robot that leads a dialogue. In a
// group others would read the answers, so that it is for people there.
func (f *filing) inDialogue(r *reading, it *channels.Item) bool {
	if f.in.dialogue == nil || r.force || r.attach > 0 || r.raw.Archive || it.ThreadKey == "" || it.ThreadKey != it.From.Value {
		return false
	}
	return (it.Kind == channels.Message || it.Kind == channels.Button) && f.in.dialogue(it, f.talk.asks[it.ThreadKey])
}

// turn files what belongs to a dialogue: a message on no case, and a turn that is to
// be answered.
func (f *filing) turn(r *reading, it *channels.Item) {
	key := f.messageKey(r, it)
	if id, ok := f.known[key]; ok {
		f.addCopy(id, r, it)
		return
	}
	id := f.identity(it)
	m := f.newMessage(r, it, id)
	t := &Turn{
		MessageID: m.ID, AccountID: f.acc.ID, CitizenID: id.CitizenID, IdentityID: id.ID, ThreadKey: it.ThreadKey, Lang: it.Lang,
		Kind: Words, Data: it.Text, At: m.At,
	}
	if it.Kind == channels.Button {
		t.Kind, t.Data = Press, it.Payload
		m.Text = ""
		if c := f.pressedCard(it, id); c != nil {
			t.CardID, m.AnswersID, m.Text = c.MessageID, c.MessageID, c.Buttons.label(it.Payload)
		}
	} else {
		m.Kind = "command"
	}
	f.known[key] = m.ID
	f.keys = append(f.keys, &messageKey{Key: key, MessageID: m.ID})
	f.messages = append(f.messages, m)
	f.addCopy(m.ID, r, it)
	f.talk.turns = append(f.talk.turns, t)
}
