package telegram

import (
	"fmt"

	"filodiretto/channels"
)

// button reads the press of a button. Its data can be forged by a modified
// client (channels 1.4): the caller checks that it belongs to the presser.
func (p *parser) button(q *callbackQuery) {
	it := &p.item
	it.Kind = channels.Button
	it.ExternalID = "callback:" + cut(cleanLine(q.ID), 100)
	it.Payload = cleanText(q.Data)
	p.sender(q.From, nil)
	if m := q.Message; m != nil {
		it.Answers = messageKey(m.Chat.ID, m.ID)
		p.chat(m.Chat)
		if m.Date == 0 {
			p.note("inaccessible_message")
		}
	}
	if q.InlineID != "" {
		p.note("inline_message")
	}
	if q.Data == "" {
		// A game's button, or something newer: nothing that we made.
		it.Kind = channels.Unsupported
		p.note("content:callback_without_data")
	}
	it.BodyHash = bodyHash(it)
}

// member reads that a person blocked or unblocked the bot, which is evidence
// of an opt-out with its date (channels 1.8), or that a group took it in or
// put it out.
func (p *parser) member(u *memberUpdate) {
	it := &p.item
	it.ExternalID = fmt.Sprintf("member:%d:%d:%s", u.Chat.ID, u.Date, codeWord(u.New.Status))
	it.SentAt = moment(u.Date)
	p.sender(u.From, nil)
	p.chat(u.Chat)
	if u.Chat.Type != "private" {
		it.Kind = channels.Ignorable
		p.note("bot_" + codeWord(u.New.Status))
		return
	}
	if it.From.Value == "" {
		p.sender(nil, &u.Chat)
	}
	switch u.New.Status {
	case "kicked":
		it.Kind, it.Command = channels.Consent, "blocked"
	case "member":
		it.Kind, it.Command = channels.Consent, "unblocked"
	default:
		it.Kind = channels.Unsupported
		p.note("member:" + codeWord(u.New.Status))
	}
}
