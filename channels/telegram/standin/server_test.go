package standin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"filodiretto/channels/telegram/standin"
)

func TestBothSignalsOf429(t *testing.T) {
	w := newWorld(t, standin.Options{Limits: standin.Limits{ChatBurst: 1}})
	w.Say(ada, "/start")
	v := url.Values{"chat_id": {fmt.Sprint(ada.ID)}, "text": {"x"}}
	w.call(guard(t), t, "sendMessage", v)
	a := w.call(guard(t), t, "sendMessage", v)
	if a.Status != 429 || a.Header.Get("Retry-After") != "1" || a.Parameters.RetryAfter != 1 || a.Text != "Too Many Requests: retry after 1" {
		t.Errorf("%+v", a)
	}
	w.at.Advance(time.Second)
	if a := w.call(guard(t), t, "sendMessage", v); !a.OK {
		t.Errorf("after the wait: %+v", a)
	}
}

func TestGroupAndTotalLimits(t *testing.T) {
	w := newWorld(t, standin.Options{Limits: standin.Limits{ChatBurst: 100, ChatPerSecond: 100, GroupPerMinute: 3, TotalPerSecond: 8}})
	group := w.NewGroup("Vicini", ada)
	w.Say(ada, "/start")
	send := func(chat int64) int {
		return w.call(guard(t), t, "sendMessage", url.Values{"chat_id": {fmt.Sprint(chat)}, "text": {"x"}}).Status
	}
	for i := range 3 {
		if send(group) != 200 {
			t.Errorf("message %d to the group was refused", i)
		}
	}
	if send(group) != 429 {
		t.Error("a fourth message to the group was taken")
	}
	for i := range 5 {
		if send(ada.ID) != 200 {
			t.Errorf("message %d was refused", i)
		}
	}
	if send(ada.ID) != 429 {
		t.Error("the total is not limited")
	}
}

// TestParametersInEveryForm: query, form, JSON, multipart (channels 1.1).
func TestParametersInEveryForm(t *testing.T) {
	w := newWorld(t, standin.Options{Limits: standin.Limits{Off: true}})
	told := w.Say(ada, "/start")
	base := w.url + "/bot" + w.Token() + "/SENDmessage"
	reply := fmt.Sprintf(`{"message_id":%d}`, told.MessageID)
	chat := fmt.Sprint(ada.ID)
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	for k, v := range map[string]string{"chat_id": chat, "text": "x", "reply_parameters": reply} {
		if err := m.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	m.Close()
	values := url.Values{"chat_id": {chat}, "text": {"x"}, "reply_parameters": {reply}}
	for name, c := range map[string]struct {
		url, kind, body string
	}{
		"query":     {base + "?" + values.Encode(), "", ""},
		"form":      {base, "application/x-www-form-urlencoded", values.Encode()},
		"json":      {base, "application/json", `{"chat_id":` + chat + `,"text":"x","reply_parameters":` + reply + `}`},
		"multipart": {base, m.FormDataContentType(), form.String()},
		"test":      {strings.Replace(base, "/SEND", "/test/SEND", 1), "application/json", `{"chat_id":"` + chat + `","text":"x","reply_parameters":` + reply + `}`},
	} {
		req, err := http.NewRequestWithContext(guard(t), http.MethodPost, c.url, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.kind != "" {
			req.Header.Set("Content-Type", c.kind)
		}
		if a := do(t, req); !a.OK || !strings.Contains(string(a.Result), "reply_to_message") {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestPathsAndTokens(t *testing.T) {
	w := newWorld(t, standin.Options{})
	for path, want := range map[string]string{
		"/":                           "404 Not Found",
		"/bot" + w.Token() + "/boh":   "404 Not Found: method not found",
		"/botabc/getMe":               "401 Unauthorized: invalid token specified",
		"/bot1:x/getMe":               "401 Unauthorized",
		"/file/bot1:x/a":              "401 Unauthorized",
		"/file/bot" + w.Token() + "/": "404 Not Found",
		"/_ctl/sent":                  "404 Not Found", // never on the platform's listener
	} {
		req, err := http.NewRequestWithContext(guard(t), http.MethodGet, w.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := do(t, req)
		if got := fmt.Sprint(a.Code, " ", a.Text); got != want || a.Status != a.Code {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestMarkupFaults(t *testing.T) {
	w := newWorld(t, standin.Options{Limits: standin.Limits{Off: true}})
	w.Say(ada, "/start")
	for text, want := range map[string]string{
		"<div>x</div>":                          `Unsupported start tag "div" at byte offset 0`,
		"è <b>x":                                `Can't find end tag corresponding to start tag "b"`,
		"x</b>":                                 `Unexpected end tag at byte offset 1`,
		"<b>x</i>":                              `Unmatched end tag at byte offset 4, expected "</b>", found "</i>"`,
		"a < b":                                 `Unsupported start tag "" at byte offset 2`,
		"a <b":                                  `Unclosed start tag at byte offset 2`,
		"<b>x</b":                               `Unclosed end tag at byte offset 4`,
		`<a href="x>y</a>`:                      `Unclosed start tag "a" at byte offset 0`,
		"<span>x</span>":                        `Tag "span" must have class "tg-spoiler" at byte offset 0`,
		"<a href=x/y>z</a>":                     `Unexpected end of name token at byte offset 8`,
		"<b =x>y</b>":                           `Empty attribute name in the tag "b" at byte offset 0`,
		"<blockquote expandable>x</blockquote>": "",
		"5 &gt; 3 &amp; &nbsp; &#233;":          "",
		"<B>x</b> <tg-spoiler>y</tg-spoiler>":   "",
	} {
		a := w.call(guard(t), t, "sendMessage", url.Values{"chat_id": {fmt.Sprint(ada.ID)}, "text": {text}, "parse_mode": {"html"}})
		got := strings.TrimPrefix(a.Text, "Bad Request: can't parse entities: ")
		if got != want || a.OK != (want == "") {
			t.Errorf("%s: got %s, want %s", text, a.Text, want)
		}
	}
	last := w.Sent(0)
	for _, s := range last {
		if s.Text == "x y" && (len(s.Markup) != 2 || s.Markup[1].Type != "spoiler") {
			t.Errorf("markup %v", s.Markup)
		}
	}
}

func TestUploadLimits(t *testing.T) {
	w := newWorld(t, standin.Options{Limits: standin.Limits{Off: true}})
	w.Say(ada, "/start")
	upload := func(method, field string, body []byte) answer {
		var form bytes.Buffer
		m := multipart.NewWriter(&form)
		if err := m.WriteField("chat_id", fmt.Sprint(ada.ID)); err != nil {
			t.Fatal(err)
		}
		p, err := m.CreateFormFile(field, "a.bin")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write(body); err != nil {
			t.Fatal(err)
		}
		m.Close()
		req, err := http.NewRequestWithContext(guard(t), http.MethodPost, w.url+"/bot"+w.Token()+"/"+method, &form)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", m.FormDataContentType())
		return do(t, req)
	}
	if a := upload("sendDocument", "document", make([]byte, 50<<20+1)); a.Code != 413 {
		t.Errorf("50 MB and a byte: %+v", a)
	}
	if a := upload("sendPhoto", "photo", make([]byte, 10<<20+1)); a.Code != 400 {
		t.Errorf("a photo of 10 MB and a byte: %+v", a)
	}
	if a := upload("sendPhoto", "photo", []byte("testo")); a.Text != "Bad Request: IMAGE_PROCESS_FAILED" {
		t.Errorf("a photo that is none: %+v", a)
	}
	if a := upload("sendDocument", "document", nil); a.Text != "Bad Request: file must be non-empty" {
		t.Errorf("an empty file: %+v", a)
	}
	if a := upload("sendDocument", "other", []byte("x")); a.Code != 400 {
		t.Errorf("no file: %+v", a)
	}
}

func TestFaults(t *testing.T) {
	w := newWorld(t, standin.Options{Limits: standin.Limits{Off: true}})
	w.Say(ada, "/start")
	v := url.Values{"chat_id": {fmt.Sprint(ada.ID)}, "text": {"x"}}
	post := func() error {
		resp, err := http.PostForm(w.url+"/bot"+w.Token()+"/sendMessage", v)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		return err
	}
	w.Fail(standin.Fault{Kind: standin.Close, Method: "sendMessage"})
	if post() == nil || len(w.Sent(0)) != 0 {
		t.Error("close: it was answered or carried out")
	}
	w.Fail(standin.Fault{Kind: standin.Drop, Method: "sendMessage"})
	if post() == nil || len(w.Sent(0)) != 1 {
		t.Error("drop: it was answered or not carried out")
	}
	w.Fail(standin.Fault{Method: "sendMessage", Skip: 1, Status: 500, Description: "Internal Server Error: restart"})
	if a := w.call(guard(t), t, "sendMessage", v); !a.OK {
		t.Errorf("skip: %+v", a)
	}
	if a := w.call(guard(t), t, "sendMessage", v); a.Code != 500 || len(w.Sent(0)) != 2 {
		t.Errorf("answer: %+v", a)
	}
	if a := w.call(guard(t), t, "sendMessage", v); !a.OK {
		t.Errorf("the fault did not end: %+v", a)
	}
}

func TestControlPlane(t *testing.T) {
	w := newWorld(t, standin.Options{Limits: standin.Limits{Off: true}})
	api, err := w.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctl, err := w.StartControl("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if api == ctl {
		t.Fatal("one listener for both")
	}
	order := func(name, body string) (int, string) {
		resp, err := http.Post(ctl+"/_ctl/"+name, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, strings.TrimSpace(string(b))
	}
	const person = `"user":{"id":5,"first_name":"Eva"}`
	status, body := order("say", `{`+person+`,"text":"ciao"}`)
	var told standin.Told
	if err := json.Unmarshal([]byte(body), &told); err != nil || status != 200 || told.ChatID != 5 || told.UpdateID == 0 {
		t.Fatalf("say: %d %s", status, body)
	}
	for name, in := range map[string]string{
		"send":         `{` + person + `,"content":{"location":{"latitude":1,"longitude":2}}}`,
		"photo":        `{` + person + `,"pictures":["AAAA"],"caption":"foto"}`,
		"file":         `{` + person + `,"file":{"name":"a.txt","body":"Y2lhbw=="}}`,
		"edit":         fmt.Sprintf(`{"message":{"chat_id":5,"message_id":%d},"text":"ciao!"}`, told.MessageID),
		"press":        `{` + person + `,"message_id":9,"data":"x","forged":true}`,
		"user":         `{"user":{"id":6,"first_name":"Ugo"}}`,
		"unblock":      `{` + person + `}`,
		"group":        `{` + person + `,"title":"Vicini"}`,
		"update":       `{"kind":"poll","content":{"id":"1"}}`,
		"fault":        `{"kind":"answer","method":"getMe","status":500,"description":"x"}`,
		"faults/clear": `{}`,
		"redeliver":    `{"last":1}`,
		"overtake":     `{}`,
		"migrate":      `{` + person + `,"chat":-4001}`,
		"kick":         `{` + person + `,"chat":-4001}`,
	} {
		if status, body := order(name, in); status != 200 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	for _, name := range []string{"block", "unblock"} {
		if status, body := order(name, `{`+person+`}`); status != 200 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	for name, in := range map[string]string{
		"say": `{"testo":"x"}`, "edit": `{}`, "press": `{` + person + `,"message_id":9,"data":"x"}`, "update": `{}`, "photo": `{}`, "deactivate": `[]`,
	} {
		if status, body := order(name, in); status != 400 || !strings.Contains(body, "error") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	done := make(chan []standin.Sent, 1)
	go func() {
		resp, err := http.Get(ctl + "/_ctl/sent?after=0&wait=20s")
		if err != nil {
			t.Error(err)
			done <- nil
			return
		}
		defer resp.Body.Close()
		var out []standin.Sent
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
			t.Error(err)
		}
		done <- out
	}()
	w.call(guard(t), t, "sendMessage", url.Values{"chat_id": {"5"}, "text": {"buongiorno"}})
	if got := <-done; len(got) != 1 || got[0].Text != "buongiorno" {
		t.Errorf("sent: %+v", got)
	}
	if resp, err := http.Get(api + "/_ctl/sent"); err != nil || resp.StatusCode != 404 {
		t.Error("the control plane is on the platform's listener")
	}
}

func TestAwaitSent(t *testing.T) {
	w := newWorld(t, standin.Options{Limits: standin.Limits{Off: true}})
	w.Say(ada, "/start")
	w.Say(ugo, "/start")
	for _, u := range []standin.User{ugo, ada} {
		w.call(guard(t), t, "sendMessage", url.Values{"chat_id": {fmt.Sprint(u.ID)}, "text": {"per " + u.First}})
	}
	s, err := w.AwaitSent(guard(t), 0, standin.To(ada))
	if err != nil || s.Text != "per Ada" || s.N != 2 {
		t.Errorf("%+v, %v", s, err)
	}
}

// A blocked person who writes again has unblocked the bot first.
func TestWritingUnblocks(t *testing.T) {
	w := newWorld(t, standin.Options{})
	w.Say(ada, "/start")
	w.Block(ada)
	w.Block(ada) // nothing new to tell
	w.Say(ada, "di nuovo")
	a := w.call(guard(t), t, "getUpdates", nil)
	if n := strings.Count(string(a.Result), `"my_chat_member"`); n != 2 {
		t.Errorf("%d changes of membership, want 2", n)
	}
}

func TestReplyIsOneLevelDeep(t *testing.T) {
	w := newWorld(t, standin.Options{})
	one := w.Say(ada, "uno")
	two := w.SayWith(ada, "due", w.ReplyTo(one.ChatID, one.MessageID))
	w.SayWith(ada, "tre", w.ReplyTo(two.ChatID, two.MessageID))
	a := w.call(guard(t), t, "getUpdates", nil)
	if n := strings.Count(string(a.Result), `"reply_to_message"`); n != 2 {
		t.Errorf("%d replies, want 2", n)
	}
}
