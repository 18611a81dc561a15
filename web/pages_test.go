package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/db/dbtest"
)

// TestEveryPageInBothLanguages draws every page of the house over real rows.
func TestEveryPageInBothLanguages(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h, body := fileMail()
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Con allegati", body, h...)
		ref := e.ref(e.people["giulia"])
		k := e.theCase(ref)
		x := e.reserved()
		g := e.people["giulia"]
		if _, err := e.desk.HandOver(t.Context(), g, k.ID, 0, e.offices["tributi"], "è di loro"); err != nil {
			t.Fatal(err)
		}
		if _, err := e.inbox.RecordVisit(t.Context(), g, inbox.Visit{AccountID: e.counter.ID, Key: "v1", Person: "Lucia Ferrante", Phone: "347 555 0142", Subject: "Chiede del ponteggio", Text: "con la planimetria", Closed: true, Outcome: "answered"}); err != nil {
			t.Fatal(err)
		}
		if err := e.inbox.AddCitizenNote(t.Context(), g, k.CitizenID, "sente poco: parlare piano"); err != nil {
			t.Fatal(err)
		}
		person := fmt.Sprintf("/people/%d", k.CitizenID)
		pages := []string{
			"/cases", "/cases?pane=views", "/cases?case=" + ref, "/cases?case=" + ref + "&compose=note&pane=person", "/cases?case=2099/000001", "/cases/" + ref + "/live", "/cases/" + ref + "/composer?compose=note",
			"/cases/rows?view=office", "/cases/row?view=office&number=" + ref, "/cases/counts?view=mine", "/shell/health", "/shell/tally", "/texts?case=" + ref + "&q=x",
			"/people", "/people?q=lucia", person, person + "?show=messages", person + "?show=visits", person + "?show=events", person + "?show=notes", "/search", "/search?q=planimetria+kind:zzz+due:ieri", "/search?q=lucia&palette=1",
			"/reception", "/reception?how=phone&q=lucia", "/reception?how=visit&person=" + formatID(k.CitizenID), "/reception/people?q=luc", "/quarantine", "/quarantine?why=other", "/help",
		}
		for _, v := range []string{"mine", "unassigned", "office", "soon", "overdue", "complaints", "waiting", "snoozed", "failed", "closed"} {
			pages = append(pages, "/cases?view="+v)
		}
		b := e.as("giulia")
		for _, lang := range []string{"it", "en"} {
			b.post("/me", "lang", lang, "back", "/cases").to("/cases")
			for _, p := range pages {
				if a := b.get(p).want(http.StatusOK); strings.HasPrefix(a.Body, "<!doctype") && !strings.Contains(a.Body, `<html lang="`+lang+`"`) {
					t.Errorf("%s is not in %s", p, lang)
				}
			}
		}
		b.get(person).want(http.StatusOK, "sente poco", "Lucia Ferrante", "lucia@posta.example")
		b.get("/reception").want(http.StatusOK, "Chiede del ponteggio")
		rita := e.as("rita")
		rita.get("/quarantine").want(http.StatusOK, "soldi")
		rita.get(fmt.Sprintf("/quarantine/%d", x.held)).want(http.StatusOK, "Message-ID", "ciao")
		elena := e.as("elena")
		elena.get("/cases?case="+ref).want(http.StatusOK, "è di loro", "Accetta")
		elena.post("/cases/"+ref+"/accept", "answer", "yes").to("/cases?case=")
		elena.get("/cases?case="+ref).want(http.StatusOK, "accettata", "Accettata da Ufficio tributi", "Offerta da URP a Ufficio tributi")
	})
}

// TestActionsOnACase: each button does its work and says so in one sentence.
func TestActionsOnACase(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		ref := e.ref(e.people["giulia"])
		base := "/cases/" + ref
		b := e.as("giulia")
		do := func(path string, words string, pairs ...string) {
			t.Helper()
			r := b.request("POST", base+path, strings.NewReader(encode(pairs)), "Content-Type", "application/x-www-form-urlencoded", "Referer", e.srv.URL+"/cases?view=mine&case="+ref)
			a := b.do(r).to("/cases?case=")
			b.get(a.Header.Get("Location")).want(http.StatusOK, words, `data-view="mine"`)
		}
		do("/assign", "assegnata a Giulia Moretti", "operator", formatID(e.people["giulia"].OperatorID))
		do("/assign", "Non lavora in quest", "operator", formatID(e.people["elena"].OperatorID))
		do("/kind", "Tipo della pratica", "kind", "complaint")
		do("/kind", "Non si può fare", "kind", "boh")
		do("/snooze", "posticipata a domani alle 08:00", "until", "tomorrow")
		do("/wake", "di nuovo tra quelle da fare")
		do("/snooze", "nel futuro", "until", "", "at", "2020-01-01T10:00")
		do("/snooze", "non è valida", "until", "", "at", "domani")
		do("/office", "proposta a «Ufficio tributi»", "office", formatID(e.offices["tributi"]), "reason", "è loro")
		do("/office", "già offerta", "office", formatID(e.offices["anagrafe"]), "reason", "è loro")
		do("/withdraw", "Annullato")
		do("/office", "Scrivi il motivo", "office", formatID(e.offices["tributi"]), "reason", "")
		do("/merge", "non c’è, o non puoi vederla", "into", "2026/000999")
		do("/merge", "stessa pratica", "into", ref)
		do("/close", "Non si può fare", "outcome", "boh")
		do("/close", "chiusa", "outcome", "solved")
		do("/close", "già chiusa", "outcome", "solved")
		do("/reopen", "riaperta")
		e.manual.Advance(1e9)
		seen := formatID(e.theCase(ref).LastMessageID)
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Re: Ponteggio", "Ancora", "In-Reply-To: <1@posta.example>", "Content-Type: text/plain")
		do("/close", "leggilo prima di chiudere", "outcome", "solved", "seen", seen)
	})
}

func TestBulk(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	for _, n := range []string{"uno", "due", "tre"} {
		e.letter(e.mail, n+" <"+n+"@posta.example>", n, n)
	}
	e.letter(e.trib, "x <x@posta.example>", "altro ufficio", "x")
	b := e.as("giulia")
	all := []string{"number", "2026/000001", "number", "2026/000002", "number", "2026/000004", "view", "office"}
	b.post("/cases/bulk", append(all, "do", "mine")...).to("/cases?view=office")
	b.get("/cases?view=mine").want(http.StatusOK, "Fatto per 2 pratiche su 3", "2026/000001", "2026/000002").without(`data-number="2026/000003"`)
	b.post("/cases/bulk", append(all[:4], "do", "close", "outcome", "answered")...).to("/cases")
	b.get("/cases?view=closed").want(http.StatusOK, "Fatto per 2 pratiche.", "2026/000002")
	b.post("/cases/bulk", "number", "2026/000003", "do", "office", "office", formatID(e.offices["tributi"])).to("/cases")
	if h, err := e.desk.Pending(t.Context(), e.people["elena"]); err != nil || len(h) != 1 {
		t.Errorf("the case was not offered: %v %v", h, err)
	}
	b.post("/cases/bulk", "number", "2026/000003", "do", "danni").to("/cases")
}

// TestStops: an answer is stopped by a newer message and by a colleague who
// writes, and an address that the case has never seen asks for a confirmation.
func TestStops(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		ref := e.ref(e.people["giulia"])
		base := "/cases/" + ref
		b := e.as("giulia")
		p := b.get("/cases?case=" + ref).want(http.StatusOK)
		form := []string{"compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "text", "Buongiorno a lei."}
		with := func(more ...string) []string { return append(append([]string{}, form...), more...) }

		first := b.send(base+"/reply", "compose", "reply", "channel", form[3], "seen", form[5], "text", "Le rispondo subito.").want(http.StatusOK, "/undo")
		form[5] = first.field("seen")
		e.manual.Advance(30e9)
		e.sent(e.mail)
		b.send(base+"/send/"+lastMessage(e, ref)+"/undo", "compose", "reply").want(http.StatusOK, "è già partito")
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Re: Ponteggio", "Anzi no", "In-Reply-To: <1@posta.example>", "Content-Type: text/plain")
		a := b.send(base+"/reply", form...).want(http.StatusConflict, "Lucia Ferrante ha scritto ancora", "Buongiorno a lei.", `aria-disabled="true"`)
		if a.field("seen") != form[5] {
			t.Error("what was not read does not count as seen")
		}
		b.send(base+"/draft", form...).want(http.StatusOK, "ha scritto ancora")
		fresh := b.get("/cases?case=" + ref)
		form[5] = fresh.field("seen")
		b.send(base+"/draft", form...).want(http.StatusOK).without("ha scritto ancora")

		sara := e.as("sara")
		sara.post(base+"/presence", "doing", "writing").want(http.StatusNoContent)
		b.send(base+"/reply", form...).want(http.StatusConflict, "Sara Bruni sta rispondendo")
		b.send(base+"/leave", form...).want(http.StatusOK, "sta rispondendo", "Buongiorno a lei.")
		b.send(base+"/take", form...).want(http.StatusOK, "Buongiorno a lei.").without("sta rispondendo")
		b.send(base+"/reply", with("cc", "mai.visto@posta.example")...).want(http.StatusUnprocessableEntity, "mai.visto@posta.example", `name="sure_to"`)
		for _, more := range [][]string{{"sure_newer", "1"}, {"sure_to", "altro@posta.example"}} { // one assent is not the other
			b.send(base+"/reply", with(append(more, "cc", "mai.visto@posta.example")...)...).want(http.StatusUnprocessableEntity, `value="mai.visto@posta.example"`)
		}
		b.send(base+"/reply", with("cc", "mai.visto@posta.example, terzo@posta.example", "sure_to", "mai.visto@posta.example")...).
			want(http.StatusUnprocessableEntity, `value="mai.visto@posta.example" checked`, `value="terzo@posta.example">`)
		draft := b.send(base+"/reply", with("cc", "non un indirizzo")...).want(http.StatusUnprocessableEntity, "non è valido").field("base")
		draft = b.send(base+"/reply", "compose", "reply", "channel", "", "text", "x", "seen", form[5], "base", draft).want(http.StatusUnprocessableEntity, "Scegli un canale").field("base")
		b.send(base+"/reply", "compose", "reply", "channel", form[3], "text", "  ", "seen", form[5], "base", draft).want(http.StatusUnprocessableEntity, "Scrivi qualcosa")
		b.send(base+"/reply", with("cc", "mai.visto@posta.example", "sure_to", "mai.visto@posta.example", "base", b.get("/cases?case="+ref).field("base"))...).want(http.StatusOK, "/undo")
		undo := base + "/send/" + lastMessage(e, ref)
		b.post(undo + "/hold").want(http.StatusNoContent)
		e.manual.Advance(30e9)
		if got := len(e.sent(e.mail)); got != 1 {
			t.Fatalf("a held answer left: %d", got)
		}
		b.post(undo+"/go", "seconds", "4").want(http.StatusNoContent)
		e.manual.Advance(5e9)
		if got := len(e.sent(e.mail)); got != 3 {
			t.Errorf("sent %d, want the first answer and the second to two people", got)
		}
		b.post(undo + "/hold").want(http.StatusConflict)
	})
}

func lastMessage(e *siteTown, ref string) string { return formatID(e.theCase(ref).LastMessageID) }
