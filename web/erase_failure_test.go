package web

import (
	"net/http"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/internal/db/dbtest"
)

// An answer that did not arrive and was erased cannot be tried again: the page does not
// offer it, and who pressed on a page of before is told why. That it did not arrive stays.
func TestAnErasedAnswerThatFailedIsNotTriedAgain(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
	ref := e.ref(e.people["giulia"])
	giulia, sara := e.as("giulia"), e.as("sara")
	p := giulia.get("/cases?case=" + ref)
	e.sink(e.mail).fail = channels.Errorf(channels.ContentRejected, "550 5.7.1", "the server does not want the content")
	giulia.send("/cases/"+ref+"/reply", "compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "text", "Eccomi.").want(http.StatusOK, "/undo")
	e.manual.Advance(11e9)
	e.sent(e.mail)
	e.sink(e.mail).fail = nil
	page := giulia.get("/cases?case="+ref).want(http.StatusOK, "è stato respinto", "/retry").Body
	retry := strings.Split(strings.Split(page, `action="/cases/`+ref+`/deliveries/`)[1], `"`)[0]
	var id int64
	if err := e.db.Read.NewRaw("SELECT max(id) FROM messages WHERE origin = 'operator'").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	sara.post(eraseURL(id), "reason", "mistaken", "words", "a chi non doveva", "sure", "1").want(http.StatusSeeOther)
	giulia.get("/cases?case="+ref).want(http.StatusOK, "è stato respinto").without("/retry")
	giulia.post("/cases/" + ref + "/deliveries/" + retry).to("/cases?case=")
	giulia.get("/cases?case="+ref).want(http.StatusOK, "è stato cancellato: non c’è più niente da mandare", "è stato respinto")
	giulia.get("/cases?view=failed").want(http.StatusOK, ref)
	if got := e.sent(e.mail); len(got) != 0 {
		t.Errorf("left: %+v", got)
	}
}
