package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/telegram"
	"filodiretto/internal/picture"
)

// markedBot is a bot whose platform has files, all of which are marked.
type markedBot struct {
	*telegram.Channel
	asked  int    // for how many files
	during func() // while a file is on its way
}

func (b *markedBot) Fetch(_ context.Context, handle string, w io.Writer) error {
	b.asked++
	if b.during != nil {
		b.during()
	}
	_, err := w.Write([]byte(jpegHead + markFile + handle))
	return err
}

// tracer makes pictures in which everything of the file can be read.
type tracer struct{ painter }

func (tracer) Make(_ context.Context, file io.Reader, _ string, _ int) (*picture.Made, error) {
	b, err := io.ReadAll(file)
	return &picture.Made{Body: append(b, "drawn"...), Width: 4, Height: 3}, err
}

func (x *erasure) newMarkedBot() *markedBot {
	x.t.Helper()
	ch, err := telegram.Driver.Open(channels.Account{ID: x.tg.ID, Key: "tg", Kind: "telegram", Settings: map[string]string{
		"token": "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "api_url": "http://127.0.0.1:1",
	}}, channels.Deps{Log: x.log, Clock: x.clock})
	must(x.t, err)
	bot := &markedBot{Channel: ch.(*telegram.Channel)}
	x.chans.put(x.tg, bot)
	x.Inbox.pictures = &tracer{}
	return bot
}

// update is what the platform tells of a message of Ada's: as she sent it, or as she
// changed it at a second. The file is one of an unchanging name; "" for none.
func update(kind string, at int, words, file string) []byte {
	m := map[string]any{
		"message_id": 9, "date": 1794909600, "from": map[string]any{"id": 77, "first_name": "Ada"}, "chat": map[string]any{"id": 77, "type": "private"}, "caption": words,
	}
	if file != "" {
		m["document"] = map[string]any{"file_id": "id-" + file, "file_unique_id": file, "file_name": markName + file + ".jpg", "mime_type": "image/jpeg", "file_size": 60}
	} else {
		delete(m, "caption")
		m["gift_of_tomorrow"] = words // a kind of content that no parser knows
	}
	if at > 0 {
		m["edit_date"] = 1794909600 + at
	}
	b, _ := json.Marshal(map[string]any{"update_id": 1, kind: m}) // texts and numbers: it cannot fail
	return b
}

// tells takes updates in, each under a number that was not there before.
func (x *erasure) tells(updates ...[]byte) {
	x.t.Helper()
	x.hears(updates...)
	x.ingest(x.tg)
}

func (x *erasure) hears(updates ...[]byte) {
	x.t.Helper()
	b := channels.Batch{Stream: "updates"}
	for _, body := range updates {
		uid++
		body = bytes.Replace(body, []byte(`"update_id":1`), fmt.Appendf(nil, `"update_id":%d`, uid), 1)
		b.Items = append(b.Items, channels.Raw{DedupKey: fmt.Sprint(uid), ContentType: "application/json", Body: body, ReceivedAt: x.clock.Now()})
	}
	must(x.t, x.Accept(x.t.Context(), x.tg.ID, b))
}

// Rule 81b: a chat message that was changed twice, each time with another photograph, goes
// with all that it was. What its sender changes afterwards changes a message that is not
// there any more: it makes no new one, and goes where that went, unread by anybody. So do
// the same updates when the platform tells them again, under whatever number.
func TestRule81bEditedChatMessage(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		x := newErasure(t, e)
		bot := x.newMarkedBot()
		words := func(s string) string { return s + " " + markText }
		sent, first := update("message", 0, words("La buca"), "uno"), update("edited_message", 10, words("In via Roma"), "due")
		second := update("edited_message", 20, words("In via Po"), "tre")
		waits := update("edited_message", 30, words("No, di nuovo"), "quattro")
		x.tells(sent)
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		x.tells(first)
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		x.tells(second)
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		for _, p := range e.allParts() {
			_, f, err := e.OpenPicture(t.Context(), e.giulia, p.ID)
			must(t, err)
			f.Close()
		}
		m := e.lastIn(t)
		if look, err := e.LookErase(t.Context(), e.giulia, m.ID); err != nil || look.Files != 3 || look.Versions != 2 || look.Originals != 3 || e.number("SELECT count(*) FROM pictures") != 3 {
			t.Fatalf("%+v: %v", look, err)
		}
		x.hears(waits) // taken in, and not read yet
		bot.asked = 0
		must(t, e.Erase(t.Context(), e.giulia, m.ID, EraseUnlawful, "la foto di una carta"))
		e.ingest(e.tg)
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		x.clean("erased,")

		before, events := e.theCase(m.CaseID), e.happened(m.CaseID)
		x.tells(update("edited_message", 40, words("Ancora"), "cinque"), update("edited_message", 50, words("Dono"), ""))
		x.tells(second, sent, first)
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		x.clean("changed afterwards,")
		if bot.asked != 0 {
			t.Errorf("the platform was asked for %d files", bot.asked)
		}
		if n := e.number("SELECT count(*) FROM messages"); n != 1 || e.number("SELECT count(*) FROM message_versions") != 0 || e.number("SELECT count(*) FROM quarantine") != 0 {
			t.Errorf("%d messages, or a version, or something that waits", n)
		}
		if after := e.theCase(m.CaseID); after.Version != before.Version || after.Snippet != "" || len(e.happened(m.CaseID)) != len(events) {
			t.Errorf("the case is told of what nobody can read: %+v %v", after, e.happened(m.CaseID))
		}
		if n := e.number("SELECT count(*) FROM raws WHERE state = 'pending' OR body IS NOT NULL"); n != 0 {
			t.Errorf("%d originals are left", n)
		}
	})
}

// A photograph that is on its way while the message is erased does not stay.
func TestErasingWhileAFileIsOnItsWay(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		x := newErasure(t, e)
		bot := x.newMarkedBot()
		x.tells(update("message", 0, markText, "uno"))
		m := e.lastIn(t)
		bot.during = func() { must(t, e.Erase(t.Context(), e.giulia, m.ID, EraseAsked, "x")) }
		must(t, e.FetchFiles(t.Context(), e.tg.ID))
		if bot.asked != 1 {
			t.Fatalf("asked for %d files", bot.asked)
		}
		_, err := e.FinishErasing(t.Context()) // the chore, which puts it aside
		must(t, err)
		x.clean("on its way,")
	})
}
