package web

import (
	"net/http"
	"net/url"
	"testing"
)

const wrongCF = "FRRLCU72E51G999A"

// TestEachDoubtOfAVisitHasItsOwnQuestion: the codice fiscale asks for a reason,
// the case of another person for a confirmation; both at once are asked in turn,
// and neither answer is lost to the other.
func TestEachDoubtOfAVisitHasItsOwnQuestion(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Vorrei montare un ponteggio.")
		e.letter(e.mail, "Ugo Verdi <ugo@posta.example>", "Tari", "Ho pagato due volte.")
		b := e.as("giulia")
		lucia, ugo := "2026/000001", "2026/000002"
		form := func(more ...string) []string {
			return append([]string{"how", "visit", "key", "k1", "kind", "request", "office", formatID(e.offices["urp"]), "text", "Chiede a che punto siamo.", "outcome", "join"}, more...)
		}
		b.get("/reception").want(http.StatusOK, `value="join"`, `name="number"`).without(`name="other"`)
		b.post("/reception", form()...).want(http.StatusUnprocessableEntity, "Scegli la pratica")
		b.post("/reception", form("number", "2026/000099")...).want(http.StatusUnprocessableEntity, "non c’è, o non puoi vederla")

		// Somebody with a name of their own, on Lucia's case.
		who := []string{"name", "Eva Ferrante", "number", lucia}
		a := b.post("/reception", form(who...)...).want(http.StatusUnprocessableEntity, "La pratica è di Lucia Ferrante", "Conferma che riguarda").without("codice fiscale non torna", "perché lo accetti")
		if a.field("other") != lucia {
			t.Error("the confirmation is not of that case")
		}
		// Confirmed for one case is not confirmed for another.
		b.post("/reception", form("name", "Eva Ferrante", "number", ugo, "other", lucia)...).want(http.StatusUnprocessableEntity, "La pratica è di Ugo Verdi")

		// A doubtful codice fiscale besides: its question comes first and is its own.
		who = append(who, "cf", wrongCF)
		b.post("/reception", form(who...)...).want(http.StatusUnprocessableEntity, "codice fiscale non torna", `name="why"`).without("La pratica è di")
		both := b.post("/reception", form(append(who, "sure", "1", "why", "così sul documento")...)...).
			want(http.StatusUnprocessableEntity, "La pratica è di Lucia Ferrante", "codice fiscale non torna", `value="così sul documento"`)
		if both.field("other") != lucia {
			t.Error("the second question is not asked")
		}
		// An answer that was given is kept while the other is missing.
		b.post("/reception", form(append(who, "other", lucia)...)...).want(http.StatusUnprocessableEntity, "codice fiscale non torna", "La pratica è di Lucia Ferrante")
		b.post("/reception", form(append(who, "sure", "1", "why", "così sul documento", "other", lucia)...)...).to("/reception?done=" + url.QueryEscape(lucia))
		if n := e.countVisits("Eva Ferrante", lucia); n != 1 {
			t.Errorf("%d visits of Eva on Lucia's case", n)
		}
		// Nobody named: it is Lucia herself, and nothing is asked.
		b.post("/reception", "how", "visit", "key", "k2", "kind", "request", "office", "", "text", "Torna.", "outcome", "join", "number", lucia).to("/reception?done=")
	})
}

// TestEachDoubtIsToldToPrograms: through the API every warning names itself, its
// field and the member that overrides it.
func TestEachDoubtIsToldToPrograms(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Vorrei montare un ponteggio.")
		visit := obj("account", e.id(e.counter.ID), "person", "Eva Ferrante", "text", "Chiede a che punto siamo.", "cf", wrongCF, "case", "2026/000001")
		for _, x := range []struct{ code, field, overriding string }{
			{"cf_wrong_check", "cf", "override_reason"},
			{"other_person", "case", "other_person"},
		} {
			r := e.call("giulia", "POST", "/visits", visit).wantCode(http.StatusUnprocessableEntity, x.code)
			if r.str("field") != x.field || r.str("overriding") != x.overriding {
				t.Errorf("%s", r.Bytes)
			}
			visit[x.overriding] = map[string]any{"override_reason": "così sul documento", "other_person": true}[x.overriding]
		}
		e.call("giulia", "POST", "/visits", visit).want(http.StatusCreated)
		z := obj("name", "Ida", "identities", []any{obj("kind", "cf", "value", wrongCF)})
		if r := e.call("giulia", "POST", "/citizens", z).wantCode(http.StatusUnprocessableEntity, "cf_wrong_check"); r.str("overriding") != "override_reason" {
			t.Errorf("%s", r.Bytes)
		}
	})
}

// countVisits counts the visits of a person of that name on a case.
func (e *siteTown) countVisits(name, ref string) int {
	e.t.Helper()
	var n int
	err := e.db.Read.NewRaw("SELECT count(*) FROM messages AS m JOIN citizens AS z ON z.id = m.citizen_id WHERE m.kind = 'visit' AND z.name = ? AND m.case_id = ?", name, e.theCase(ref).ID).Scan(e.t.Context(), &n)
	if err != nil {
		e.t.Fatal(err)
	}
	return n
}
