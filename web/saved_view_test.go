package web

import (
	"net/http"
	"regexp"
	"testing"

	"filodiretto/internal/db/dbtest"
)

// TestSavedView: a search is kept beside the views, shows what fits it at the
// moment, and is its maker's alone.
func TestSavedView(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	e.letter(e.mail, "Ada <ada@posta.example>", "Una buca", "C'è una buca in via Po.")
	e.letter(e.mail, "Bea <bea@posta.example>", "Un lampione", "Il lampione è spento.")
	b := e.as("giulia")
	b.get("/search?q=buca").want(http.StatusOK, `action="/views"`, "Tieni questa ricerca tra le viste")
	b.get("/search?q=canale:boh").want(http.StatusOK).without(`action="/views"`)
	b.post("/views", "name", "Le buche", "query", "canale:boh").want(http.StatusSeeOther)
	b.get("/search?q=x").want(http.StatusOK, "La ricerca non si può salvare")

	b.post("/views", "name", " ", "query", "buca").want(http.StatusSeeOther)
	b.get("/search?q=x").want(http.StatusOK, "Dai un nome alla vista.")
	to := b.post("/views", "name", "Le buche", "query", "buca").want(http.StatusSeeOther).Header.Get("Location")
	p := b.get(to).want(http.StatusOK, "Vista «Le buche» salvata", "Le mie ricerche", "Ada", "Una buca", `<h2 id="list-title" class="clip">Le buche</h2>`, "per attinenza").without("Bea")
	number := regexp.MustCompile(`data-number="([^"]+)"`).FindStringSubmatch(p.Body)[1]
	view := regexp.MustCompile(`saved-\d+`).FindString(to)

	b.get("/cases?view="+view+"&case="+number).want(http.StatusOK, "Le buche", "via Po")
	b.get("/cases/row?view="+view+"&number="+number).want(http.StatusOK, "Ada")
	e.letter(e.mail, "Carlo <carlo@posta.example>", "Altro", "Tutt'altro.")
	b.get("/cases/row?view=" + view + "&number=" + e.ref(e.people["giulia"])).want(http.StatusNoContent)
	b.get("/cases/counts?view="+view).want(http.StatusOK, "Le buche")
	b.get("/cases/rows?view=" + view + "&before=x").want(http.StatusUnprocessableEntity)

	other := e.as("elena")
	other.get("/cases").want(http.StatusOK).without("Le buche")
	other.get("/cases?view=" + view).want(http.StatusNotFound)
	other.post("/views/" + view[len("saved-"):] + "/forget").want(http.StatusNotFound)

	b.post("/views/" + view[len("saved-"):] + "/forget").want(http.StatusSeeOther)
	b.get("/cases").want(http.StatusOK, "Vista tolta.").without("Le buche")
}

func TestAPISavedView(t *testing.T) {
	e := newAPITown(t, dbtest.SQLite(t))
	in := map[string]any{"name": "Le buche", "query": "buca stato:aperta"}
	made := e.call("giulia", "POST", "/saved-views", in).want(http.StatusCreated)
	if list := e.call("giulia", "GET", "/saved-views", nil).want(http.StatusOK).list("items"); len(list) != 1 {
		t.Errorf("giulia keeps %v", list)
	}
	if list := e.call("elena", "GET", "/saved-views", nil).want(http.StatusOK).list("items"); len(list) != 0 {
		t.Errorf("elena sees %v", list)
	}
	e.call("giulia", "POST", "/saved-views", map[string]any{"name": "x", "query": "canale:boh"}).wantCode(http.StatusUnprocessableEntity, "unclear")
	e.call("elena", "DELETE", "/saved-views/"+made.str("id"), nil).want(http.StatusNotFound)
	e.call("giulia", "DELETE", "/saved-views/"+made.str("id"), nil).want(http.StatusNoContent)
}
