package web

import (
	"net/http"
	"testing"
)

// TestNoDocumentIsSeenOnTheTelephone: the form of a call does not ask for what
// nobody can see, and each way to the form of a visit leads to the form, below
// the numbers and appointments of the reception.
func TestNoDocumentIsSeenOnTheTelephone(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.hall()
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		person := formatID(e.theCase("2026/000001").CitizenID)
		b := e.as("giulia")
		b.get("/reception?how=phone").want(http.StatusOK, `name="phone"`).without(`name="seen"`)
		b.get("/reception?how=visit").want(http.StatusOK, `name="seen"`, `id="visit"`, `action="/reception#visit"`)
		b.get("/reception/people?how=visit&q=lucia").want(http.StatusOK, "person="+person+"&amp;q=lucia#visit")
		b.get("/reception?how=visit&person="+person).want(http.StatusOK, `href="/reception?how=visit#visit"`)
		b.get("/cases").want(http.StatusOK, `href="/reception?how=visit#visit"`, `data-href="/reception?how=visit#visit"`)
		b.get("/people/"+person).want(http.StatusOK, "/reception?how=visit&amp;person="+person+"#visit")
	})
}
