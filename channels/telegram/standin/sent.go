package standin

import (
	"context"
	"slices"
)

// Sent is a message of the bot, as its reader sees it now.
type Sent struct {
	N         int      `json:"n"` // from 1, in order of sending
	ChatID    int64    `json:"chat_id"`
	MessageID int64    `json:"message_id"`
	Text      string   `json:"text"`    // or the caption, without markup
	Markup    []Entity `json:"markup"`  // formatting of Text
	File      *Upload  `json:"file"`    // nil for a text
	Buttons   [][]Key  `json:"buttons"` // under the message
	ReplyTo   int64    `json:"reply_to"`
	Silent    bool     `json:"silent"`
	Date      int64    `json:"date"` // Unix seconds
	Edited    bool     `json:"edited"`
	Deleted   bool     `json:"deleted"`
}

// Upload is a file that the bot sent.
type Upload struct {
	Class string `json:"class"` // "photo" or "document"
	ID    string `json:"id"`
	Name  string `json:"name"`
	Type  string `json:"type"`
	Body  []byte `json:"-"`
	Size  int64  `json:"size"`
}

// Key is a button.
type Key struct {
	Text string `json:"text"`
	Data string `json:"data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Sent gives the bot's messages after number n (0 for all that are remembered).
func (s *Server) Sent(n int) []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sentAfter(n)
}

func (s *Server) sentAfter(n int) []Sent {
	var out []Sent
	for _, m := range s.messages {
		if m.fromBot && m.sent > n {
			out = append(out, s.sentOf(m))
		}
	}
	slices.SortFunc(out, func(a, b Sent) int { return a.N - b.N })
	return out
}

// AwaitSent blocks until the bot has sent a message after number n that
// pleases, and gives the first such. A nil pleases means any.
func (s *Server) AwaitSent(ctx context.Context, n int, pleases func(Sent) bool) (Sent, error) {
	var found Sent
	err := s.await(ctx, "a message of the bot", func() bool {
		if s.lastSent <= n {
			return false
		}
		for _, one := range s.sentAfter(n) {
			if pleases == nil || pleases(one) {
				found = one
				return true
			}
		}
		return false
	})
	return found, err
}

// To pleases with messages to a person's private chat.
func To(u User) func(Sent) bool {
	return func(s Sent) bool { return s.ChatID == u.ID }
}

func (s *Server) sentOf(m *stored) Sent {
	out := Sent{N: m.sent, Date: m.date, Deleted: m.deleted, Silent: m.silent, File: m.file}
	out.MessageID, _ = m.fields["message_id"].(int64)
	if c, ok := m.fields["chat"].(object); ok {
		out.ChatID, _ = c["id"].(int64)
	}
	out.Text, _ = m.fields["text"].(string)
	out.Markup, _ = m.fields["entities"].([]Entity)
	if c, ok := m.fields["caption"].(string); ok {
		out.Text = c
		out.Markup, _ = m.fields["caption_entities"].([]Entity)
	}
	if r, ok := m.fields["reply_to_message"].(object); ok {
		out.ReplyTo, _ = r["message_id"].(int64)
	}
	_, out.Edited = m.fields["edit_date"]
	out.Buttons = keysOf(m.fields)
	return out
}

func keysOf(fields object) [][]Key {
	markup, _ := fields["reply_markup"].(object)
	rows, _ := markup["inline_keyboard"].([][]object)
	var out [][]Key
	for _, row := range rows {
		var keys []Key
		for _, b := range row {
			k := Key{}
			k.Text, _ = b["text"].(string)
			k.Data, _ = b["callback_data"].(string)
			k.URL, _ = b["url"].(string)
			keys = append(keys, k)
		}
		out = append(out, keys)
	}
	return out
}

// AwaitShown blocks until a message of the bot, as its reader sees it now, pleases:
// one that is new or one that was edited. It gives the newest such.
func (s *Server) AwaitShown(ctx context.Context, pleases func(Sent) bool) (Sent, error) {
	var found Sent
	err := s.await(ctx, "a message of the bot", func() bool {
		for _, one := range slices.Backward(s.sentAfter(0)) {
			if pleases(one) {
				found = one
				return true
			}
		}
		return false
	})
	return found, err
}
