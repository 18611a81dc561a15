package telegram

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"filodiretto/channels"
)

// What a channel of this kind can do besides sending.
var (
	_ channels.Editor = (*Channel)(nil)
	_ channels.Menued = (*Channel)(nil)
)

// editRequest is editMessageText.
type editRequest struct {
	ChatID    int64        `json:"chat_id"`
	MessageID int64        `json:"message_id"`
	Text      string       `json:"text"`
	ParseMode string       `json:"parse_mode,omitempty"`
	Preview   *linkPreview `json:"link_preview_options,omitempty"`
	Keyboard  *keyboard    `json:"reply_markup,omitempty"`
}

// Edit replaces text and buttons of a message that was sent before. A message that
// says this already is an edit that went well (channels 1.7). Text that is too long
// for one message is refused: an edit cannot be split.
func (c *Channel) Edit(ctx context.Context, externalID string, m *channels.Outgoing) error {
	chat, message, ok := strings.Cut(externalID, ":")
	r := editRequest{Text: m.Text, Preview: &linkPreview{Disabled: true}, Keyboard: keyboardOf(m.Buttons)}
	var err error
	if r.ChatID, err = strconv.ParseInt(chat, 10, 64); err != nil || !ok {
		return channels.Errorf(channels.ContentRejected, "", "edit: this is not the name of a message")
	}
	if r.MessageID, err = strconv.ParseInt(message, 10, 64); err != nil {
		return channels.Errorf(channels.ContentRejected, "", "edit: this is not the name of a message")
	}
	if err := checkButtons(m.Buttons); err != nil {
		return err
	}
	if units(m.Text) > textLimit {
		return channels.Errorf(channels.ContentRejected, "", "edit: the text is longer than one message")
	}
	if m.Markup != "" {
		r.Text, r.ParseMode = m.Markup, "HTML"
	}
	err = c.edit(ctx, r)
	if e := channels.AsError(err); e != nil && r.ParseMode != "" && e.Class == channels.ContentRejected && strings.Contains(strings.ToLower(e.Text), "can't parse entities") {
		r.Text, r.ParseMode = m.Text, ""
		err = c.edit(ctx, r)
	}
	return err
}

// edit makes one call in its turn: an edit counts against the platform's limits as a
// message does.
func (c *Channel) edit(ctx context.Context, r editRequest) error {
	delay, err := c.pace.reserve(c.clock.Now(), r.ChatID)
	if err != nil {
		return err
	}
	if err := c.pause(ctx, delay); err != nil {
		return &channels.Error{Class: channels.RetryBackoff, Text: "edit: given up before the call", Err: err}
	}
	body, err := json.Marshal(r)
	if err != nil {
		return channels.Errorf(channels.ContentRejected, "", "edit: the message cannot be written as JSON")
	}
	err = c.api.send(ctx, "editMessageText", &payload{kind: "application/json", size: int64(len(body)), open: reopen(body)}, nil)
	e := channels.AsError(err)
	switch {
	case e == nil:
		return nil
	case e.Class == channels.RetryAfter && e.Scope == channels.ScopeRecipient:
		e.Scope = c.pace.struckBy429(c.clock.Now(), r.ChatID, e.After)
	case strings.Contains(strings.ToLower(e.Text), "message is not modified"):
		return nil
	}
	return e
}

// SetMenu has the chats of the bot show the commands (setMyCommands).
func (c *Channel) SetMenu(ctx context.Context, lang string, items []channels.MenuItem) error {
	type command struct {
		Command     string `json:"command"`
		Description string `json:"description"`
	}
	list := make([]command, len(items))
	for i, x := range items {
		list[i] = command{x.Command, x.Text}
	}
	params := map[string]any{"commands": list}
	if lang != "" {
		params["language_code"] = lang
	}
	return c.api.ask(ctx, "setMyCommands", params, nil)
}
