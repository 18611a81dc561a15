package demo

import (
	"fmt"
	"net/http"
	"strconv"

	"filodiretto/channels/telegram/standin"
)

// asSeen gives a citizen's messages as their chat shows them now: the bot edits what it
// wrote, and the buttons under it can be pressed.
func (c *citizensSide) asSeen(p *citizen, messages []page) []page {
	now := map[string]standin.Sent{}
	if p.Telegram.ID != 0 && c.w.bot != nil {
		for _, s := range c.w.bot.Sent(0) {
			if s.ChatID == p.Telegram.ID {
				now[fmt.Sprintf("%d:%d", s.ChatID, s.MessageID)] = s
			}
		}
	}
	for i := range messages {
		s, ok := now[messages[i].ID]
		if !ok || messages[i].Mine || messages[i].Channel != "telegram" {
			continue
		}
		messages[i].Text, messages[i].Message = s.Text, s.MessageID
		if !s.Deleted {
			messages[i].Buttons = s.Buttons
		}
	}
	return messages
}

// press presses a button under a message of the bot as the citizen.
func (c *citizensSide) press(w http.ResponseWriter, r *http.Request) {
	p := c.citizen(w, r)
	if p == nil {
		return
	}
	message, _ := strconv.ParseInt(r.FormValue("message"), 10, 64)
	if p.Telegram.ID == 0 {
		http.Error(w, p.Name()+" non usa Telegram.", http.StatusBadRequest)
		return
	}
	if _, err := c.w.bot.Press(p.Telegram, message, r.FormValue("data")); err != nil {
		http.Error(w, "Questo tasto non c’è più: torna alla chat.", http.StatusConflict)
		return
	}
	c.w.play(p)
	c.home(w, r, p)
}
