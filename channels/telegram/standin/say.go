package standin

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Told is a message of a person as the platform took it.
type Told struct {
	ChatID    int64 `json:"chat_id"`
	MessageID int64 `json:"message_id"`
	UpdateID  int64 `json:"update_id"` // 0 when the bot asked for no such updates
}

// Key is the message's name in the form "chat:message".
func (t Told) Key() string { return fmt.Sprintf("%d:%d", t.ChatID, t.MessageID) }

// stored is a message of a chat, of a person or of the bot.
type stored struct {
	fields  object // the Message object
	fromBot bool
	date    int64
	sent    int // number among the bot's messages, from 1
	file    *Upload
	silent  bool
	deleted bool
}

// Say makes the person write a text to the bot.
func (s *Server) Say(u User, text string) Told { return s.SayWith(u, text, nil) }

// SayWith is Say with more fields of the Message object, which win:
// "reply_to_message", "forward_origin", "entities", "media_group_id".
func (s *Server) SayWith(u User, text string, more map[string]any) Told {
	return s.SayIn(u.ID, u, text, more)
}

// SayIn is SayWith in a chat that the bot is in, such as a group.
func (s *Server) SayIn(chatID int64, u User, text string, more map[string]any) Told {
	fields := object{"text": text}
	if e := commandEntity(text); e != nil {
		fields["entities"] = []object{e}
	}
	maps.Copy(fields, more)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.receive(chatID, s.person(u), fields)
}

// Send makes the person send a message with the given content fields, such as
// "location" or "poll".
func (s *Server) Send(u User, content map[string]any) Told {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.receive(u.ID, s.person(u), maps.Clone(content))
}

// ReplyTo gives the field that makes a message answer another one.
func (s *Server) ReplyTo(chatID, messageID int64) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.messages[messageKey{chatID, messageID}]
	if m == nil {
		return nil
	}
	one := maps.Clone(m.fields)
	delete(one, "reply_to_message") // one level deep (channels 1.4)
	return map[string]any{"reply_to_message": one}
}

// receive makes a message of a person and its update. The caller holds mu.
func (s *Server) receive(chatID int64, p *person, content object) Told {
	if chatID == p.ID {
		if p.blocked {
			s.block(p, false) // to write again, people have to press "unblock" first
		}
		p.started = true
	}
	now := s.now()
	s.lastID++
	fields := object{
		"message_id": s.lastID, "date": now,
		"from": p.object(), "chat": s.chatObject(chatID),
	}
	maps.Copy(fields, content)
	s.messages[messageKey{chatID, s.lastID}] = &stored{fields: fields, date: now}
	id := s.push("message", fields, lane(chatID), now+keepMessage)
	return Told{chatID, s.lastID, id}
}

// lane is the queue that messages and edits of one chat share (channels 1.3).
func lane(chatID int64) string { return "chat:" + strconv.FormatInt(chatID, 10) }

// Edit makes the author of a message change its text, or its caption when it
// has one. The same text again is an edit without a visible change.
func (s *Server) Edit(t Told, text string) Told {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.messages[messageKey{t.ChatID, t.MessageID}]
	if m == nil || m.fromBot {
		return Told{}
	}
	fields := maps.Clone(m.fields)
	name := "text"
	if _, ok := fields["text"]; !ok {
		name = "caption"
	}
	fields[name] = text
	fields["edit_date"] = s.now()
	m.fields = fields
	t.UpdateID = s.push("edited_message", fields, lane(t.ChatID), s.now()+keepMessage)
	return t
}

// MoveLive makes a live location move, which arrives as an edit.
func (s *Server) MoveLive(t Told, lat, lon float64) Told {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.messages[messageKey{t.ChatID, t.MessageID}]
	if m == nil {
		return Told{}
	}
	fields := maps.Clone(m.fields)
	fields["location"] = object{"latitude": lat, "longitude": lon, "live_period": 900}
	fields["edit_date"] = s.now()
	m.fields = fields
	t.UpdateID = s.push("edited_message", fields, lane(t.ChatID), s.now()+keepMessage)
	return t
}

// SendLocation makes the person send a place.
func (s *Server) SendLocation(u User, lat, lon float64) Told {
	return s.Send(u, object{"location": object{"latitude": lat, "longitude": lon}})
}

// SendContact makes the person send a contact card. userID is the card's
// Telegram user, 0 when it has none; the person's own number has their own.
func (s *Server) SendContact(u User, phone, name string, userID int64) Told {
	card := object{"phone_number": phone, "first_name": name}
	if userID != 0 {
		card["user_id"] = userID
	}
	return s.Send(u, object{"contact": card})
}

// Inject puts an update of any kind into the queue: the kind's name and its
// content as JSON. It is for what people cannot do with the other methods.
func (s *Server) Inject(kind string, content json.RawMessage) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.push(kind, content, "other", s.now()+keepMessage)
}

// InjectRaw puts bytes into the queue in place of an update, as they are. The
// number that was used up for them is given: the bytes may hold it or not.
func (s *Server) InjectRaw(make func(id int64) []byte) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.queue
	q.expire(s.now())
	id := q.next
	q.next++
	q.events = append(q.events, event{id: id, body: make(id), expires: s.now() + keepMessage, lane: "other"})
	s.signal()
	return id
}

// commandEntity marks a leading /word, as the platform does.
func commandEntity(text string) object {
	if len(text) < 2 || text[0] != '/' {
		return nil
	}
	end := strings.IndexFunc(text, func(r rune) bool { return r == ' ' || r == '\n' })
	if end < 0 {
		end = len(text)
	}
	return object{"type": "bot_command", "offset": 0, "length": len(utf16.Encode([]rune(text[:end])))}
}
