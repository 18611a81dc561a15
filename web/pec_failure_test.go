package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"filodiretto/channels/pec/standin"
)

// A certified mail that did not arrive opens its case again, in the provider's
// words, and the other ways to reach the person are offered with the same text.
func TestACertifiedFailureProposesAnotherWay(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		e.comes(e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "a1@pec.example", "Richiesta di copia"), e.manual.Now()))
		path, c := e.firstCase("giulia")
		e.call("giulia", "POST", "/citizens/"+c.str("citizen_id")+"/identities", obj("kind", "email", "value", "anna@posta.example")).want(http.StatusCreated)
		e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Ecco la copia.")).want(http.StatusCreated)
		e.manual.Advance(time.Minute)
		out := e.sent(e.pec)[0]
		c = e.call("giulia", "GET", path, nil).want(http.StatusOK)
		if c.str("status") != "closed" {
			e.call("giulia", "POST", path+"/close", obj("outcome", "answered"), "If-Match", c.Header.Get("ETag")).want(http.StatusOK)
		}
		e.provider.Fate = func(string) standin.Fate {
			return standin.Fate{Silent: true}
		}
		posts, err := e.provider.Submit(testPEC, testPEC, []string{annaPEC}, certifiedLetter(testPEC, annaPEC, out.ExternalID, out.Subject), e.manual.Now())
		if err != nil || len(posts) != 3 {
			t.Fatal(len(posts), err)
		}
		for _, p := range posts {
			e.manual.Advance(max(0, p.At.Sub(e.manual.Now())))
			e.comes(p.Raw, nil)
		}
		if got := e.call("giulia", "GET", path, nil).want(http.StatusOK); got.str("status") != "open" {
			t.Errorf("the case is %s", got.str("status"))
		}
		page := e.as("giulia").get("/cases?case="+strings.TrimPrefix(path, "/cases/")).want(http.StatusOK, "non è arrivata entro 24 ore", "accettata dal gestore", "non consegnata",
			"nelle prime ventiquattro ore", "Preavviso di mancata consegna")
		i := strings.Index(page.Body, "msg-fail")
		if i < 0 || !strings.Contains(page.Body[i:], "compose=reply&amp;channel=") || !strings.Contains(page.Body[i:], "E-mail") {
			t.Error("no other way is offered")
		}
	})
}

// Where no other written channel exists the failure tells how to go on all the same:
// the telephone, else where a letter goes, else where one writes down what one finds.
func TestACertifiedFailureWithoutAnotherChannelSaysHowToGoOn(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		e.provider.Fate = func(string) standin.Fate {
			return standin.Fate{Fails: "altro", Words: "5.1.1 - GESTORE - indirizzo non valido"}
		}
		e.comes(e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "a1@pec.example", "Richiesta di copia"), e.manual.Now()))
		path, c := e.firstCase("giulia")
		e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Ecco la copia.")).want(http.StatusCreated)
		e.manual.Advance(time.Minute)
		out := e.sent(e.pec)[0]
		posts, err := e.provider.Submit(testPEC, testPEC, []string{annaPEC}, certifiedLetter(testPEC, annaPEC, out.ExternalID, out.Subject), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range posts {
			e.comes(p.Raw, nil)
		}
		url := "/cases?case=" + strings.TrimPrefix(path, "/cases/")
		b := e.as("giulia")
		b.get(url).want(http.StatusOK, "Non c’è un altro modo per raggiungere la persona", `href="/people/`+c.str("citizen_id")+`#identities"`, "Annota com’è andata", "compose=note")
		e.call("giulia", "POST", "/citizens/"+c.str("citizen_id")+"/identities", obj("kind", "address", "value", "Via Mazzini 12, 43100 Pontelieto")).want(http.StatusCreated)
		b.get(url).want(http.StatusOK, "Manda una raccomandata a:", "Via Mazzini 12").without("Non c’è un altro modo")
		e.call("giulia", "POST", "/citizens/"+c.str("citizen_id")+"/identities", obj("kind", "phone", "value", "0521 234567")).want(http.StatusCreated)
		b.get(url).want(http.StatusOK, "Non c’è un altro canale per scrivere. Telefona:", `href="tel:&#43;390521234567"`).without("raccomandata")
		e.call("giulia", "POST", "/citizens/"+c.str("citizen_id")+"/identities", obj("kind", "email", "value", "anna@posta.example")).want(http.StatusCreated)
		b.get(url).want(http.StatusOK, "E-mail").without("Telefona:", "Annota com’è andata")

		// An office without a mailbox hears whose it is, and offers the case there.
		number := strings.TrimPrefix(path, "/cases/")
		b.post("/cases/"+number+"/office", "office", formatID(e.offices["anagrafe"]), "reason", "è loro")
		paolo := e.as("paolo")
		paolo.post("/cases/"+number+"/accept", "answer", "yes")
		paolo.get(url).want(http.StatusOK, "Un’altra strada c’è: E-mail a anna@posta.example", "Ce l’ha «URP»", "Offri la pratica a «URP»").without("Non c’è un altro modo")
		paolo.post("/cases/"+number+"/office", "office", formatID(e.offices["urp"]), "reason", "La consegna non è riuscita")
		paolo.get(url).want(http.StatusOK, "proposta a «URP»", "Ce l’ha «URP»").without("Offri la pratica a «URP»")
	})
}
