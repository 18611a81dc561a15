package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	enterLink = regexp.MustCompile(`href="(/messages/\d+/register)"`)
	entryLink = regexp.MustCompile(`href="(/register/\d+)"`)
)

// TestRegisterPages goes through all pages of the register: from the message to its
// number, to the list, to the annulment and the daily file.
func TestRegisterPages(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("giulia")
		b.get("/register").want(http.StatusOK, "Ancora nessuna registrazione")
		b.get("/register/due").want(http.StatusOK, "Niente da protocollare")
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Istanza di <b>occupazione</b>", "Chiedo il permesso")
		ref := e.ref(e.people["giulia"])
		of := "/cases?case=" + url.QueryEscape(ref)
		form := enterLink.FindStringSubmatch(b.get(of).want(http.StatusOK, "Registra").Body)[1]
		b.get(form).want(http.StatusOK, "Istanza di &lt;b&gt;occupazione", "lucia@posta.example", "VI.3 Edilizia privata", "messaggio com’è arrivato", "non si potranno più cambiare", `type="date" id="f-origin_date"`, "required autofocus")

		// What is wrong stands at its field, and what was written stays.
		b.post(form, "version", "0", "subject", "Occupazione suolo", "sender", "Lucia", "class", "", "office", e.id(e.offices["tributi"])).
			want(http.StatusUnprocessableEntity, "Scegli una classe del titolario", "Occupazione suolo")
		b.post(form+"/state", "version", "0", "state", "not_needed", "reason", "").want(http.StatusUnprocessableEntity, "Questo campo è necessario", "Istanza di")
		b.post(form+"/state", "version", "0", "state", "not_needed", "reason", "solo una domanda").to(of)
		b.get(of).want(http.StatusOK, "data-enter", "Protocollo non necessario", "solo una domanda", "Segnato come non necessario")
		b.post(form+"/state", "version", "1", "state", "due", "reason", "").to(of)
		b.get(of).want(http.StatusOK, "Da protocollare", `data-key="t"`).without("data-enter")
		b.get("/register/due").want(http.StatusOK, "Istanza di &lt;b&gt;occupazione", form, ref)
		b.post(form, "version", "1", "subject", "Occupazione suolo", "sender", "Lucia", "class", "VI.7", "office", e.id(e.offices["tributi"])).to(form)
		b.get(form).want(http.StatusOK, "Nel frattempo è cambiato")
		b.post(form, "version", "2", "subject", "Occupazione suolo", "sender", "Lucia Ferrante <lucia@posta.example>", "class", "VI.7", "office", e.id(e.offices["tributi"]), "origin_number", "77/A").to(of)
		k := b.get(of).want(http.StatusOK, "Registrato con il numero 0000001/2026", "Prot. 0000001/2026", "Registrato al protocollo con il n. 0000001/2026").without(`data-key="t"`)
		entry := entryLink.FindStringSubmatch(k.Body)[1]

		// A second press of the same person is the same act, somebody else's is not.
		again := []string{"version", "2", "subject", "Occupazione suolo", "sender", "Lucia", "class", "VI.7", "office", e.id(e.offices["tributi"])}
		b.post(form, again...).to(of)
		b.get(of).want(http.StatusOK, "Registrato con il numero 0000001/2026").without("ha già un numero")
		other := e.as("sara")
		other.post(form, again...).to(form)
		other.get(entry).want(http.StatusOK, "ha già un numero di protocollo")
		e.manual.Advance(2 * time.Minute)
		b.post(form, again...).to(form)
		b.get(entry).want(http.StatusOK, "ha già un numero di protocollo")
		b.get(form).to(entry)
		b.get(entry).want(http.StatusOK, "0000001/2026", "Occupazione suolo", "Viabilità", "Ufficio tributi", "AB12CD3", "77/A", "SHA-256").without("/annul", "oggi alle")
		if !regexp.MustCompile(`>17/11/2026 \d\d:\d\d:\d\d</time>`).MatchString(b.get(entry).Body) {
			t.Error("the entry does not say its date and second")
		}

		// An answer names the number of what it answers.
		p := b.get(of)
		b.send("/cases/"+ref+"/reply", "compose", "reply", "channel", p.field("channel"), "seen", p.field("seen"), "base", p.field("base"), "text", "Il permesso è pronto.").want(http.StatusOK, "/undo")
		var subject string
		if err := e.db.Read.NewRaw("SELECT subject FROM messages WHERE direction = 'out' AND origin = 'operator'").Scan(t.Context(), &subject); err != nil || !strings.Contains(subject, " - Prot. 0000001/2026 [") {
			t.Errorf("%q %v", subject, err)
		}

		// The list, and what finds an entry.
		for _, q := range []string{"", "?q=1", "?q=0000001%2F2026", "?q=occupazione", "?direction=in&year=2026", "?class=VI.7&office=" + e.id(e.offices["tributi"])} {
			b.get("/register"+q).want(http.StatusOK, "Occupazione suolo", ref)
		}
		b.get("/register?q=lampione").want(http.StatusOK, "Nessuna registrazione corrisponde")
		b.get("/register?cursor=zz").want(http.StatusUnprocessableEntity)

		// Office and class may change; number and subject may not.
		seen := regexp.MustCompile(`name="seen" value="(\d+)"`).FindStringSubmatch(b.get(entry).Body)[1]
		b.post(entry+"/assign", "seen", seen, "office", e.id(e.offices["anagrafe"]), "class", "VI.3").to(entry)
		b.get(entry).want(http.StatusOK, "Ufficio e classifica aggiornati", "Anagrafe", "Viabilità")

		// Only a head annuls; the entry stays legible.
		b.post(entry+"/annul", "reason", "x", "act", "y").want(http.StatusForbidden)
		sara := e.as("sara")
		sara.get(entry).want(http.StatusOK, "/annul")
		sara.post(entry+"/annul", "reason", "Registrata due volte", "act", "").want(http.StatusUnprocessableEntity, "Questo campo è necessario", "Registrata due volte")
		sara.post(entry+"/annul", "reason", "Registrata due volte", "act", "Determina 3/2026").to(entry)
		sara.get(entry).want(http.StatusOK, "Annullata", "Determina 3/2026", "<s>Prot. 0000001/2026</s>", "Occupazione suolo")
		b.get(of).want(http.StatusOK, "<s>Prot. 0000001/2026</s>", "Da protocollare")
		b.get("/register/due").want(http.StatusOK, "Registrazione annullata")

		// The day is closed, and its file is there.
		e.manual.Advance(24 * time.Hour)
		if n, err := e.deps.Register.CloseDays(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		b = e.as("giulia")
		b.get("/register/days").want(http.StatusOK, "17/11/2026", "/registers/2026-11-17")
		f := b.get("/registers/2026-11-17").want(http.StatusOK, "registrazione;", "annullamento;", "Occupazione suolo")
		if d := f.Header.Get("Content-Disposition"); !strings.Contains(d, "registro-PG-2026-11-17.csv") {
			t.Error(d)
		}
		b.get("/registers/2026-11-18").want(http.StatusNotFound)
		b.get("/registers/domani").want(http.StatusNotFound)
	})
}

// TestRegisterIsVeiled: a back office sees that there is an entry of another one, and
// nothing of it; who works in no office sees no register.
func TestRegisterIsVeiled(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Istanza riservata", "Chiedo")
		b := e.as("giulia")
		of := "/cases?case=" + url.QueryEscape(e.ref(e.people["giulia"]))
		form := enterLink.FindStringSubmatch(b.get(of).Body)[1]
		b.post(form, "version", "0", "subject", "Istanza riservata", "sender", "Lucia", "class", "VI.7", "office", e.id(e.offices["urp"])).to(of)
		entry := entryLink.FindStringSubmatch(b.get(of).Body)[1]
		elena := e.as("elena")
		for _, path := range []string{"/register", entry} {
			elena.get(path).want(http.StatusOK, "0000001/2026", "Contenuto riservato").without("Istanza riservata", "Lucia")
		}
		elena.get("/register?q=istanza").want(http.StatusOK, "Nessuna registrazione corrisponde")
		elena.get(form).want(http.StatusNotFound)
		elena.post(form, "version", "0", "class", "VI.7").want(http.StatusNotFound)
		e.manual.Advance(24 * time.Hour)
		if _, err := e.deps.Register.CloseDays(t.Context()); err != nil {
			t.Fatal(err)
		}
		elena = e.as("elena")
		f := elena.get("/registers/2026-11-17").want(http.StatusOK, "omissis").without("Istanza riservata")
		if d := f.Header.Get("Content-Disposition"); !strings.Contains(d, "-omissis.csv") {
			t.Error(d)
		}
		e.as("admin").get("/register").want(http.StatusForbidden)
	})
}
