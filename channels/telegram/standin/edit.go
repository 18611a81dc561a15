package standin

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
)

const (
	notModified  = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
	deleteWithin = 48 * 60 * 60 // seconds
)

// own finds a message of the bot. The caller holds mu.
func (s *Server) own(p *params, what string) (*stored, *refusal) {
	id, no := chatID(p)
	if no != nil {
		return nil, no
	}
	if s.people[id] == nil && s.chats[id] == nil {
		return nil, bad("chat not found")
	}
	m := s.messages[messageKey{id, p.number("message_id")}]
	if m == nil || m.deleted {
		return nil, bad("message to " + what + " not found")
	}
	return m, nil
}

func (s *Server) editMessageText(_ *http.Request, p *params) (any, *refusal) {
	text, entities, no := formatted(p, "text", "entities")
	if no != nil {
		return nil, no
	}
	if text == "" {
		return nil, bad("message text is empty")
	}
	return s.change(p, func(fields object) *refusal {
		if _, ok := fields["text"]; !ok {
			return bad("there is no text in the message to edit")
		}
		if utf16Len(text) > maxText {
			return bad("message is too long")
		}
		fields["text"] = text
		delete(fields, "entities")
		if len(entities) > 0 {
			fields["entities"] = entities
		}
		return nil
	})
}

func (s *Server) editMessageReplyMarkup(_ *http.Request, p *params) (any, *refusal) {
	return s.change(p, func(object) *refusal { return nil })
}

// change edits a message of the bot; reply_markup is replaced in any case.
func (s *Server) change(p *params, do func(object) *refusal) (any, *refusal) {
	keyboard, no := readKeyboard(p.text("reply_markup"))
	if no != nil {
		return nil, no
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, no := s.own(p, "edit")
	if no != nil {
		return nil, no
	}
	if !m.fromBot {
		return nil, bad("message can't be edited")
	}
	fields := maps.Clone(m.fields)
	delete(fields, "reply_markup")
	if keyboard != nil {
		fields["reply_markup"] = keyboard
	}
	if no := do(fields); no != nil {
		return nil, no
	}
	if reflect.DeepEqual(fields, m.fields) {
		return nil, bad(notModified)
	}
	fields["edit_date"] = s.now()
	m.fields = fields
	s.signal()
	return maps.Clone(fields), nil
}

func (s *Server) deleteMessage(_ *http.Request, p *params) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, no := s.own(p, "delete")
	if no != nil {
		return nil, no
	}
	if s.now()-m.date > deleteWithin {
		return nil, bad("message can't be deleted for everyone")
	}
	m.deleted = true
	s.signal()
	return true, nil
}

func (s *Server) setMessageReaction(_ *http.Request, p *params) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, no := s.own(p, "react"); no != nil {
		return nil, no
	}
	return true, nil
}

var actions = []string{
	"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
	"upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}

func (s *Server) sendChatAction(_ *http.Request, p *params) (any, *refusal) {
	id, no := chatID(p)
	if no != nil {
		return nil, no
	}
	if !slices.Contains(actions, p.text("action")) {
		return nil, bad("wrong parameter action in request")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return true, s.mayWrite(id)
}

func (s *Server) setMyCommands(_ *http.Request, p *params) (any, *refusal) {
	var list []struct {
		Command     string `json:"command"`
		Description string `json:"description"`
	}
	if !p.decode("commands", &list) {
		return nil, bad("can't parse BotCommand")
	}
	for _, c := range list {
		if !isCommand(c.Command) {
			return nil, bad("BOT_COMMAND_INVALID")
		}
		if n := len([]rune(c.Description)); n < 1 || n > 256 {
			return nil, bad("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands[p.text("language_code")] = []byte(p.text("commands"))
	return true, nil
}

func isCommand(c string) bool {
	if len(c) < 1 || len(c) > 32 {
		return false
	}
	for _, r := range c {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return true
}

// getMyCommands gives those of the language, else those for everybody.
func (s *Server) getMyCommands(_ *http.Request, p *params) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, lang := range []string{p.text("language_code"), ""} {
		if list := s.commands[lang]; list != nil {
			return list, nil
		}
	}
	return []object{}, nil
}

// Menu is the list of commands that a person with the language sees, as words in
// the order in which the bot gave them.
func (s *Server) Menu(lang string) []string {
	list, _ := s.getMyCommands(nil, &params{values: map[string]string{"language_code": lang}})
	raw, _ := list.(json.RawMessage)
	var rows []struct {
		Command string `json:"command"`
	}
	_ = json.Unmarshal(raw, &rows) // setMyCommands has read it before
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Command
	}
	return out
}
