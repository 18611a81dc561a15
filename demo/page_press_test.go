package demo

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"filodiretto/internal/clock"
)

// The buttons under a message of the bot are on the citizen's page, as the chat shows
// them now, and pressing one presses it: without them nobody takes a number in the chat.
func TestButtonsOfTheBotCanBePressed(t *testing.T) {
	c, s := side(t)
	p := c.w.folk.key("lucia.ferrante")
	c.w.bot.AddAcquaintance(p.Telegram)
	bot, err := c.w.bot.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	api := bot + "/bot" + c.w.bot.Token()
	tell := func(method string, form url.Values) {
		t.Helper()
		r, err := http.PostForm(api+method, form)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			t.Fatal(method, r.Status)
		}
	}
	tell("/sendMessage", url.Values{"chat_id": {fmt.Sprint(p.Telegram.ID)}, "text": {"Per che cosa vieni?"}, "reply_markup": {`{"inline_keyboard":[[{"text":"Tributi","callback_data":"q1:t"}]]}`}})
	sent := c.w.bot.Sent(0)[0]
	c.w.diary.add(page{Citizen: p.Key, Channel: "telegram", At: clock.System{}.Now(), ID: fmt.Sprintf("%d:%d", sent.ChatID, sent.MessageID), Text: sent.Text})
	if _, body := get(t, s.URL+"/di/lucia.ferrante/messaggi"); !strings.Contains(body, "<button>Tributi</button>") || !strings.Contains(body, `value="q1:t"`) {
		t.Error("no button:", body)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for data, want := range map[string]int{"q1:t": http.StatusSeeOther, "q1:x": http.StatusConflict} {
		r, err := client.PostForm(s.URL+"/di/lucia.ferrante/tasto", url.Values{"message": {fmt.Sprint(sent.MessageID)}, "data": {data}})
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%s: %s", data, r.Status)
		}
	}
	tell("/editMessageText", url.Values{"chat_id": {fmt.Sprint(sent.ChatID)}, "message_id": {fmt.Sprint(sent.MessageID)}, "text": {"Il tuo numero: A7"}})
	if _, body := get(t, s.URL+"/di/lucia.ferrante/messaggi"); !strings.Contains(body, "A7") || strings.Contains(body, "Tributi") {
		t.Error("the chat is as it was:", body)
	}
}
