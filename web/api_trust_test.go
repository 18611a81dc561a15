package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"filodiretto/inbox"
)

// The API says and does what the pages do about senders (mail rules 22, 51, 58, 81).
func TestAPISaysWhereMailsComeFrom(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) { (&siteTown{apiTown: e}).storyOfSenders() })
}

func (e *siteTown) storyOfSenders() {
	t := e.t
	acc := e.houseMail()
	e.letter(acc, "Ufficio Tributi <avvisi@posta.example>", "Rimborso", "IBAN.", "DKIM-Signature: v=1; d=posta.example")
	path := "/cases/" + e.ref(e.people["giulia"])
	full := e.call("giulia", "GET", path, nil).want(http.StatusOK)
	if s := full.at("suspect"); s != true {
		t.Error("suspect:", s)
	}
	l := full.list("lookalikes")[0].(map[string]any)
	if l["kind"] != "office" || l["likes"] != "Ufficio tributi" || l["alarm"] != true || l["decision"] != "" {
		t.Error(l)
	}
	if s := full.list("senders")[0].(map[string]any); s["outcome"] != "" || s["checked_at"] != nil || s["state"] != "waiting" || len(s["server"].([]any)) != 0 {
		t.Error(s)
	}
	judge := path + "/lookalikes/" + l["id"].(string)
	e.call("elena", "POST", judge, obj("fine", false)).want(http.StatusNotFound)
	if s := e.call("giulia", "POST", judge, obj("fine", false)).want(http.StatusOK).at("suspect"); s != false {
		t.Error("suspect after it was looked at:", s)
	}
	held := func() []any {
		t.Helper()
		return e.call("giulia", "GET", "/held-senders", nil).want(http.StatusOK).list()
	}
	if list := held(); len(list) != 1 {
		t.Fatal(list)
	}
	e.call("elena", "POST", judge+"/undo", nil).want(http.StatusNotFound)
	if s := e.call("giulia", "POST", judge+"/undo", nil).want(http.StatusOK).at("suspect"); s != true {
		t.Error("suspect after it was taken back:", s)
	}
	if d := e.call("giulia", "GET", path, nil).want(http.StatusOK).str("lookalikes", 0, "decision"); d != "" {
		t.Error("it still says", d)
	}
	if list := held(); len(list) != 0 {
		t.Error("still held:", list)
	}
	e.call("giulia", "POST", judge+"/undo", nil).want(http.StatusConflict)
	e.call("giulia", "POST", judge, obj("fine", false)).want(http.StatusOK)
	e.call("giulia", "POST", "/held-senders/"+held()[0].(map[string]any)["id"].(string)+"/free", nil).want(http.StatusNoContent)
	e.call("giulia", "POST", "/held-senders", obj("address", "max@posta.example", "office", formatID(e.offices["urp"]), "reason", "Pubblicità")).want(http.StatusNoContent)
	e.call("giulia", "POST", "/held-senders", obj("address", "max@posta.example", "office", formatID(e.offices["tributi"]), "reason", "no")).want(http.StatusForbidden)

	e.letter(acc, "Marco <marco@comune.pontelieto.example>", "I: Buca", "Da: Anna Verdi <anna@posta.example>\r\nInviato: ieri\r\nA: Marco\r\nOggetto: Buca\r\n\r\nUna buca.")
	path = "/cases/" + e.ref(e.people["giulia"])
	f := e.call("giulia", "GET", path, nil).want(http.StatusOK).list("forwards")[0].(map[string]any)
	if f["address"] != "anna@posta.example" || f["state"] != "open" || f["found"] != "quoted" {
		t.Error(f)
	}
	forward := path + "/forwards/" + f["message_id"].(string)
	if p := e.call("giulia", "POST", forward, obj("accept", true)).want(http.StatusOK).at("person"); p != "Anna Verdi" {
		t.Error(p)
	}
	if p := e.call("giulia", "POST", forward+"/undo", nil).want(http.StatusOK).at("person"); p != "Marco" {
		t.Error(p)
	}
	e.call("giulia", "POST", forward, obj("accept", false)).want(http.StatusOK)

	e.standings(acc)

	for range e.inbox.PingPong().Count + 2 {
		e.letter(e.mail, "Robot <robot@posta.example>", "Numero", "ciao")
	}
	s := e.call("giulia", "GET", "/storms", nil).want(http.StatusOK).list()[0].(map[string]any)
	if fmt.Sprint(s["count"]) != "2" || s["address"] != "robot@posta.example" {
		t.Error(s)
	}
	storm := obj("account", s["account_id"], "address", s["address"], "reason", "catena")
	out := e.call("giulia", "POST", "/storms/reject", storm).want(http.StatusOK)
	if fmt.Sprint(out.at("rejected")) != "2" {
		t.Errorf("rejected: %s", out.Bytes)
	}
	decided := e.call("giulia", "GET", "/quarantine?decided=true", nil).want(http.StatusOK).at("items").([]any)
	if d := decided[0].(map[string]any); len(decided) != 2 || d["note"] != "catena" || d["state"] != "rejected" || d["decided_by"].(map[string]any)["name"] != "Giulia Moretti" {
		t.Errorf("decided: %+v", decided)
	}
	if n := e.call("giulia", "POST", "/quarantine/"+out.str("held_id")+"/wait-again", obj("together", true)).want(http.StatusOK).at("waiting"); fmt.Sprint(n) != "2" {
		t.Error("put back:", n)
	}
	e.call("giulia", "POST", "/quarantine/"+out.str("held_id")+"/wait-again", nil).want(http.StatusConflict)
	e.call("giulia", "POST", "/storms/reject", storm).want(http.StatusOK)
	e.letter(e.mail, "Max <max@posta.example>", "Offerta", "Clicca.", "X-Spam-Flag: YES")
	list, _, err := e.inbox.QuarantinePage(t.Context(), inbox.Viewer{System: true}, inbox.HeldFilter{}, "", 1)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	e.call("giulia", "POST", "/quarantine/"+formatID(list[0].ID)+"/reject", obj("reason", "spam", "hold", true)).want(http.StatusNoContent)
}

// standings: what our own mail server says of a sender is told as on the page, of the
// case and of the message.
func (e *siteTown) standings(acc inbox.Account) {
	t := e.t
	for results, want := range map[string][2]string{ // the standing, the state
		"dmarc=pass header.from=posta.example":     {"confirmed", "confirmed"},
		"dmarc=fail header.from=posta.example":     {"doubted", "doubted"},
		"dmarc=pass header.from=evil.example":      {"unclear", "unclear"},
		"spf=softfail smtp.mailfrom=posta.example": {"unlikely", "unlikely"},
		"dkim=pass header.d=evil.example":          {"", "via"},
		"spf=none smtp.mailfrom=posta.example":     {"", ""},
	} {
		e.letter(acc, "Paolo <paolo@posta.example>", "Buca", results, "Authentication-Results: mx.comune.pontelieto.example; "+results)
		full := e.call("giulia", "GET", "/cases/"+e.ref(e.people["giulia"]), nil).want(http.StatusOK)
		var m map[string]any
		for _, x := range full.list("timeline") {
			if said, is := x.(map[string]any)["message"].(map[string]any); is && said["direction"] == "in" {
				m = said
			}
		}
		if strings.TrimSpace(fmt.Sprint(m["text"])) != results || m["standing"] != want[0] {
			t.Errorf("%s: the message stands %q: %v", results, m["standing"], m)
		}
		if want[1] == "" {
			if n := len(full.list("senders")); n != 0 {
				t.Errorf("%s: %d senders", results, n)
			}
			continue
		}
		s := full.list("senders")[0].(map[string]any)
		f := s["server"].([]any)[0].(map[string]any)
		if s["message_id"] != m["id"] || s["state"] != want[1] || s["outcome"] != "none" || !strings.HasPrefix(results, fmt.Sprintf("%s=%s ", f["method"], f["result"])) || !strings.HasSuffix(results, "="+f["domain"].(string)) {
			t.Errorf("%s: %v", results, s)
		}
	}
}
