package standin_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"filodiretto/channels/telegram/standin"
)

// These tests drive the stand-in with a client that we did not write
// (channels 0.4 d), so that a mistake about the platform's forms cannot hide
// in both of ours.

func foreign(t *testing.T, w *world) *tgbotapi.BotAPI {
	t.Helper()
	bot, err := tgbotapi.NewBotAPIWithAPIEndpoint(w.Token(), w.url+"/bot%s/%s")
	if err != nil {
		t.Fatal(err)
	}
	return bot
}

func TestForeignIntroduces(t *testing.T) {
	w := newWorld(t, standin.Options{Username: "pontelieto_bot", Name: "Comune di Pontelieto"})
	bot := foreign(t, w)
	if bot.Self.UserName != "pontelieto_bot" || !bot.Self.IsBot || bot.Self.ID != 123456789 {
		t.Errorf("it says it is %+v", bot.Self)
	}
	_, err := tgbotapi.NewBotAPIWithAPIEndpoint("1:wrong", w.url+"/bot%s/%s")
	wantError(t, err, 401, "Unauthorized")
}

// wantError checks code and words of a refusal.
func wantError(t *testing.T, err error, code int, text string) *tgbotapi.Error {
	t.Helper()
	var e *tgbotapi.Error
	if !errors.As(err, &e) {
		t.Errorf("got %v, want %d %s", err, code, text)
		return &tgbotapi.Error{}
	}
	if e.Code != code || !strings.HasPrefix(e.Message, text) {
		t.Errorf("got %d %s, want %d %s", e.Code, e.Message, code, text)
	}
	return e
}

func TestForeignReads(t *testing.T) {
	w := newWorld(t, standin.Options{})
	bot := foreign(t, w)
	w.Say(ada, "/start k3Jx_9")
	photo := w.SendPhoto(ada, picture(t, 64, 48), "buca in via Roma")
	w.SendFile(ada, standin.File{Name: "domanda.pdf", Type: "application/pdf", Body: []byte("%PDF")}, "")
	w.SendLocation(ada, 45.1, 9.2)
	w.SendContact(ada, "393331234567", "Ada", ada.ID)
	w.Edit(photo, "buca in via Roma, 12")
	w.Block(ada)
	w.Unblock(ada)
	updates, err := bot.GetUpdates(tgbotapi.UpdateConfig{})
	if err != nil || len(updates) != 8 {
		t.Fatalf("%d updates, %v", len(updates), err)
	}
	start := updates[0].Message
	if !start.IsCommand() || start.Command() != "start" || start.CommandArguments() != "k3Jx_9" || start.From.UserName != "adar" || !start.Chat.IsPrivate() {
		t.Errorf("start: %+v", start)
	}
	p := updates[1].Message
	if len(p.Photo) != 2 || p.Photo[1].Width != 64 || p.Photo[0].Width >= p.Photo[1].Width || p.Caption != "buca in via Roma" {
		t.Errorf("photo: %+v", p)
	}
	if d := updates[2].Message.Document; d == nil || d.FileName != "domanda.pdf" || d.MimeType != "application/pdf" {
		t.Errorf("document: %+v", d)
	}
	if l := updates[3].Message.Location; l == nil || l.Latitude != 45.1 {
		t.Errorf("location: %+v", l)
	}
	if c := updates[4].Message.Contact; c == nil || c.UserID != ada.ID {
		t.Errorf("contact: %+v", c)
	}
	if e := updates[5].EditedMessage; e == nil || e.MessageID != p.MessageID || e.EditDate == 0 || e.Caption != "buca in via Roma, 12" {
		t.Errorf("edit: %+v", e)
	}
	if m := updates[6].MyChatMember; m == nil || m.NewChatMember.Status != "kicked" || m.OldChatMember.Status != "member" {
		t.Errorf("blocked: %+v", m)
	}
	if m := updates[7].MyChatMember; m == nil || m.NewChatMember.Status != "member" {
		t.Errorf("unblocked: %+v", m)
	}
}

func TestForeignWrites(t *testing.T) {
	w := newWorld(t, standin.Options{Limits: standin.Limits{Off: true}})
	bot := foreign(t, w)
	asked := w.Say(ada, "quando?")
	m := tgbotapi.NewMessage(ada.ID, "<b>Domani</b> &amp; dopo")
	m.ParseMode = tgbotapi.ModeHTML
	m.ReplyToMessageID = int(asked.MessageID)
	m.ReplyMarkup = tgbotapi.NewInlineKeyboardMarkup(tgbotapi.NewInlineKeyboardRow(tgbotapi.NewInlineKeyboardButtonData("Chiudi", "t:9f3:close")))
	sent, err := bot.Send(m)
	if err != nil {
		t.Fatal(err)
	}
	if sent.Text != "Domani & dopo" || len(sent.Entities) != 1 || sent.Entities[0].Type != "bold" || sent.Entities[0].Length != 6 {
		t.Errorf("made %q with %v", sent.Text, sent.Entities)
	}
	if sent.ReplyToMessage == nil || sent.ReplyToMessage.MessageID != int(asked.MessageID) || sent.ReplyMarkup.InlineKeyboard[0][0].Text != "Chiudi" {
		t.Errorf("made %+v", sent)
	}
	edited, err := bot.Send(tgbotapi.NewEditMessageText(ada.ID, sent.MessageID, "Dopodomani"))
	if err != nil || edited.Text != "Dopodomani" || edited.EditDate == 0 {
		t.Errorf("edited %+v, %v", edited, err)
	}
	_, err = bot.Send(tgbotapi.NewEditMessageText(ada.ID, sent.MessageID, "Dopodomani"))
	wantError(t, err, 400, "Bad Request: message is not modified")
	if _, err := bot.Request(tgbotapi.NewDeleteMessage(ada.ID, sent.MessageID)); err != nil {
		t.Error(err)
	}
	if _, err := bot.Request(tgbotapi.NewChatAction(ada.ID, tgbotapi.ChatTyping)); err != nil {
		t.Error(err)
	}
	if _, err := bot.Request(tgbotapi.NewSetMyCommands(tgbotapi.BotCommand{Command: "start", Description: "Inizia"})); err != nil {
		t.Error(err)
	}
	if cs, err := bot.GetMyCommands(); err != nil || len(cs) != 1 {
		t.Errorf("%v, %v", cs, err)
	}
}

func TestForeignFiles(t *testing.T) {
	w := newWorld(t, standin.Options{Limits: standin.Limits{Off: true}})
	bot := foreign(t, w)
	w.Say(ada, "/start")
	doc := tgbotapi.NewDocument(ada.ID, tgbotapi.FileBytes{Name: "ricevuta.pdf", Bytes: []byte("%PDF-1.4")})
	doc.Caption = "La ricevuta"
	sent, err := bot.Send(doc)
	if err != nil || sent.Document == nil || sent.Document.FileName != "ricevuta.pdf" {
		t.Fatalf("%+v, %v", sent, err)
	}
	again := tgbotapi.NewDocument(ada.ID, tgbotapi.FileID(sent.Document.FileID))
	if _, err := bot.Send(again); err != nil {
		t.Errorf("by file_id: %v", err)
	}
	group := tgbotapi.NewMediaGroup(ada.ID, []any{
		tgbotapi.NewInputMediaPhoto(tgbotapi.FileBytes{Name: "a.png", Bytes: picture(t, 20, 10)}),
		tgbotapi.NewInputMediaPhoto(tgbotapi.FileBytes{Name: "b.png", Bytes: picture(t, 10, 20)}),
	})
	both, err := bot.SendMediaGroup(group)
	if err != nil || len(both) != 2 || both[0].MediaGroupID == "" || both[0].MediaGroupID != both[1].MediaGroupID {
		t.Errorf("%+v, %v", both, err)
	}
	_, err = bot.Send(tgbotapi.NewPhoto(ada.ID, tgbotapi.FileBytes{Name: "x.png", Bytes: picture(t, 2100, 100)}))
	if err == nil || !strings.Contains(err.Error(), "PHOTO_INVALID_DIMENSIONS") {
		t.Errorf("a slim photo: %v", err)
	}

	w.SendFile(ada, standin.File{Name: "film.mp4", Size: 20<<20 + 1}, "")
	told := w.SendFile(ada, standin.File{Name: "nota.txt", Body: []byte("ciao")}, "")
	updates, err := bot.GetUpdates(tgbotapi.UpdateConfig{Offset: int(told.UpdateID) - 1})
	if err != nil || len(updates) != 2 {
		t.Fatalf("%d updates, %v", len(updates), err)
	}
	_, err = bot.GetFile(tgbotapi.FileConfig{FileID: updates[0].Message.Document.FileID})
	wantError(t, err, 400, "Bad Request: file is too big")
	f, err := bot.GetFile(tgbotapi.FileConfig{FileID: updates[1].Message.Document.FileID})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(w.url + "/file/bot" + w.Token() + "/" + f.FilePath)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, _ := io.ReadAll(resp.Body); string(b) != "ciao" {
		t.Errorf("downloaded %q", b)
	}
}

func TestForeignPresses(t *testing.T) {
	w := newWorld(t, standin.Options{Limits: standin.Limits{Off: true}})
	bot := foreign(t, w)
	w.Say(ada, "/start")
	m := tgbotapi.NewMessage(ada.ID, "Chiudere?")
	m.ReplyMarkup = tgbotapi.NewInlineKeyboardMarkup(tgbotapi.NewInlineKeyboardRow(tgbotapi.NewInlineKeyboardButtonData("Sì", "si")))
	sent, err := bot.Send(m)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Press(ada, int64(sent.MessageID), "no"); err == nil {
		t.Error("a button that is not there was pressed")
	}
	if _, err := w.Press(ada, int64(sent.MessageID), "si"); err != nil {
		t.Fatal(err)
	}
	updates, err := bot.GetUpdates(tgbotapi.UpdateConfig{Offset: -1})
	if err != nil || len(updates) != 1 || updates[0].CallbackQuery == nil || updates[0].CallbackQuery.Data != "si" || updates[0].CallbackQuery.Message.MessageID != sent.MessageID {
		t.Fatalf("%+v, %v", updates, err)
	}
	answer := tgbotapi.NewCallback(updates[0].CallbackQuery.ID, "")
	if _, err := bot.Request(answer); err != nil {
		t.Error(err)
	}
	_, err = bot.Request(answer)
	wantError(t, err, 400, "Bad Request: query is too old")
}

func TestForeignRefusals(t *testing.T) {
	w := newWorld(t, standin.Options{})
	bot := foreign(t, w)
	say := func(chat int64, text string) error {
		_, err := bot.Send(tgbotapi.NewMessage(chat, text))
		return err
	}
	w.AddUser(ugo)
	wantError(t, say(42, "x"), 400, "Bad Request: chat not found")
	wantError(t, say(ugo.ID, "x"), 403, "Forbidden: bot can't initiate conversation with a user")
	w.Say(ada, "/start")
	wantError(t, say(ada.ID, ""), 400, "Bad Request: message text is empty")
	wantError(t, say(ada.ID, " \n "), 400, "Bad Request: message text is empty")
	wantError(t, say(ada.ID, strings.Repeat("😀", 2049)), 400, "Bad Request: message is too long")
	m := tgbotapi.NewMessage(ada.ID, "x")
	m.ReplyMarkup = tgbotapi.NewInlineKeyboardMarkup(tgbotapi.NewInlineKeyboardRow(tgbotapi.NewInlineKeyboardButtonData("a", strings.Repeat("x", 65))))
	_, err := bot.Send(m)
	wantError(t, err, 400, "Bad Request: BUTTON_DATA_INVALID")
	m = tgbotapi.NewMessage(ada.ID, "x")
	m.ReplyToMessageID = 9999
	_, err = bot.Send(m)
	wantError(t, err, 400, "Bad Request: message to be replied not found")
	_, err = bot.MakeRequest("sendTelepathy", nil)
	wantError(t, err, 404, "Not Found: method not found")

	w.Block(ada)
	wantError(t, say(ada.ID, "x"), 403, "Forbidden: bot was blocked by the user")
	w.Unblock(ada)
	w.Deactivate(ada)
	wantError(t, say(ada.ID, "x"), 403, "Forbidden: user is deactivated")

	group := w.NewGroup("Vicini", ugo)
	moved := w.MigrateGroup(group, ugo)
	e := wantError(t, say(group, "x"), 400, "Bad Request: group chat was upgraded to a supergroup chat")
	if e.MigrateToChatID != moved {
		t.Errorf("migrate_to_chat_id %d, want %d", e.MigrateToChatID, moved)
	}
	w.KickBot(moved, ugo)
	wantError(t, say(moved, "x"), 403, "Forbidden: bot was kicked from the supergroup chat")
}

func TestForeignLimit(t *testing.T) {
	w := newWorld(t, standin.Options{})
	bot := foreign(t, w)
	w.Say(ada, "/start")
	for range 5 {
		if _, err := bot.Send(tgbotapi.NewMessage(ada.ID, "x")); err != nil {
			t.Fatal(err)
		}
	}
	_, err := bot.Send(tgbotapi.NewMessage(ada.ID, "x"))
	if e := wantError(t, err, 429, "Too Many Requests: retry after 1"); e.RetryAfter != 1 {
		t.Errorf("retry_after %d", e.RetryAfter)
	}
}

func TestForeignWebhook(t *testing.T) {
	w := newWorld(t, standin.Options{})
	bot := foreign(t, w)
	hook, err := tgbotapi.NewWebhook("https://hook.example.org/tg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bot.Request(hook); err != nil {
		t.Fatal(err)
	}
	_, err = bot.GetUpdates(tgbotapi.UpdateConfig{})
	wantError(t, err, 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	info, err := bot.GetWebhookInfo()
	if err != nil || info.URL != "https://hook.example.org/tg" || info.MaxConnections != 40 {
		t.Errorf("%+v, %v", info, err)
	}
	_, err = bot.Request(hook)
	wantError(t, err, 429, "Too Many Requests: retry after 1")
	if _, err := bot.Request(tgbotapi.DeleteWebhookConfig{}); err != nil {
		t.Error(err)
	}
	if _, err := bot.GetUpdates(tgbotapi.UpdateConfig{}); err != nil {
		t.Error(err)
	}
}
