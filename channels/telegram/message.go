package telegram

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"filodiretto/channels"
)

// message fills the item from a message or from a version of one.
func (p *parser) message(m *message, raw json.RawMessage) {
	it := &p.item
	it.Kind = channels.Message
	it.ExternalID = messageKey(m.Chat.ID, m.ID)
	if it.ExternalID == "" {
		p.note("no_message_id")
		it.ExternalID = "update:" + p.raw.DedupKey
	}
	it.SentAt = moment(m.Date)
	p.chat(m.Chat)
	p.sender(m.From, m.SenderChat)
	if it.From.Value == "" && m.Chat.ID != 0 {
		p.sender(nil, &m.Chat)
	}
	if m.AlbumID != "" {
		it.GroupKey = it.ThreadKey + ":" + m.AlbumID
	}
	p.context(m)
	p.text(m)
	p.parts(m)
	p.content(m, raw)
	it.BodyHash = bodyHash(it)
	p.command(m)
}

// context reads what the message answers and where it comes from.
func (p *parser) context(m *message) {
	if m.IsTopic {
		p.note("topic")
	}
	if r := m.ReplyTo; r != nil && !(m.IsTopic && r.ID == m.TopicID) {
		// In a forum every message "answers" the topic's first one.
		chatID := r.Chat.ID
		if chatID == 0 {
			chatID = m.Chat.ID
		}
		if key := messageKey(chatID, r.ID); key != "" {
			p.item.References = []string{key}
		}
	}
	if m.Forward != nil {
		p.note("forwarded:" + codeWord(m.Forward.Type))
	}
	if len(m.ExternalReply) > 0 {
		p.note("external_reply")
	}
	if m.ViaBot != nil {
		p.note("via_bot")
	}
}

// text puts together what can be read: text or caption with the addresses of
// links spelled out, the words of a place, the emoji of a sticker.
func (p *parser) text(m *message) {
	var blocks []string
	add := func(s string) {
		if s = strings.TrimSpace(cleanText(s)); s != "" {
			blocks = append(blocks, s)
		}
	}
	if len(m.ExternalReply) > 0 && m.Quote != nil && strings.TrimSpace(m.Quote.Text) != "" {
		// What is quoted from elsewhere is in no message that we have.
		add("> " + strings.ReplaceAll(strings.TrimSpace(cleanText(m.Quote.Text)), "\n", "\n> "))
	}
	add(spell(m.Text, m.Entities))
	add(spell(m.Caption, m.CaptionEntities))
	if m.Venue != nil {
		add(cleanLine(m.Venue.Title) + "\n" + cleanLine(m.Venue.Address))
	}
	if m.Sticker != nil {
		add(m.Sticker.Emoji)
	}
	p.item.Text = strings.Join(blocks, "\n\n")
}

// content notes what the message holds beside text and parts, and decides what
// becomes of a message that has neither.
func (p *parser) content(m *message, raw json.RawMessage) {
	var keys map[string]json.RawMessage
	_ = json.Unmarshal(raw, &keys) // it was decoded before; no keys, no notes
	service, unknown := false, false
	for _, name := range sortedKeys(keys) {
		if name == "live_photo" {
			p.note(name) // the photo is shown, what moves in it is not
		}
		switch fieldKinds[name] {
		case fieldService:
			service = true
			p.note("service:" + name)
		case fieldUnknown:
			unknown = true
			p.note("content:" + codeWord(name))
		}
	}
	if m.MigrateTo != 0 {
		p.item.Command, p.item.Payload = "migrated", strconv.FormatInt(m.MigrateTo, 10)
	}
	switch {
	case p.item.Text != "" || len(p.item.Parts) > 0:
	case unknown:
		p.item.Kind = channels.Unsupported
	case service:
		p.item.Kind = channels.Ignorable
	default:
		p.item.Kind = channels.Unsupported
		p.note("content:none")
	}
}

// commands are the words that we answer to (channels 1.8). Any other /word is
// a message: a person wrote it and a person should see it.
var commands = map[string]bool{"start": true, "stop": true, "privacy": true, "dati": true}

// command turns a message like "/start k3Jx_9" into a command. The text stays.
func (p *parser) command(m *message) {
	if p.item.Kind != channels.Message || !strings.HasPrefix(m.Text, "/") || len(p.item.Parts) > 0 {
		return
	}
	word, rest, _ := strings.Cut(strings.ReplaceAll(m.Text, "\n", " "), " ")
	// In groups the command names its bot: /stop@ComuneBot.
	word, _, _ = strings.Cut(strings.ToLower(word[1:]), "@")
	if !commands[word] {
		return
	}
	p.item.Kind = channels.Command
	p.item.Command = word
	p.item.Payload = strings.TrimSpace(cleanText(rest))
}

// edit makes a version of what message has read. Whether something visible
// changed shows in BodyHash: the same hash is the same content. An edit
// without a date is one that the platform itself shows as not edited.
func (p *parser) edit(m *message) {
	it := &p.item
	switch it.Kind {
	case channels.Message, channels.Command:
		it.Kind = channels.Edit
	}
	// A command is obeyed when it is sent, not when it is edited.
	it.Command, it.Payload = "", ""
	it.EditOf = it.ExternalID
	if t := moment(m.EditDate); t != 0 {
		it.SentAt = t
	} else {
		p.note("edit_hidden")
	}
}

// bodyHash is the fingerprint of what the sender gave: words, files, places,
// numbers. Two versions with the same hash look the same to a reader.
func bodyHash(it *channels.Item) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s", len(it.Text), it.Text)
	for _, part := range it.Parts {
		id := part.Remote
		if r, err := readRemote(part.Remote); err == nil && r.Unique != "" {
			id = r.Unique // a file_id may change, this does not (channels 1.5)
		}
		fmt.Fprintf(h, "|%s:%d:%s:%v:%v:%s:%s", part.Kind, len(id), id, part.Lat, part.Lon, part.Phone, part.Preview)
	}
	return hex.EncodeToString(h.Sum(nil))
}
