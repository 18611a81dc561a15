package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
)

// TestPublicCase: number and secret open a case; the secret leaves the address
// at once; no note, no name of an operator and no other case is seen.
func TestPublicCase(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno, a che punto è?")
		ref := e.ref(e.people["giulia"])
		k := e.theCase(ref)
		if _, err := e.inbox.Note(t.Context(), e.people["giulia"], inbox.NoteCommand{CaseID: k.ID, Text: "nota segreta"}); err != nil {
			t.Fatal(err)
		}
		b := e.stranger()
		b.get("/p/case").want(http.StatusOK, "A che punto è la tua pratica", "Comune di Pontelieto").without("Comune di Comune")
		a := b.get("/p/case?" + url.Values{"number": {ref}, "secret": {k.Secret}}.Encode()).to("/p/case")
		if strings.Contains(a.Header.Get("Location"), k.Secret) || a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("the secret stays in an address: %v", a.Header)
		}
		for range 2 { // a reload works
			b.get("/p/case").want(http.StatusOK, "Ponteggio", "a che punto è?", "Ricevuta</", "URP").without("In lavorazione", "nota segreta", "Giulia", k.Secret)
		}
		b.get("/p/case?lang=en").want(http.StatusOK, `<html lang="en"`, "Ponteggio", "Received").without("In progress")
		e.as("giulia").post("/cases/"+ref+"/assign", "operator", formatID(e.people["giulia"].OperatorID)).to("/cases")
		b.get("/p/case").want(http.StatusOK, "In progress")
		b.get("/p/case?lang=it").want(http.StatusOK, "In lavorazione", "Presa in carico").without("Un ufficio la prende in carico")
		b.get("/p/case?number=2026/000777&lang=it").want(http.StatusOK, "2026/000777").without("Ponteggio")
		e.manual.Advance(31 * time.Minute)
		b.get("/p/case").want(http.StatusOK).without("Ponteggio")

		other := e.stranger()
		wrong := other.post("/p/case", "number", ref, "secret", "XXXX").want(http.StatusNotFound, "non corrisponde")
		none := other.post("/p/case", "number", "2026/000998", "secret", "XXXX").want(http.StatusNotFound, "non corrisponde")
		if strings.ReplaceAll(wrong.Body, ref, "N") != strings.ReplaceAll(none.Body, "2026/000998", "N") {
			t.Error("a wrong secret and a number that does not exist are told apart")
		}
		low := strings.ToLower(k.Secret)
		other.post("/p/case", "number", ref, "secret", low[:3]+" "+low[3:]).to("/p/case")
		for range 12 {
			other.post("/p/case", "number", "2026/000001", "secret", "no")
		}
		other.post("/p/case", "number", ref, "secret", k.Secret).want(http.StatusTooManyRequests, "Troppi tentativi")

		k2 := *other.request("GET", "/p/case", nil)
		k2.AddCookie(&http.Cookie{Name: publicCookie, Value: "AAAA"})
		e.stranger().do(&k2).want(http.StatusOK, "Numero della pratica")
	})
}
