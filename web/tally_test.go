package web

import (
	"net/http"
	"testing"
)

// TestTally: the mark on the rail and beside the views says what is not read, on
// every page, and the stream says when it changed.
func TestTally(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		b := e.as("giulia")
		none, one := `<span class="tally" id="tally" hidden>`, `<span class="tally" id="tally">1<span`
		b.get("/people").want(http.StatusOK, none)
		l := b.listen()
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Buongiorno")
		l.await("event: counts")
		b.get("/people").want(http.StatusOK, one)
		b.fragment("/shell/tally").want(http.StatusOK, one).without("<nav")
		counts := b.fragment("/cases/counts?view=office").want(http.StatusOK, one, `id="views"`)
		counts.want(http.StatusOK, `Il mio ufficio <span class="tally">1`)
		counts.without(`Le mie <span class="tally">`)
		ref := e.ref(e.people["giulia"])
		b.post("/cases/"+ref+"/presence", "doing", "looking").want(http.StatusNoContent) // as the open case does
		l.await("event: counts")
		b.fragment("/shell/tally").want(http.StatusOK, none)
		e.as("elena").fragment("/shell/tally").want(http.StatusOK, none)
		e.stranger().fragment("/shell/tally").want(http.StatusUnauthorized)
	})
}
