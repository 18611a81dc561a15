package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/db/dbtest"
)

// TestThreeContactsOfOnePerson: a mail, a phone note with the same number, a
// merge that a person confirms, and its undo.
func TestThreeContactsOfOnePerson(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		k := e.theCase(e.ref(e.people["giulia"]))
		person := fmt.Sprintf("/people/%d", k.CitizenID)
		b := e.as("giulia")
		b.post(person+"/identities", "kind", "phone", "value", "347 5550142", "proof", "confirmed").to(person)
		b.get(person).want(http.StatusOK, "+39 347 555 0142", "Confermata", "Identità aggiunta")
		b.post(person+"/identities", "kind", "phone", "value", "boh").want(http.StatusUnprocessableEntity, "numero di telefono non è valido")
		b.post(person+"/identities", "kind", "cf", "value", "FRRLCU72E51G999A").want(http.StatusUnprocessableEntity, "carattere di controllo", `name="sure"`)
		b.post(person+"/identities", "kind", "cf", "value", "FRRLCU72E51G999A", "sure", "1").to(person)

		f := b.get("/reception?how=phone").want(http.StatusOK)
		done := b.post("/reception", "how", "phone", "key", f.field("key"), "name", "Ferrante Lucia", "phone", "3475550142", "kind", "information", "office", formatID(e.offices["urp"]),
			"text", "Chiede a che punto è", "outcome", "open").to("/reception?done=")
		b.get(done.Header.Get("Location")).want(http.StatusOK, "Registrato per Ferrante Lucia", "aperta per URP", "Chiede a che punto")

		p := b.get(person).want(http.StatusOK, "La stessa persona?", "Ferrante Lucia", "uguale", person+"/same")
		other := p.field("other")
		b.get("/cases?case="+k.Ref()).want(http.StatusOK, "La stessa persona?", "compare="+other)
		b.post(person+"/apart", "other", other).to(person)
		b.get(person).want(http.StatusOK, "Segnato: non è la stessa persona", "/together?other="+other).without("Unisci le schede")
		b.post(person + "/together?other=" + other).to(person)
		b.post(person+"/same", "other", other).to(person)
		merged := b.get(person).want(http.StatusOK, "Schede unite", "Chiede a che punto")
		if n := strings.Count(merged.Body, `<span class="any">+39 347 555 0142</span>`); n != 1 {
			t.Errorf("the number that both had stands %d times", n)
		}
		_, row, _ := strings.Cut(merged.Body, `<span class="any">+39 347 555 0142</span>`)
		row, _, _ = strings.Cut(row, "<details")
		if !strings.Contains(row, "scritto da un operatore") || !strings.Contains(row, "detto allo sportello") || !strings.Contains(row, "Confermata") {
			t.Error("the row does not say both sources and the better proof:", row)
		}
		undo := strings.Split(strings.Split(merged.Body, `action="/people/`+other+`/merges/`)[1], `"`)[0]
		merged.want(http.StatusOK, "Questa scheda è stata unita a") // the name that an operator wrote stays in front
		b.post(person + "/merges/" + undo).to("/people/" + other)
		b.get(person).want(http.StatusOK, "come prima", "+39 347 555 0142").without("Chiede a che punto", "<small>detto allo sportello")
	})
}

// TestANumberOfTwoRecordsEndsAsOne: what a merged person's file shows in one row is taken
// away with one press, wherever it came from.
func TestANumberOfTwoRecordsEndsAsOne(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("giulia")
		var records []string
		for _, name := range []string{"Ada", "Bea"} {
			e.letter(e.mail, name+" Ferrante <"+name+"@posta.example>", name, "Buongiorno")
			person := fmt.Sprintf("/people/%d", e.theCase(e.ref(e.people["giulia"])).CitizenID)
			b.post(person+"/identities", "kind", "phone", "value", "347 5550142").to(person)
			records = append(records, person)
		}
		b.post(records[0]+"/same", "other", strings.TrimPrefix(records[1], "/people/")).to("/people/")
		_, form, _ := strings.Cut(b.get(records[0]).want(http.StatusOK).Body, `<span class="any">+39 347 555 0142</span>`)
		_, form, _ = strings.Cut(form, `/identities/`)
		id, _, _ := strings.Cut(form, "/")
		b.post(records[0] + "/identities/" + id + "/end").to("/people/")
		for _, person := range records {
			b.get(person).without(`<span class="any">+39 347 555 0142</span>`)
		}
	})
}

// A number that several records of a person have is asked for once, and a wish holds for
// all of them: else what the person does not want goes out by the other row.
func TestAWishHoldsForEveryRecordOfANumber(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("giulia")
		var person string
		var records []int64
		for _, name := range []string{"Ada", "Bea"} {
			e.letter(e.mail, name+" Ferrante <"+name+"@posta.example>", name, "Buongiorno")
			records = append(records, e.theCase(e.ref(e.people["giulia"])).CitizenID)
			person = "/people/" + formatID(records[len(records)-1])
			b.post(person+"/identities", "kind", "phone", "value", "347 5550142").to(person)
		}
		b.post(person+"/same", "other", formatID(records[0])).to("/people/")
		numbers := func() (ids, statuses []string) {
			p, err := e.inbox.Person(t.Context(), e.people["giulia"], records[1])
			must(t, err)
			for _, id := range p.Identities {
				if id.Kind == "phone" {
					ids, statuses = append(ids, formatID(id.ID)), append(statuses, id.Status)
				}
			}
			return ids, statuses
		}
		offered := func() (value string, ticked bool) {
			all := regexp.MustCompile(`name="barred" value="([\d ]+)"( checked)?>\s*<label [^>]*>Telefono: &#43;39 347 555 0142<`).FindAllStringSubmatch(b.get(person).want(http.StatusOK).Body, -1)
			if len(all) != 1 {
				t.Fatal("the number is offered", len(all), "times")
			}
			return all[0][1], all[0][2] != ""
		}
		ids, _ := numbers()
		value, ticked := offered()
		if len(ids) != 2 || ticked {
			t.Fatal(ids, ticked)
		}
		b.post(person+"/wishes", "preferred", "", "shown", value, "barred", value).to("/people/")
		if _, got := numbers(); !slices.Equal(got, []string{"withdrawn", "withdrawn"}) {
			t.Error("the person wants nothing there:", got)
		}
		// One of them alone is barred, as it was before they were one: the wish is kept.
		must(t, e.inbox.SetConsent(t.Context(), e.people["giulia"], parseID(ids[0]), inbox.Consent{Action: inbox.OptIn}))
		if _, ticked := offered(); !ticked {
			t.Error("what one record says is lost")
		}
		b.post(person+"/wishes", "preferred", "", "shown", value).to("/people/")
		if _, got := numbers(); !slices.Equal(got, []string{"active", "active"}) {
			t.Error("the person wants messages again:", got)
		}
	})
}

func TestPersonFile(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		k := e.theCase(e.ref(e.people["giulia"]))
		person := fmt.Sprintf("/people/%d", k.CitizenID)
		b := e.as("giulia")
		b.post(person, "name", "Lucia Anna Ferrante", "lang", "en").to(person)
		b.get(person).want(http.StatusOK, "Lucia Anna Ferrante", "Scheda salvata", "inglese")
		b.post(person, "name", " ", "lang", "it").to(person)
		b.get(person).want(http.StatusOK, "nome non può restare vuoto")
		b.post(person+"/identities", "kind", "email", "value", "lucia@lavoro.example").to(person)
		own := map[string]string{}
		read := func() map[string]string {
			p, err := e.inbox.Person(t.Context(), e.people["giulia"], k.CitizenID)
			if err != nil {
				t.Fatal(err)
			}
			status := map[string]string{}
			for _, id := range p.Identities {
				own[id.Value], status[id.Value] = formatID(id.ID), id.Status
			}
			return status
		}
		read()
		home, work := own["lucia@posta.example"], own["lucia@lavoro.example"]
		b.get(person).want(http.StatusOK, `name="barred" value="`+home+`"`, `name="barred" value="`+work+`"`)
		b.post(person+"/wishes", "preferred", "mail", "shown", home, "shown", work, "barred", home).to(person)
		if got := read(); got["lucia@posta.example"] != "withdrawn" || got["lucia@lavoro.example"] != "active" {
			t.Errorf("one of two addresses was barred: %v", got)
		}
		b.post(person+"/wishes", "preferred", "mail", "shown", home, "shown", work, "barred", work).to(person)
		if got := read(); got["lucia@posta.example"] != "active" || got["lucia@lavoro.example"] != "withdrawn" {
			t.Errorf("the other was barred: %v", got)
		}
		b.post(person+"/wishes", "preferred", "mail", "shown", home, "barred", home).to(person) // the form knew one of them
		if got := read(); got["lucia@posta.example"] != "withdrawn" || got["lucia@lavoro.example"] != "withdrawn" {
			t.Errorf("what was not shown stays: %v", got)
		}
		b.get("/cases?case="+k.Ref()+"&compose=reply").want(http.StatusOK, "identità tolta", "Nessun canale")
		b.get("/cases?case="+k.Ref()).want(http.StatusOK, `data-mode="note"`) // who cannot be answered can be noted about
		b.post(person+"/wishes", "preferred", "", "shown", home, "shown", work).to(person)
		b.get("/cases?case=" + k.Ref()).want(http.StatusOK).without("Nessun canale")
		b.post(person+"/notes", "text", "<b>sente</b> poco").to(person)
		b.get(person).want(http.StatusOK, "&lt;b&gt;sente", "Giulia Moretti")
		b.post(person+"/notes", "text", "  ").to(person)
		b.get(person).want(http.StatusOK, "Scrivi qualcosa prima di salvare")
		h := b.get(person+"?show=messages", "HX-Request", "true", "HX-Target", "history").want(http.StatusOK, `id="history"`, "Buongiorno")
		h.without("<html")

		b.post("/people", "name", "Anna Gatti", "email", "anna@posta.example").to("/people/")
		b.post("/people", "name", "Anna G.", "email", "anna@posta.example").want(http.StatusUnprocessableEntity, "Forse c’è già", "Anna Gatti")
		b.post("/people", "name", "", "email", "").want(http.StatusUnprocessableEntity)
		b.get("/people?q=gatti").want(http.StatusOK, "Anna Gatti").without("Lucia")
		b.get("/people").want(http.StatusOK, "Anna Gatti", "Lucia Anna Ferrante")
	})
}

func TestPeopleArePaged(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	b := e.as("giulia")
	for i := range rowsPerPage + 3 {
		b.post("/people", "name", fmt.Sprintf("Persona %03d", i)).to("/people/")
	}
	first := b.get("/people").want(http.StatusOK, "Persona 027", "Persona 003").without("Persona 002")
	next := strings.Split(strings.Split(first.Body, `rel="next" href="`)[1], `"`)[0]
	b.get(strings.ReplaceAll(next, "&amp;", "&")).want(http.StatusOK, "Persona 002", "Persona 000").without("Persona 003", `rel="next"`)
}

func TestVisits(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("giulia")
		urp := formatID(e.offices["urp"])
		f := b.get("/reception?how=visit").want(http.StatusOK)
		form := []string{"how", "visit", "key", f.field("key"), "name", "Piero Neri", "cf", "FRRLCU72E51G999A", "kind", "request", "office", urp, "subject", "Carta d’identità", "outcome", "closed"}
		b.post("/reception", form...).want(http.StatusUnprocessableEntity, "carattere di controllo", "Piero Neri", "Carta d’identità", `name="why"`)
		b.post("/reception", append(form, "sure", "1", "why", "")...).want(http.StatusUnprocessableEntity, "perché lo accetti")
		a := b.post("/reception", append(form, "sure", "1", "why", "visto il documento")...).to("/reception?done=")
		again := b.post("/reception", append(form, "sure", "1", "why", "visto il documento")...).to("/reception?done=")
		if a.Header.Get("Location") != again.Header.Get("Location") {
			t.Error("a double click made two visits")
		}
		b.get(a.Header.Get("Location")).want(http.StatusOK, "chiusa", "Carta d’identità")
		b.post("/reception", "how", "visit", "key", "k2", "kind", "request", "office", urp).want(http.StatusUnprocessableEntity, "Scrivi che cosa ha chiesto")
		b.post("/reception", "how", "visit", "key", "k3", "kind", "request", "office", "7", "text", "x").want(http.StatusUnprocessableEntity, "Scegli l’ufficio")
		b.post("/reception", "how", "visit", "key", "k4", "name", "x", "phone", "123", "kind", "request", "office", urp, "text", "x").want(http.StatusUnprocessableEntity, "telefono non è valido")
		b.post("/reception", "how", "visit", "key", "k5", "name", "P. Neri", "cf", "FRRLCU72E51G999A", "kind", "request", "office", urp, "outcome", "open").want(http.StatusUnprocessableEntity, "Forse c’è già", "Piero Neri")

		e.letter(e.trib, "Lucia <lucia@posta.example>", "TARI", "Ho pagato due volte")
		k := e.theCase(e.ref(e.people["elena"]))
		b.get("/reception?how=visit&person="+formatID(k.CitizenID)).want(http.StatusOK, "TARI", `value="join"`)
		b.post("/reception", "how", "visit", "key", "k6", "person", formatID(k.CitizenID), "kind", "request", "office", urp, "text", "Porta le ricevute", "outcome", "join", "case", "2026/000999").want(http.StatusUnprocessableEntity, "non c’è, o non puoi vederla")
		b.post("/reception", "how", "visit", "key", "k6", "person", formatID(k.CitizenID), "kind", "request", "office", urp, "text", "Porta le ricevute", "outcome", "join", "case", k.Ref()).to("/reception?done=" + url.QueryEscape(k.Ref()))
		b.get("/cases?case="+k.Ref()).want(http.StatusOK, "Porta le ricevute", "visita allo sportello")
	})
}
