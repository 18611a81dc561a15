package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestRegisterShowsWhoDidWhatAndNoContents(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio segreto", "Parole del messaggio")
		ref := e.ref(e.people["giulia"])
		k := e.theCase(ref)
		g := e.as("giulia")
		g.post("/cases/"+ref+"/assign", "operator", formatID(e.people["giulia"].OperatorID)).to("/cases")
		g.post("/cases/"+ref+"/office", "office", formatID(e.offices["tributi"]), "reason", "Motivo riservato").to("/cases")
		g.get(fmt.Sprintf("/people/%d", k.CitizenID)).want(http.StatusOK)

		b := e.as("admin")
		p := b.get("/admin/events").want(http.StatusOK, "pratica aperta", "pratica assegnata", "Assegnata a Giulia Moretti", "scheda letta", "Offerta da URP a Ufficio tributi", ref, "Filo Diretto", "accesso")
		p.without("Ponteggio", "Parole del messaggio", "Lucia", "Motivo riservato", "lucia@")
		b.get("/admin/events?number="+ref).want(http.StatusOK, "pratica assegnata").without("citizen.read</code>", "operator.login</code>")
		b.get("/admin/events?what=citizen.read").want(http.StatusOK, "scheda letta", `value="citizen.read" selected`).without("Assegnata a")
		b.get("/admin/events?what=case.").want(http.StatusOK, "Assegnata a").without("citizen.read</code>")
		b.get("/admin/events?who="+formatID(e.people["giulia"].OperatorID)).want(http.StatusOK, "Assegnata a").without("case.opened</code>")
		b.get(fmt.Sprintf("/admin/events?person=%d", k.CitizenID)).want(http.StatusOK, "scheda letta", "pratica aperta", "Solo questa persona").without("operator.login</code>")
		b.get("/admin/events?from=2026-11-17&to=2026-11-17").want(http.StatusOK, "Assegnata a")
		b.get("/admin/events?from=2026-11-18").want(http.StatusOK, "Nessun evento con questo filtro.")

		// the head of the office sees its events, with the names that she may see
		s := e.as("sara")
		s.get("/admin/events?number="+ref).want(http.StatusOK, "Assegnata a Giulia Moretti", "Lucia Ferrante", `href="/cases?case=`+ref+`"`).without("Ponteggio", "Motivo riservato")
		e.letter(e.social, "Piera <piera@posta.example>", "Assegno", "x")
		other := e.ref(e.people["rita"])
		s.get("/admin/events").want(http.StatusOK).without(other, "Piera")
		b.get("/admin/events").want(http.StatusOK, other).without("Piera")
	})
}

func TestRegisterFaultsAndPages(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("admin")
		for _, tt := range []struct{ field, query, word string }{
			{"number", "number=2026/009999", "Non c’è una pratica con questo numero."},
			{"number", "number=abc", "Non c’è una pratica con questo numero."},
			{"from", "from=ieri", "Questa data non è valida."},
			{"to", "to=31-12-2026", "Questa data non è valida."},
			{"to", "from=2026-11-17&to=2026-11-16", "Viene prima dell’inizio."},
		} {
			b.get("/admin/events?"+tt.query).want(http.StatusUnprocessableEntity, tt.word, `href="#f-`+tt.field+`"`)
		}
		for range rowsPerPage {
			e.as("giulia")
		}
		p := b.get("/admin/events?what=operator.login").want(http.StatusOK, "Mostra precedenti")
		next := strings.Split(strings.Split(p.Body, `rel="next" href="`)[1], `"`)[0]
		next = strings.ReplaceAll(next, "&amp;", "&")
		u, err := url.Parse(next)
		if err != nil || u.Query().Get("what") != "operator.login" || u.Query().Get("before") == "" {
			t.Fatalf("next page %q", next)
		}
		q := b.get(next).want(http.StatusOK, "Ada Admin").without("Mostra precedenti")
		if n := strings.Count(p.Body, "operator.login</code>") + strings.Count(q.Body, "operator.login</code>"); n != rowsPerPage+1 {
			t.Errorf("%d log-ins on two pages, want %d", n, rowsPerPage+1)
		}
	})
}
