package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// Ordinary mail in the certified mailbox wears the sign of ordinary mail in a person's
// story and at the register too, and what is certified wears its own (mail rule 87).
func TestRule87OrdinaryMailHasNoSignOfPECInStoryAndRegister(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		now := e.manual.Now()
		e.comes(e.provider.Anomaly("luca@mail.example", testPEC, certifiedLetter("Luca <luca@mail.example>", testPEC, "b1@mail.example", "Domanda"), now))
		e.comes(e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "a1@pec.example", "Richiesta di copia"), now))
		b := e.as("giulia")
		for _, x := range []struct {
			number    string
			certified bool
		}{{"2026/000001", false}, {"2026/000002", true}} {
			k := e.theCase(x.number)
			signed := func(where, body string) {
				t.Helper()
				if strings.Contains(body, `class="chan chan-pec"`) != x.certified || !strings.Contains(body, `class="chan `) {
					t.Errorf("%s, certified %v: %.300s", where, x.certified, body)
				}
			}
			story := b.get("/people/" + formatID(k.CitizenID)).want(http.StatusOK).Body
			_, story, _ = strings.Cut(story, `id="history"`)
			signed("story", story)
			message := formatID(k.LastInID)
			form := b.get("/messages/" + message + "/register").want(http.StatusOK).Body
			_, form, _ = strings.Cut(form, `action="/messages/`+message+`/register"`)
			form, _, _ = strings.Cut(form, "</header>")
			signed("form of the register", form)
			b.post("/messages/"+message+"/register/state", "version", "0", "state", "due", "reason", "Serve un numero")
			due := b.get("/register/due").want(http.StatusOK).Body
			_, due, _ = strings.Cut(due, `href="/messages/`+message+`/register"`)
			due, _, _ = strings.Cut(due, "</a>")
			signed("list of what is due", due)
			version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(b.get("/messages/" + message + "/register").Body)[1]
			b.post("/messages/"+message+"/register", "version", version, "subject", "Copia", "sender", "Luca", "class", "VI.7", "office", e.id(e.offices["tributi"])).want(http.StatusSeeOther)
			entry := entryLink.FindStringSubmatch(b.get("/cases?case=" + x.number).Body)[1]
			body := b.get(entry).want(http.StatusOK).Body
			if strings.Contains(body, "<dd>PEC, ") != x.certified || !x.certified && !strings.Contains(body, "<dd>E-mail, ") {
				_, body, _ = strings.Cut(body, "<dl")
				t.Errorf("entry, certified %v: %.1500s", x.certified, body)
			}
		}
	})
}
