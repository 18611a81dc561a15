package standin

import (
	"fmt"
	"net/http"
	"strings"
)

// User is a person with Telegram. Their private chat has the same number.
type User struct {
	ID       int64  `json:"id"`
	First    string `json:"first_name"`
	Last     string `json:"last_name,omitempty"`
	Username string `json:"username,omitempty"`
	Lang     string `json:"language_code,omitempty"`
}

type person struct {
	User
	started     bool // wrote to the bot at least once
	blocked     bool
	deactivated bool
}

// chat is a group. Private chats are people.
type chat struct {
	id       int64
	title    string
	super    bool
	kicked   bool  // the bot was put out
	migrated int64 // the supergroup that it became
}

func (u User) object() object {
	o := object{"id": u.ID, "is_bot": false, "first_name": u.First}
	for name, v := range map[string]string{"last_name": u.Last, "username": u.Username, "language_code": u.Lang} {
		if v != "" {
			o[name] = v
		}
	}
	return o
}

func (u User) chatObject() object {
	o := u.object()
	delete(o, "is_bot")
	delete(o, "language_code")
	o["type"] = "private"
	return o
}

func (c *chat) object() object {
	kind := "group"
	if c.super {
		kind = "supergroup"
	}
	return object{"id": c.id, "title": c.title, "type": kind}
}

// AddUser makes a person known to the platform who never wrote to the bot.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.person(u)
}

// AddAcquaintance makes a person who wrote to the bot before this stand-in was
// started, so that the bot may write first.
func (s *Server) AddAcquaintance(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.person(u).started = true
}

// person finds or makes the person, with the newest name. The caller holds mu.
func (s *Server) person(u User) *person {
	p := s.people[u.ID]
	if p == nil {
		p = &person{}
		s.people[u.ID] = p
	}
	if u.First == "" && p.First == "" {
		u.First = fmt.Sprintf("Persona %d", u.ID)
	}
	if u.First != "" {
		p.User = u
	}
	return p
}

// Block makes the person stop the bot: it learns so, and can send no more.
func (s *Server) Block(u User) { s.setBlocked(u, true) }

// Unblock takes Block back.
func (s *Server) Unblock(u User) { s.setBlocked(u, false) }

func (s *Server) setBlocked(u User, blocked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.person(u)
	if p.blocked == blocked {
		return
	}
	p.started = true
	s.block(p, blocked)
}

func (s *Server) block(p *person, blocked bool) {
	p.blocked = blocked
	status := map[bool]string{true: "kicked", false: "member"}
	s.push("my_chat_member", object{
		"chat": p.chatObject(), "from": p.object(), "date": s.now(),
		"old_chat_member": s.membership(status[!blocked]),
		"new_chat_member": s.membership(status[blocked]),
	}, fmt.Sprintf("member:%d", p.ID), s.now()+keepMessage)
}

func (s *Server) membership(status string) object {
	o := object{"user": s.bot(), "status": status}
	if status == "kicked" {
		o["until_date"] = 0
	}
	return o
}

// Deactivate makes the person's account end. The bot is not told.
func (s *Server) Deactivate(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.person(u).deactivated = true
}

// NewGroup makes a group with the bot in it and gives its number, below zero.
func (s *Server) NewGroup(title string, by User) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.person(by)
	s.lastGroup++
	c := &chat{id: -s.lastGroup, title: title}
	s.chats[c.id] = c
	s.groupMember(c, p, "left", "member")
	return c.id
}

// KickBot puts the bot out of a group.
func (s *Server) KickBot(group int64, by User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[group]
	if c == nil || c.kicked {
		return
	}
	c.kicked = true
	s.groupMember(c, s.person(by), "member", "kicked")
}

func (s *Server) groupMember(c *chat, by *person, from, to string) {
	s.push("my_chat_member", object{
		"chat": c.object(), "from": by.object(), "date": s.now(),
		"old_chat_member": s.membership(from), "new_chat_member": s.membership(to),
	}, fmt.Sprintf("member:%d", c.id), s.now()+keepMessage)
}

// MigrateGroup makes a group a supergroup, with a message about it in the old
// chat and in the new one, and gives the new number.
func (s *Server) MigrateGroup(group int64, by User) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.chats[group]
	if old == nil || old.super || old.migrated != 0 {
		return 0
	}
	s.lastGroup++
	c := &chat{id: -1_000_000_000_000 - s.lastGroup, title: old.title, super: true}
	s.chats[c.id] = c
	p := s.person(by)
	s.receive(old.id, p, object{"migrate_to_chat_id": c.id})
	s.receive(c.id, p, object{"migrate_from_chat_id": old.id})
	old.migrated = c.id
	return c.id
}

// mayWrite says whether the bot may write into a chat (channels 1.7).
// The caller holds mu.
func (s *Server) mayWrite(chatID int64) *refusal {
	if c := s.chats[chatID]; c != nil {
		switch {
		case c.migrated != 0:
			no := bad("group chat was upgraded to a supergroup chat")
			no.MigrateTo = c.migrated
			return no
		case c.kicked && c.super:
			return forbidden("bot was kicked from the supergroup chat")
		case c.kicked:
			return forbidden("bot was kicked from the group chat")
		}
		return nil
	}
	p := s.people[chatID]
	switch {
	case p == nil:
		return bad("chat not found")
	case p.deactivated:
		return forbidden("user is deactivated")
	case p.blocked:
		return forbidden("bot was blocked by the user")
	case !p.started:
		return forbidden("bot can't initiate conversation with a user")
	}
	return nil
}

// chatObject is a chat as messages show it. The caller holds mu.
func (s *Server) chatObject(id int64) object {
	if c := s.chats[id]; c != nil {
		return c.object()
	}
	if p := s.people[id]; p != nil {
		return p.chatObject()
	}
	return object{"id": id, "type": "private"}
}

func (s *Server) getChat(_ *http.Request, p *params) (any, *refusal) {
	id, no := chatID(p)
	if no != nil {
		return nil, no
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.chats[id] == nil && s.people[id] == nil {
		return nil, bad("chat not found")
	}
	return s.chatObject(id), nil
}

// chatID reads the target of a call.
func chatID(p *params) (int64, *refusal) {
	v := strings.TrimSpace(p.text("chat_id"))
	if v == "" {
		return 0, bad("chat_id is empty")
	}
	id := p.number("chat_id")
	if id == 0 {
		return 0, bad("chat not found")
	}
	return id, nil
}
