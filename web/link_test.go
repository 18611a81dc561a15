package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/inbox"
)

var wordOf = regexp.MustCompile(`https://t\.me/pontelieto_bot\?start=([A-Za-z0-9_-]{22})`)

// TestLinkTelegram: the sheet shows the word once, the file tells how it stands,
// and what is tried twice is told.
func TestLinkTelegram(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		k := e.theCase(e.ref(e.people["giulia"]))
		person := fmt.Sprintf("/people/%d", k.CitizenID)
		b := e.as("giulia")
		b.get(person).want(http.StatusOK).without("Collega Telegram")
		b.post(person + "/link").to(person)
		b.get(person).want(http.StatusOK, "Nessun bot è pronto")

		if err := e.inbox.Introduce(t.Context(), e.bot.ID, "pontelieto_bot"); err != nil {
			t.Fatal(err)
		}
		b.get(person).want(http.StatusOK, "Collega Telegram", `action="`+person+`/link"`)
		sheet := b.post(person+"/link").want(http.StatusOK, "<svg class=\"qr\"", "@pontelieto_bot", "Foglio per Lucia Ferrante", "mercoledì 18 novembre", `hx-get="`+person+`/link?stage=waiting"`)
		if sheet.Header.Get("Cache-Control") != "no-store" {
			t.Error("the sheet may be kept by the browser")
		}
		first := wordOf.FindStringSubmatch(sheet.Body)[1]
		b.get(person).want(http.StatusOK, "Il codice aspetta di essere usato", "Lo ha fatto Giulia Moretti").without(first)
		b.fragment(person + "/link?stage=waiting").want(http.StatusNoContent)

		second := wordOf.FindStringSubmatch(b.post(person + "/link").want(http.StatusOK).Body)[1]
		e.say("555", "Lucia", "/start "+first) // replaced by the second
		b.fragment(person + "/link?stage=waiting").want(http.StatusNoContent)
		e.say("555", "Lucia", "/start "+second)
		b.fragment(person+"/link?stage=waiting").want(http.StatusOK, "Collegato", `role="status"`).without("hx-trigger", second)
		b.get(person).want(http.StatusOK, "Collegato", "Annulla")
		p, err := e.inbox.Person(t.Context(), e.people["giulia"], k.CitizenID)
		if err != nil || len(p.Rows) != 2 {
			t.Errorf("%+v %v", p, err)
		}
		if err := e.inbox.UpdateCitizen(t.Context(), e.people["giulia"], p.ID, inbox.CitizenEdit{Version: p.Version, Lang: new("en")}); err != nil {
			t.Fatal(err)
		}
		b.post(person+"/link").want(http.StatusOK, `lang="en"`, "Scan the code", "Foglio per")
		e.manual.Advance(25 * time.Hour)
		b = e.as("giulia")
		b.fragment(person+"/link?stage=waiting").want(http.StatusOK, "senza essere usato")
		e.as("admin").post(person + "/link").want(http.StatusNotFound)
		if strings.Contains(e.as("giulia").get("/admin/events").Body, second) {
			t.Error("the register tells the word")
		}
	})
}

// TestLinkByAPI: the same by program.
func TestLinkByAPI(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		list, err := e.inbox.List(t.Context(), e.people["giulia"], inbox.ViewOffice, "", 1)
		if err != nil {
			t.Fatal(err)
		}
		path := fmt.Sprintf("/citizens/%d/link", list.Cases[0].CitizenID)
		e.call("giulia", "GET", path, nil).want(http.StatusNotFound)
		if n := e.call("giulia", "POST", path, nil).want(http.StatusCreated).list("chats"); len(n) != 0 {
			t.Errorf("a chat with a bot without a name: %v", n)
		}
		if err := e.inbox.Introduce(t.Context(), e.bot.ID, "pontelieto_bot"); err != nil {
			t.Fatal(err)
		}
		made := e.call("giulia", "POST", path, nil).want(http.StatusCreated)
		word := made.str("word")
		if url := made.str("chats", 0, "url"); url != "https://t.me/pontelieto_bot?start="+word {
			t.Errorf("the address is %s", url)
		}
		if got := e.call("giulia", "GET", path, nil).want(http.StatusOK); got.str("stage") != "waiting" || got.str("by") != "Giulia Moretti" {
			t.Errorf("%s", got.Bytes)
		}
		e.say("555", "Lucia", "/start "+word)
		if got := e.call("giulia", "GET", path, nil).want(http.StatusOK); got.str("stage") != "used" || got.str("used_at") == "" || got.str("with") == "" {
			t.Errorf("%s", got.Bytes)
		}
	})
}

// say makes somebody write to the bot.
func (e *apiTown) say(user, name, text string) {
	e.t.Helper()
	e.unread++
	body := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":%d,"date":%d,"from":{"id":%[4]s,"is_bot":false,"first_name":%[5]q,"language_code":"it"},"chat":{"id":%[4]s,"type":"private"},"text":%[6]q}}`,
		e.unread, e.unread, e.db.Clock.Now().Time().Unix(), user, name, text)
	e.arrive(e.bot, channels.Raw{ContentType: "application/json", Body: []byte(body)})
}
