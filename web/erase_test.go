package web

import (
	"net/http"
	"testing"
)

// A head erases a message on a page that works without script: told what goes, asked to
// confirm, and the case says who did it and why. Nobody else is offered it, or may.
func TestEraseOnThePage(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia <lucia@posta.example>", "Zirlanterbo", "Il mio segreto.")
		ref := e.ref(e.people["giulia"])
		var id int64
		if err := e.db.Read.NewRaw("SELECT max(id) FROM messages WHERE direction = 'in'").Scan(t.Context(), &id); err != nil {
			t.Fatal(err)
		}
		if _, err := e.db.Write.NewRaw("UPDATE deliveries SET state = 'sent' WHERE state = 'queued'").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		path := eraseURL(id)
		giulia, sara := e.as("giulia"), e.as("sara")
		giulia.get("/cases?case=" + ref).want(http.StatusOK).without(path)
		giulia.get(path).want(http.StatusForbidden).without("Zirlanterbo")
		giulia.post(path, "reason", "asked", "words", "x", "sure", "1").want(http.StatusForbidden)
		e.as("elena").get(path).want(http.StatusNotFound).without("Zirlanterbo")
		sara.get("/cases?case="+ref).want(http.StatusOK, path, "Cancella il contenuto…")
		sara.get(path).want(http.StatusOK, "Zirlanterbo", "1 originale", "backup", "GDPR art. 17")
		sara.post(path, "reason", "asked", "words", "lo ha chiesto").want(http.StatusUnprocessableEntity, "Spunta la casella", `value="lo ha chiesto"`)
		sara.post(path, "reason", "", "words", "lo ha chiesto", "sure", "1").want(http.StatusUnprocessableEntity)
		sara.post(path, "reason", "asked", "words", "", "sure", "1").want(http.StatusUnprocessableEntity)
		sara.post(path, "reason", "asked", "words", "lo ha chiesto il 3", "sure", "1").want(http.StatusSeeOther)
		sara.get("/cases?case="+ref).want(http.StatusOK, "Contenuto cancellato da Sara Bruni", "richiesta dell’interessato", "lo ha chiesto il 3", "lucia@posta.example").
			without("Zirlanterbo", "Il mio segreto", path)
		sara.get(path).want(http.StatusSeeOther)
		giulia.get("/cases?view=office").want(http.StatusOK, "Contenuto cancellato").without("Zirlanterbo", "Il mio segreto")
	})
}
