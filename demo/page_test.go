package demo

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"filodiretto/channels/telegram/standin"
	"filodiretto/internal/clock"
)

// side opens the citizens' side of a town without a town hall.
func side(t *testing.T) (*citizensSide, *httptest.Server) {
	t.Helper()
	w := emptyWorld(t)
	w.office = openOffice(t, t.TempDir(), w)
	w.bot = standin.New(standin.Options{})
	t.Cleanup(w.bot.Close)
	c, err := openCitizensSide(w, "127.0.0.1:0", "http://comune.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.stop() })
	s := httptest.NewServer(c.handler())
	t.Cleanup(s.Close)
	return c, s
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func TestPagesOfTheCitizens(t *testing.T) {
	c, s := side(t)
	c.w.diary.add(page{Citizen: "lucia.ferrante", Channel: "mail", At: clock.System{}.Now(), From: "URP", Subject: "<b>Ciao</b>", Text: "<script>alert(1)</script>"})
	for path, want := range map[string]string{
		"/":                           "Lucia Ferrante",
		"/di/lucia.ferrante":          "Scrivi su Telegram",
		"/di/lucia.ferrante/messaggi": "&lt;script&gt;",
		"/side.css":                   "font",
		"/side.js":                    "setInterval",
	} {
		code, body := get(t, s.URL+path)
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d without %q", path, code, want)
		}
		if strings.Contains(body, "<script>alert") || strings.Contains(body, "<b>Ciao") {
			t.Errorf("%s shows what a message says as HTML", path)
		}
	}
	if code, _ := get(t, s.URL+"/di/nessuno"); code != http.StatusNotFound {
		t.Error("a citizen who does not exist gives", code)
	}
}

// The page of things to try leads through the whole queue, and every address is one
// of the town hall.
func TestThingsToTryInTheRoom(t *testing.T) {
	c, s := side(t)
	if _, body := get(t, s.URL+"/"); strings.Contains(body, "Da provare in sala") {
		t.Error("there is no room yet")
	}
	tries := trials("http://comune.example", "municipio", "http://comune.example/kiosk/municipio?token=k", "http://comune.example/display/municipio?token=d")
	c.tries.Store(&tries)
	_, body := get(t, s.URL+"/")
	for _, want := range []string{"/quarantine?why=pec_not_proven", "/cases?view=failed", "/cases?view=copied", "/kiosk/municipio?token=k", "/display/municipio?token=d", "/p/take/municipio", "/counter", "/queue", "/agenda", "/reports"} {
		if !strings.Contains(body, `href="http://comune.example`+want+`"`) {
			t.Errorf("nothing leads to %s", want)
		}
	}
	known := map[string]bool{"": true}
	for _, l := range Staff {
		known[l.Login] = true
	}
	for _, x := range append(tries, letterTrials("http://comune.example")...) {
		if !known[x.Who] {
			t.Errorf("%s: nobody is called %q", x.Title, x.Who)
		}
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	c, s := side(t)
	var bare *citizen
	for bare == nil {
		if p := c.w.folk.next(); len(p.Mail) == 0 && p.Telegram.ID == 0 {
			bare = p
		}
	}
	for path, form := range map[string]url.Values{
		"/di/lucia.ferrante/mail":     {"text": {"  "}, "to": {urpBox}},
		"/di/lucia.ferrante/chat":     {"text": {""}},
		"/di/" + bare.Key + "/mail":   {"text": {"x"}},
		"/di/" + bare.Key + "/chat":   {"text": {"x"}},
		"/di/" + bare.Key + "/blocca": {},
		"/di/nessuno/mail":            {"text": {"x"}},
	} {
		r, err := http.PostForm(s.URL+path, form)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusBadRequest && r.StatusCode != http.StatusNotFound {
			t.Errorf("%s %v: %s", path, form, r.Status)
		}
	}
	req, _ := http.NewRequest(http.MethodPost, s.URL+"/di/lucia.ferrante/chat", strings.NewReader("text=ciao"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != http.StatusForbidden {
		t.Error("another site may write as a citizen:", r.Status)
	}
	if len(c.w.diary.messages("lucia.ferrante")) != 0 {
		t.Error("something was written all the same")
	}
}

func TestUnknownBoxBecomesTheUsual(t *testing.T) {
	c, s := side(t)
	var got []townMail
	c.w.take = func(m townMail) error { got = append(got, m); return nil }
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.PostForm(s.URL+"/di/lucia.ferrante/mail", url.Values{"to": {"altri@altrove.example"}, "subject": {"A\r\nBcc: tutti@posta.example"}, "text": {"Ciao"}})
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if len(got) != 1 || got[0].Box != urpBox || strings.Contains(string(got[0].Data), "\r\nBcc:") {
		t.Errorf("%s, arrived %+v", r.Status, got)
	}
}
