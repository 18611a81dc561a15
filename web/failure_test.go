package web

import (
	"net/http"
	"strings"
	"testing"

	"filodiretto/channels"
)

// TestAFailedAnswerShowsOnTheCase: with the reason, the next step, and its end.
func TestAFailedAnswerShowsOnTheCase(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		ref := e.ref(e.people["giulia"])
		base := "/cases/" + ref
		b := e.as("giulia")
		p := b.get("/cases?case=" + ref)
		answer := func(seen string) {
			t.Helper()
			b.send(base+"/reply", "compose", "reply", "channel", p.field("channel"), "seen", seen, "text", "Eccomi.").want(http.StatusOK, "/undo")
			e.manual.Advance(11e9)
			e.sent(e.mail)
		}
		e.sink(e.mail).fail = channels.Errorf(channels.ContentRejected, "550 5.7.1", "the server does not want the content")
		answer(p.field("seen"))
		a := b.get("/cases?case="+ref).want(http.StatusOK, "è stato respinto", "550 5.7.1", base+"/dealt", "Consegna fallita")
		b.get("/cases?view=failed").want(http.StatusOK, ref)
		e.sink(e.mail).fail = nil
		retry := strings.Split(strings.Split(a.Body, `action="`+base+`/deliveries/`)[1], `"`)[0]
		b.post(base + "/deliveries/" + retry).to("/cases?case=")
		if got := e.sent(e.mail); len(got) != 1 {
			t.Fatalf("sent again: %+v", got)
		}
		b.get("/cases?case="+ref).want(http.StatusOK, "Invio rimesso in coda").without("è stato respinto", base+"/dealt")
		b.get("/cases?view=failed").want(http.StatusOK).without(`data-number="` + ref)

		e.sink(e.mail).fail = channels.Errorf(channels.UnknownOutcome, "", "no answer came")
		answer(lastMessage(e, ref))
		a = b.get("/cases?case="+ref).want(http.StatusOK, "Non sappiamo se", "/arrived")
		arrived := strings.Split(strings.Split(a.Body, `/arrived"`)[0], `action="`)
		b.post(arrived[len(arrived)-1] + "/arrived").to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "consegnato").without("Non sappiamo se")

		e.sink(e.mail).fail = channels.Errorf(channels.RecipientGone, "550 5.1.1", "no such user")
		answer(lastMessage(e, ref))
		b.get("/cases?case="+ref).want(http.StatusOK, "non si raggiunge più lì")
		b.post(base + "/dealt").to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "Già gestito").without(base + "/dealt")
		b.post(base + "/dealt").to("/cases?case=")
		b.get("/cases?case="+ref).want(http.StatusOK, "Nel frattempo è cambiato")
	})
}

// An address whose domain is not found is said to be misspelt rather than gone, with
// the domain whole and the way to correct it first.
func TestADomainThatIsNotFoundIsCorrected(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Monica <monica@posta.exmaple>", "Ponteggio", "Buongiorno")
		ref := e.ref(e.people["giulia"])
		b := e.as("giulia")
		p := b.get("/cases?case=" + ref)
		e.sink(e.mail).fail = channels.Errorf(channels.RecipientGone, "550 5.1.2", "no such domain")
		b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "cc", "studio@posta.exmaple", "sure_to", "studio@posta.exmaple", "text", "Eccomi.").want(http.StatusOK, "/undo")
		e.manual.Advance(11e9)
		e.sent(e.mail)
		a := b.get("/cases?case="+ref).want(http.StatusOK, "il dominio posta.exmaple non si trova", "Correggi l’indirizzo", "#identities")
		a.without("L’indirizzo non esiste più")
		if n, m := strings.Count(a.Body, "il dominio posta.exmaple non si trova"), strings.Count(a.Body, "Correggi l’indirizzo"); n < 2 || m != 1 {
			t.Errorf("of the person and of who had a copy %d failures are told, and %d ways to correct the person's address", n, m)
		}
		_, after, _ := strings.Cut(a.Body, "Correggi l’indirizzo")
		if !strings.Contains(after, "Invia di nuovo") {
			t.Error("to send again to the same address is proposed first")
		}
	})
}
