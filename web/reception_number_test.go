package web

import (
	"net/http"
	"strings"
	"testing"

	"filodiretto/inbox"
	"filodiretto/queue"
)

func TestReceptionGivesANumber(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Vorrei montare un ponteggio.")
		lucia := formatID(e.theCase("2026/000001").CitizenID)
		b := e.as("giulia")
		b.get("/reception").want(http.StatusOK).without(`id="number"`) // there is no site yet
		h := e.hall()
		b.get("/reception?how=phone").want(http.StatusOK).without(`id="number"`)
		p := b.get("/reception").want(http.StatusOK, `action="/reception/number"`, "Precedenza", "certificati").without(`value="appointment"`)
		key := strings.Split(strings.Split(p.Body, `action="/reception/number">`)[1], `"`)[5]
		site, service := formatID(h.site), formatID(h.services["certificati"])
		form := []string{"site", site, "key", key, "service", service, "class", "protected"}
		given := b.post("/reception/number", form...).want(http.StatusOK, "Numero dato", ">A1<", "/p/t/", `class="qr"`).without("Era già stato dato")
		url := func(a *seen) string {
			return strings.Split(strings.Split(a.Body, "/p/t/")[1], `"`)[0]
		}
		again := b.post("/reception/number", form...).want(http.StatusOK, ">A1<", "Era già stato dato")
		if url(given) != url(again) {
			t.Error("the same touch has two pages")
		}
		if n := e.count("SELECT count(*) FROM tickets"); n != 1 {
			t.Errorf("%d numbers for one key", n)
		}
		if n := e.count("SELECT count(*) FROM tickets AS t JOIN classes AS c ON c.id = t.class_id WHERE c.key = 'protected' AND t.origin = ?", queue.ByStaff); n != 1 {
			t.Error("the precedence is lost")
		}

		// For somebody who is known: the number is theirs, and a second one is refused.
		mine := []string{"site", site, "key", "k2", "service", service, "person", lucia}
		b.get("/reception?person="+lucia).want(http.StatusOK, "Numero per Lucia Ferrante")
		b.post("/reception/number", mine...).want(http.StatusOK, ">A2<")
		mine[3] = "k3"
		b.post("/reception/number", mine...).want(http.StatusConflict, "aspetta già per il servizio", "Lucia Ferrante").without("Anche se la sede")
		b.get("/people/"+lucia).want(http.StatusOK, "A2")
	})
}

// TestReceptionMayGoRoundAShutSite: what staff may override is offered after the
// refusal, with the reason in words.
func TestReceptionMayGoRoundAShutSite(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		_, err := e.queue.SaveHours(t.Context(), inbox.Viewer{System: true}, h.site, 0, nil)
		must(t, err)
		b := e.as("giulia")
		form := []string{"site", formatID(h.site), "key", "k1", "service", formatID(h.services["tari"]), "class", "protected"}
		b.post("/reception/number", form...).want(http.StatusConflict, "La sede adesso è chiusa.", "Anche se la sede è chiusa o piena", `value="k1"`, `value="protected" checked`)
		b.post("/reception/number", append(form, "anyway", "1")...).want(http.StatusOK, ">A1<")
		if n := e.count("SELECT count(*) FROM tickets"); n != 1 {
			t.Errorf("%d numbers", n)
		}
	})
}

// TestNumbersAreGivenByThoseWhoWorkThere: others do not see the card, and a touch
// of theirs is refused.
func TestNumbersAreGivenByThoseWhoWorkThere(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		form := []string{"site", formatID(h.site), "key", "k1", "service", formatID(h.services["tari"])}
		for _, who := range []string{"rita", "admin"} {
			if a := e.as(who).post("/reception/number", form...); a.Code != http.StatusForbidden && a.Code != http.StatusNotFound {
				t.Errorf("%s: %d", who, a.Code)
			}
		}
		e.stranger().post("/reception/number", form...).want(http.StatusUnauthorized)
		b := e.as("giulia")
		b.post("/reception/number", "site", "9", "key", "k", "service", "9").want(http.StatusNotFound)
		b.post("/reception/number", "site", formatID(h.site), "key", "k", "service", "9").to("/reception")
		b.post("/reception/number", append(form, "person", "9")...).want(http.StatusNotFound)
		if n := e.count("SELECT count(*) FROM tickets"); n != 0 {
			t.Errorf("%d numbers", n)
		}
	})
}
