package standin

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

// press is a pressed button that waits for answerCallbackQuery.
type press struct {
	user     int64
	at       int64
	answered bool
	text     string
}

// Press makes the person press a button that is really under a message of the
// bot, and gives the press's id. It fails when there is no such button.
func (s *Server) Press(u User, messageID int64, data string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.messages[messageKey{u.ID, messageID}]
	if m == nil || !m.fromBot || m.deleted {
		return "", fmt.Errorf("standin: the bot sent no message %d to this person", messageID)
	}
	markup, _ := m.fields["reply_markup"].(object)
	rows, _ := markup["inline_keyboard"].([][]object)
	for _, row := range rows {
		for _, b := range row {
			if b["callback_data"] == data {
				return s.press(u, m.fields, data), nil
			}
		}
	}
	return "", fmt.Errorf("standin: message %d has no button with this data", messageID)
}

// PressForged is what a modified client can do: any data, under any message or
// under none (messageID 0). An unknown message is "inaccessible": its date is 0.
func (s *Server) PressForged(u User, messageID int64, data string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if messageID == 0 {
		return s.press(u, nil, data)
	}
	if m := s.messages[messageKey{u.ID, messageID}]; m != nil {
		return s.press(u, m.fields, data)
	}
	return s.press(u, object{"message_id": messageID, "date": 0, "chat": s.person(u).chatObject()}, data)
}

// press makes the update. The caller holds mu.
func (s *Server) press(u User, message object, data string) string {
	p := s.person(u)
	s.lastPress++
	id := strconv.FormatInt(4380000+s.lastPress, 10)
	s.presses[id] = press{user: u.ID, at: s.now()}
	q := object{"id": id, "from": p.object(), "chat_instance": "-77", "data": data}
	if message != nil {
		q["message"] = maps.Clone(message)
	} else {
		q["inline_message_id"] = "AAA" + id
	}
	s.push("callback_query", q, "press:"+strconv.FormatInt(u.ID, 10), s.now()+keepPress)
	return id
}

// Answered reports whether the bot ended the spinner of a press, and with
// which words.
func (s *Server) Answered(pressID string) (text string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.presses[pressID]
	return p.text, p.answered
}

func (s *Server) answerCallbackQuery(_ *http.Request, p *params) (any, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := p.text("callback_query_id")
	q, ok := s.presses[id]
	if !ok || q.answered || s.now()-q.at > keepPress {
		return nil, bad("query is too old and response timeout expired or query ID is invalid")
	}
	if len([]rune(p.text("text"))) > 200 {
		return nil, bad("MESSAGE_TOO_LONG")
	}
	q.answered, q.text = true, p.text("text")
	s.presses[id] = q
	s.signal()
	return true, nil
}
