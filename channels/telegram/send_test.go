package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"slices"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/telegram/standin"
)

// picture is a JPEG of the given size.
func picture(t testing.TB, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	m.Set(width/2, height/2, color.RGBA{200, 10, 10, 255})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func outFile(name, kind string, body []byte) channels.OutgoingFile {
	return channels.OutgoingFile{
		Name: name, Type: kind, Size: int64(len(body)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
	}
}

func to(u standin.User) *channels.Outgoing {
	return &channels.Outgoing{To: channels.Address{Kind: Kind, Value: fmt.Sprint(u.ID)}, Text: "Buongiorno"}
}

// started is a bench to whose bot Ada has written.
func started(t *testing.T) (*bench, *Channel) {
	t.Helper()
	b := newBench(t, standin.Limits{Off: true})
	b.Say(ada, "/start")
	return b, b.open(t)
}

func mustSend(t *testing.T, c *Channel, m *channels.Outgoing) channels.Receipt {
	t.Helper()
	r, err := c.Send(guard(t), m)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Delivered {
		t.Error("not delivered")
	}
	return r
}

func TestSendMarkup(t *testing.T) {
	b, c := started(t)
	question := b.Say(ada, "quando riaprite?")
	m := to(ada)
	m.Text, m.Markup = "Domani <ore 9>", "<b>Domani</b> &lt;ore 9&gt;"
	m.AnswerTo = question.Key()
	m.Silent = true
	m.Buttons = [][]channels.OutgoingButton{{{Text: "Va bene", Data: "t:1:si"}, {Text: "Sito", URL: "https://example.org"}}}
	r := mustSend(t, c, m)
	got := b.Sent(0)[0]
	if got.Text != "Domani <ore 9>" || len(got.Markup) != 1 || got.Markup[0].Type != "bold" {
		t.Errorf("arrived %q with %v", got.Text, got.Markup)
	}
	if got.ReplyTo != question.MessageID || !got.Silent || len(got.Buttons[0]) != 2 || got.Buttons[0][0].Data != "t:1:si" {
		t.Errorf("arrived without reply, silence or buttons: %+v", got)
	}
	if want := fmt.Sprintf("%d:%d", got.ChatID, got.MessageID); !slices.Equal(r.ExternalIDs, []string{want}) || len(r.Notes) != 0 {
		t.Errorf("receipt %+v", r)
	}
	if p := b.Calls("sendMessage")[0].Params; !strings.Contains(p["link_preview_options"], "true") {
		t.Error("the link preview is on")
	}
}

func TestSendPlainFallback(t *testing.T) {
	b, c := started(t)
	m := to(ada)
	m.Text, m.Markup = "Domani alle 9: https://example.org", "<b>Domani</b> alle 9"
	b.Fail(standin.Fault{Method: "sendMessage", Status: 400, Description: `Bad Request: can't parse entities: Unsupported start tag "x" at byte offset 3`})
	r := mustSend(t, c, m)
	if got := b.Sent(0); len(got) != 1 || got[0].Text != m.Text || got[0].Markup != nil {
		t.Errorf("arrived %+v", got)
	}
	if !slices.Equal(r.Notes, []string{notePlain}) {
		t.Errorf("notes %v", r.Notes)
	}
	// Markup that cannot be read is not even tried.
	m.Markup = "<b>Domani"
	calls := len(b.Calls("sendMessage"))
	if r = mustSend(t, c, m); !slices.Equal(r.Notes, []string{notePlain}) || len(b.Calls("sendMessage")) != calls+1 {
		t.Errorf("notes %v", r.Notes)
	}
}

func TestSendPlainTextIsNotMarkup(t *testing.T) {
	b, c := started(t)
	m := to(ada)
	m.Text = "5 < 6 & <b>7</b>"
	mustSend(t, c, m)
	if got := b.Sent(0)[0].Text; got != m.Text {
		t.Errorf("arrived %q", got)
	}
}

func TestSendSplits(t *testing.T) {
	b, c := started(t)
	question := b.Say(ada, "tutto il regolamento?")
	var text strings.Builder
	for i := range 90 {
		fmt.Fprintf(&text, "<b>Art. %d</b> %s\n\n", i+1, strings.Repeat("parola 😀 ", 14))
	}
	m := to(ada)
	m.Markup, m.Text = text.String(), "senza"
	m.AnswerTo = question.Key()
	m.Buttons = [][]channels.OutgoingButton{{{Text: "Grazie", Data: "g"}}}
	r := mustSend(t, c, m)
	got := b.Sent(0)
	if len(got) < 3 || len(r.ExternalIDs) != len(got) {
		t.Fatalf("%d messages, %d ids", len(got), len(r.ExternalIDs))
	}
	if !slices.Contains(r.Notes, fmt.Sprintf("split:%d", len(got))) {
		t.Errorf("notes %v", r.Notes)
	}
	var all strings.Builder
	for i, one := range got {
		all.WriteString(one.Text + " ")
		if !strings.HasPrefix(one.Text, "Art. ") {
			t.Errorf("piece %d does not begin with a paragraph", i)
		}
		if (one.ReplyTo != 0) != (i == 0) || (len(one.Buttons) > 0) != (i == len(got)-1) {
			t.Errorf("piece %d: reply %d, buttons %v", i, one.ReplyTo, one.Buttons)
		}
		if len(one.Markup) == 0 {
			t.Errorf("piece %d lost its markup", i)
		}
	}
	atoms, _ := readMarkup(m.Markup)
	whole, _ := assemble(atoms, nil)
	if strings.Join(strings.Fields(all.String()), " ") != strings.Join(strings.Fields(whole.plain), " ") {
		t.Error("text got lost between the pieces")
	}
}

// A message of which a part was sent must not begin again.
func TestSendPartly(t *testing.T) {
	long := strings.Repeat("parola ", 1500) // three pieces
	for name, c := range map[string]struct {
		fault standin.Fault
		want  channels.Class // empty: it gets through
	}{
		"short trouble":   {standin.Fault{Status: 500, Description: "Internal Server Error: restart", Times: 3}, ""},
		"short 429":       {standin.Fault{Status: 429, RetryAfter: 9, Description: "Too Many Requests: retry after 9"}, ""},
		"long trouble":    {standin.Fault{Status: 500, Description: "Internal Server Error: restart", Times: -1}, channels.UnknownOutcome},
		"long 429":        {standin.Fault{Status: 429, RetryAfter: 90, Description: "Too Many Requests: retry after 90"}, channels.UnknownOutcome},
		"blocked":         {standin.Fault{Status: 403, Description: "Forbidden: bot was blocked by the user"}, channels.RecipientBlocked},
		"token revoked":   {standin.Fault{Status: 401, Description: "Unauthorized"}, channels.UnknownOutcome},
		"no answer":       {standin.Fault{Kind: standin.Drop}, channels.UnknownOutcome},
		"something wrong": {standin.Fault{Status: 400, Description: "Bad Request: something new"}, channels.ContentRejected},
	} {
		t.Run(name, func(t *testing.T) {
			b, channel := started(t)
			m := to(ada)
			m.Text = long
			c.fault.Method, c.fault.Skip = "sendMessage", 1
			b.Fail(c.fault)
			r, err := channel.Send(guard(t), m)
			e := channels.AsError(err)
			if c.want == "" {
				if err != nil || !r.Delivered || len(r.ExternalIDs) != 3 {
					t.Errorf("%+v, %v", r, err)
				}
				return
			}
			if e == nil || e.Class != c.want || !strings.Contains(e.Text, "1 of 3 pieces") {
				t.Fatalf("error %v, want class %q", err, c.want)
			}
			if r.Delivered || len(r.ExternalIDs) != 1 || !slices.Contains(r.Notes, "partial:1/3") {
				t.Errorf("receipt %+v", r)
			}
		})
	}
}

func TestSendFiles(t *testing.T) {
	b, c := started(t)
	m := to(ada)
	m.Text, m.Markup = "La ricevuta", "La <i>ricevuta</i>"
	m.Files = []channels.OutgoingFile{outFile("ricevuta \"n.12\" è.pdf", "application/pdf", []byte("%PDF-1.4 x"))}
	m.Buttons = [][]channels.OutgoingButton{{{Text: "Ok", Data: "ok"}}}
	if r := mustSend(t, c, m); len(r.ExternalIDs) != 1 {
		t.Errorf("a file with a short text took %d calls", len(r.ExternalIDs))
	}
	one := b.Sent(0)[0]
	if one.File == nil || one.File.Class != "document" || string(one.File.Body) != "%PDF-1.4 x" || one.Text != "La ricevuta" || len(one.Buttons) != 1 {
		t.Errorf("arrived %+v", one)
	}
	if want := "ricevuta _n.12_ è.pdf"; one.File.Name != want {
		t.Errorf("name %q, want %q", one.File.Name, want)
	}

	m.Files = append(m.Files, outFile("foto.jpg", "image/jpeg", picture(t, 60, 40)))
	r := mustSend(t, c, m)
	if len(r.ExternalIDs) != 3 {
		t.Fatalf("text and two files made %d messages", len(r.ExternalIDs))
	}
	got := b.Sent(1)
	if got[0].File != nil || len(got[0].Buttons) == 0 || got[1].File.Class != "document" || got[2].File.Class != "photo" {
		t.Errorf("arrived %+v", got)
	}
	m.Text, m.Markup, m.Buttons = "", "", nil
	if r := mustSend(t, c, m); len(r.ExternalIDs) != 2 {
		t.Errorf("two files without text made %d messages", len(r.ExternalIDs))
	}
}

func TestSendLongCaption(t *testing.T) {
	b, c := started(t)
	m := to(ada)
	m.Text = strings.Repeat("è", captionLimit+1)
	m.Files = []channels.OutgoingFile{outFile("a.txt", "text/plain", []byte("a"))}
	mustSend(t, c, m)
	if got := b.Sent(0); len(got) != 2 || got[0].File != nil || got[1].Text != "" {
		t.Errorf("arrived %+v", got)
	}
	m.Text = strings.Repeat("è", captionLimit)
	mustSend(t, c, m)
	if got := b.Sent(2); len(got) != 1 || units(got[0].Text) != captionLimit {
		t.Errorf("arrived %+v", got)
	}
}

func TestSendPhotoOrDocument(t *testing.T) {
	for name, c := range map[string]struct {
		kind string
		body []byte
		want string
	}{
		"photo":        {"image/jpeg", picture(t, 60, 40), "photo"},
		"too slim":     {"image/jpeg", picture(t, 210, 10), "document"},
		"too wide":     {"image/jpeg", picture(t, 9990, 500+11), "document"},
		"not an image": {"image/png", []byte("non un'immagine"), "document"},
		"gif":          {"image/gif", []byte("GIF89a"), "document"},
	} {
		t.Run(name, func(t *testing.T) {
			b, channel := started(t)
			m := to(ada)
			m.Files = []channels.OutgoingFile{outFile("a", c.kind, c.body)}
			mustSend(t, channel, m)
			if got := b.Sent(0)[0].File.Class; got != c.want {
				t.Errorf("went as %s, want %s", got, c.want)
			}
		})
	}
	b, channel := started(t)
	b.Fail(standin.Fault{Method: "sendPhoto", Status: 400, Description: "Bad Request: PHOTO_INVALID_DIMENSIONS"})
	m := to(ada)
	m.Files = []channels.OutgoingFile{outFile("a.jpg", "image/jpeg", picture(t, 60, 40))}
	if r := mustSend(t, channel, m); !slices.Equal(r.Notes, []string{noteDocument}) || b.Sent(0)[0].File.Class != "document" {
		t.Errorf("notes %v", r.Notes)
	}
}

func TestSendMigrated(t *testing.T) {
	b := newBench(t, standin.Limits{Off: true})
	group := b.NewGroup("Vicini", ada)
	question := b.SayIn(group, ada, "quando?", nil)
	moved := b.MigrateGroup(group, ada)
	m := to(ada)
	m.ThreadKey, m.AnswerTo = fmt.Sprint(group), question.Key()
	r := mustSend(t, b.open(t), m)
	if got := b.Sent(0); len(got) != 1 || got[0].ChatID != moved {
		t.Errorf("arrived %+v", got)
	}
	if want := fmt.Sprintf("moved_to:%d", moved); !slices.Equal(r.Notes, []string{want, noteNoReply}) {
		t.Errorf("notes %v, want %s", r.Notes, want)
	}
}

func TestSendReplyGone(t *testing.T) {
	b, c := started(t)
	for name, answerTo := range map[string]string{
		"unknown message": fmt.Sprintf("%d:999999", ada.ID), // sent "anyway" by the platform
		"another chat":    "42:1",
		"not ours":        "abc@example.org",
	} {
		m := to(ada)
		m.AnswerTo = answerTo
		mustSend(t, c, m)
		if got := b.Sent(0); got[len(got)-1].ReplyTo != 0 {
			t.Errorf("%s: answered %d", name, got[len(got)-1].ReplyTo)
		}
	}
	b.Fail(standin.Fault{Method: "sendMessage", Status: 400, Description: "Bad Request: message to be replied not found"})
	m := to(ada)
	m.AnswerTo = fmt.Sprintf("%d:1", ada.ID)
	if r := mustSend(t, c, m); !slices.Equal(r.Notes, []string{noteNoReply}) {
		t.Errorf("notes %v", r.Notes)
	}
}

func TestSendConnectionRefused(t *testing.T) {
	b, _ := started(t)
	b.set["api_url"] = "http://127.0.0.1:1"
	_, err := b.open(t).Send(guard(t), to(ada))
	e := channels.AsError(err)
	if e.Class != channels.RetryBackoff || strings.Contains(err.Error(), b.Token()) {
		t.Errorf("%v", err)
	}
}

func TestSendDeadline(t *testing.T) {
	b, c := started(t)
	b.Fail(standin.Fault{Kind: standin.Hang, Method: "sendMessage"})
	ctx, cancel := context.WithCancel(guard(t))
	go func() {
		if _, err := b.AwaitCalls(ctx, "sendMessage", 1); err == nil {
			cancel()
		}
	}()
	_, err := c.Send(ctx, to(ada))
	if e := channels.AsError(err); e.Class != channels.UnknownOutcome || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
