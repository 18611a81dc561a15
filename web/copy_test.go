package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/inbox"
)

// comesTo puts a mail of one id, addressed to URP and Tributi, into a mailbox.
func (e *siteTown) comesTo(acc inbox.Account, id, text string) {
	e.t.Helper()
	e.unread++
	e.arrive(acc, channels.Raw{ContentType: mail.TypeMessage, Body: fmt.Appendf(nil, "Received: by mx%d\r\nFrom: Lucia <lucia@posta.example>\r\nTo: urp@comune.pontelieto.example, tributi@comune.pontelieto.example\r\n"+
		"Message-ID: <%s>\r\nSubject: Cartella doppia\r\nDate: Tue, 17 Nov 2026 10:00:00 +0000\r\nContent-Type: text/plain\r\n\r\n%s\r\n", e.unread, id, text)})
}

// boxes gives mailboxes the addresses by which mails name them.
func (e *siteTown) boxes(address map[string]*inbox.Account) {
	e.t.Helper()
	for a, acc := range address {
		acc.Settings = fmt.Sprintf(`{"address":%q}`, a)
		x := e.chans.by[acc.ID]
		x.acc.Settings = acc.Settings
		e.chans.by[acc.ID] = x
	}
}

// The office whose mailbox took the mail later sees the case come into its view while
// the page is open, with its figure; the case and the API say by which mailboxes it came.
func TestAMailToTwoOfficesIsFoundByTheSecond(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.boxes(map[string]*inbox.Account{"urp@comune.pontelieto.example": &e.mail, "tributi@comune.pontelieto.example": &e.trib})
		b := e.as("elena")
		b.get("/cases?view=copied").want(http.StatusOK, "Arrivate anche a noi", "Nessuna pratica di altri uffici è arrivata anche a voi").without("Lucia")
		e.comesTo(e.mail, "x1@posta.example", "Mi è arrivata due volte.")
		e.manual.Advance(12 * time.Minute)
		live := b.listen()
		e.comesTo(e.trib, "x1@posta.example", "Mi è arrivata due volte.")
		live.await(`data: {"number":"2026/000001"}`)
		b.fragment("/cases/row?view=copied&number=2026/000001").want(http.StatusOK, "Lucia", "Cartella doppia")
		b.fragment("/cases/counts?view=copied").want(http.StatusOK, "Arrivate anche a noi", "<span>1</span>")
		b.get("/cases?view=copied&case=2026/000001").want(http.StatusOK, "Arrivata anche a: mail-tributi (Ufficio tributi), oggi alle 10:12",
			"La stessa mail è arrivata anche a", "la vedono solo i colleghi").without("non nomina")
		e.as("giulia").fragment("/cases/row?view=copied&number=2026/000001").want(http.StatusNoContent)

		if n := e.call("elena", "GET", "/cases/counts", nil).want(http.StatusOK).num("views", "copied"); n != 1 {
			t.Error("the API counts", n)
		}
		e.call("elena", "GET", "/cases?view=copied", nil).want(http.StatusOK).str("items", 0, "ref")
		c := e.call("elena", "GET", "/cases/2026/000001", nil).want(http.StatusOK)
		var copies []any
		for i := range c.list("timeline") {
			if m, ok := c.at("timeline", i).(map[string]any)["message"].(map[string]any); ok {
				copies = m["copies"].([]any)
			}
		}
		if len(copies) != 1 || copies[0].(map[string]any)["account"] != "mail-tributi" || copies[0].(map[string]any)["blind"] != false {
			t.Errorf("the API tells %v", copies)
		}
	})
}

// A mail with the Message-ID of another one and another text says so, with a way to that
// one for whoever may see its case; others are told nothing, on the page and by the API.
func TestAMailOfAnotherIDSaysSo(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.comesTo(e.social, "x2@posta.example", "Prima.")
		e.comesTo(e.trib, "x2@posta.example", "Seconda.")
		e.comesTo(e.trib, "x2@posta.example", "Terza.")
		elena := e.as("elena")
		const words = "Con lo stesso identificativo (Message-ID)"
		elena.get("/cases?case=2026/000002").want(http.StatusOK, "Seconda.").without(words, "2026/000001")
		first := e.call("elena", "GET", "/cases/2026/000002/messages", nil).want(http.StatusOK)
		if strings.Contains(string(first.Bytes), inbox.SameIDNote) || first.at("items", 0, "same_id") != nil {
			t.Errorf("the API tells of a reserved case: %s", first.Bytes)
		}
		elena.get("/cases?case=2026/000003").want(http.StatusOK, words, "2026/000002", "Apri l’altra", "#e-"+first.str("items", 0, "id")+`"`).without("2026/000001")
		third := e.call("elena", "GET", "/cases/2026/000003/messages", nil).want(http.StatusOK)
		if third.str("items", 0, "same_id", "case", "ref") != "2026/000002" || !strings.Contains(string(third.Bytes), inbox.SameIDNote) {
			t.Errorf("the API does not tell: %s", third.Bytes)
		}
		story := e.call("elena", "GET", "/citizens/"+third.str("items", 0, "citizen_id")+"/timeline", nil).want(http.StatusOK)
		if strings.Contains(string(story.Bytes), inbox.SameIDNote) {
			t.Error("a person's story tells it without the other mail")
		}
	})
}
