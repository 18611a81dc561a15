package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/db/dbtest"
)

// TestEarlierMessages: a case of more than two hundred messages is read to its
// beginning, with scripts and without.
func TestEarlierMessages(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "la prima di tutte")
	ref := e.ref(e.people["giulia"])
	for i := range 205 {
		if _, err := e.inbox.Note(t.Context(), e.people["giulia"], inbox.NoteCommand{CaseID: e.theCase(ref).ID, Text: fmt.Sprintf("nota %03d", i)}); err != nil {
			t.Fatal(err)
		}
	}
	b := e.as("giulia")
	p := b.get("/cases?view=office&case="+ref).want(http.StatusOK, "nota 204", "nota 005", `id="composer"`).without("nota 004", "data-earlier")
	link := regexp.MustCompile(`href="(/cases\?[^"]*older=[^"]+)" hx-get="(/cases/[^"]+)"`).FindStringSubmatch(p.Body)
	if link == nil {
		t.Fatal("no way to earlier messages")
	}
	page, part := strings.ReplaceAll(link[1], "&amp;", "&"), strings.ReplaceAll(link[2], "&amp;", "&")
	b.fragment(part).want(http.StatusOK, "nota 004", "la prima di tutte").without("nota 005", "<html", `id="older-entries"`, `id="composer"`)
	b.get(page).want(http.StatusOK, "nota 004", "la prima di tutte", `data-earlier="1"`, "Per rispondere torna agli ultimi", `href="/cases?case=`).without("nota 005", `id="composer"`)
	b.get("/cases/" + ref + "/earlier?older=x").want(http.StatusUnprocessableEntity)
	e.as("elena").fragment(part).want(http.StatusNotFound)
}
