package web

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestSittingDownAndCalling: counters of one's own offices, and a double click is
// one call.
func TestSittingDownAndCalling(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		b := e.as("giulia")
		b.get("/counter").want(http.StatusOK, "Sportello 1", "Sportello 2").without("Sportello 9") // the specialist's is of another office
		b.post("/counter/" + formatID(h.first) + "/open").to(counterURL(h.first))
		at := counterURL(h.first)
		b.get("/counter").to(at)
		b.get(at).want(http.StatusOK, "Nessuno in attesa")
		e.ticket(h, "certificati", 0)
		e.ticket(h, "tari", 0)
		p := b.get(at).want(http.StatusOK, "Avanti", "A1", "A2")

		key := p.field("key")
		b.post(at+"/next", "key", key).to(at)
		b.post(at+"/next", "key", key).to(at) // a double click
		b.get(at).want(http.StatusOK, "A1", "È qui", "Perché proprio questo numero?", "Chi è?", ">A2<")
		if n := e.count("SELECT count(*) FROM steps WHERE state = 'called'"); n != 1 {
			t.Errorf("%d people are called", n)
		}
	})
}

func TestCounterActs(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Vorrei montare un ponteggio.")
		lucia := e.theCase("2026/000001").CitizenID
		e.ticket(h, "certificati", 0)
		b, at := e.as("giulia"), counterURL(h.first)
		b.post(at + "/open").to(at)
		act := func(verb string, more ...string) *seen {
			p := b.get(at)
			return b.post(at+"/act", append([]string{"verb", verb, "step", p.field("step"), "version", p.field("version"), "key", p.field("key")}, more...)...)
		}
		b.post(at+"/next", "key", "k1").to(at)
		act("recall").to(at)
		b.get(at).want(http.StatusOK, "chiamato 2 volte")
		b.get(at+"?q=ferrante").want(http.StatusOK, "Lucia Ferrante", "È questa persona")
		p := b.get(at)
		b.post(at+"/link", "step", p.field("step"), "person", formatID(lucia)).to(at)
		b.get(at).want(http.StatusOK, "Lucia Ferrante", "Ponteggio")
		act("start").to(at)
		act("finish", "note", "Ha ritirato il certificato.").to(at)
		done := b.get(at).want(http.StatusOK, "Nessuno in attesa", "Annulla")
		b.get("/people/"+formatID(lucia)).want(http.StatusOK, "A1")

		// Within 30 seconds everything is put back, afterwards nothing is.
		b.post(at+"/undo", "verb", done.field("verb"), "key", "u1").to(at)
		b.get(at).want(http.StatusOK, "Annullato", "allo sportello")
		again := act("finish")
		again.to(at)
		late := b.get(at).field("verb")
		e.manual.Advance(31 * time.Second)
		b.post(at+"/undo", "verb", late, "key", "u2").to(at)
		b.get(at).want(http.StatusOK, "più di 30 secondi")

		// Handing on opens a case at the office, with the note.
		e.ticket(h, "tari", lucia)
		b.post(at+"/next", "key", "k2").to(at)
		act("start").to(at)
		act("to_office", "office", formatID(e.offices["tributi"]), "subject", "Rimborso TARI", "note", "Ha pagato due volte la prima rata.").to(at)
		b.get(at).want(http.StatusOK, "la pratica è aperta")
		b.get("/people/"+formatID(lucia)).want(http.StatusOK, "Rimborso TARI")
		b.post(at + "/leave").to("/counter")
	})
}

// TestTheRoomIsSeenByThoseWhoWorkThere: others are told that there is nothing.
func TestTheRoomIsSeenByThoseWhoWorkThere(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		e.ticket(h, "certificati", 0)
		e.as("giulia").get("/queue").want(http.StatusOK, "Municipio", "A1", "Chi aspetta")
		for _, who := range []string{"rita"} { // social services have nothing at this site
			b := e.as(who)
			b.get("/queue").want(http.StatusOK, "Nessuna sala").without("A1")
			b.get("/queue/" + formatID(h.site) + "/live").want(http.StatusNotFound)
			b.get("/queue/" + formatID(h.site) + "/events").want(http.StatusNotFound)
			b.get(counterURL(h.first)).want(http.StatusNotFound)
			b.post(counterURL(h.first) + "/open").want(http.StatusNotFound)
		}
		e.stranger().get("/queue").to("/login")
		// Somebody else's chair is not taken, and the page of a counter is its sitter's.
		e.as("giulia").post(counterURL(h.first) + "/open").to(counterURL(h.first))
		b := e.as("sara")
		b.post(counterURL(h.first) + "/open").to("/counter")
		b.get("/counter").want(http.StatusOK, "siede già")
		b.get(counterURL(h.first)).to("/counter")
	})
}

// TestTheRoomTellsOpenPages: one line for each change, without contents.
func TestTheRoomTellsOpenPages(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		h := e.hall()
		b := e.as("giulia")
		a, err := b.http.Do(b.request("GET", "/queue/"+formatID(h.site)+"/events", nil))
		must(t, err)
		defer a.Body.Close()
		lines := make(chan string, 64)
		go func() {
			defer close(lines)
			for sc := bufio.NewScanner(a.Body); sc.Scan(); {
				lines <- sc.Text()
			}
		}()
		next := func() string {
			for {
				select {
				case l := <-lines:
					if strings.HasPrefix(l, "event:") {
						return l
					}
				case <-time.After(10 * time.Second):
					t.Fatal("nothing was told")
				}
			}
		}
		next() // that it begins
		e.ticket(h, "certificati", 0)
		if l := next(); l != "event: room" {
			t.Error(l)
		}
	})
}
