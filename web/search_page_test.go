package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"filodiretto/internal/db/dbtest"
)

// TestSearchIsPaged: results beyond the first page are reached by a link, each
// case once, and by program the same.
func TestSearchIsPaged(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	const n = searchCases + 20
	for i := range n {
		e.letter(e.mail, fmt.Sprintf("Persona <p%d@posta.example>", i), fmt.Sprintf("Lampione numero %03d", i), "Il lampione è spento.")
	}
	b := e.as("giulia")
	first := b.get("/search?q=lampione+persona").want(http.StatusOK, "Altri risultati", "Persone").without("Torna ai primi")
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(first.Body)
	if next == nil {
		t.Fatal("no next page")
	}
	second := b.get(strings.ReplaceAll(next[1], "&amp;", "&")).want(http.StatusOK, "Torna ai primi risultati").without("Altri risultati", `id="t-sp"`)
	found := map[string]int{}
	for _, p := range []*seen{first, second} {
		for _, m := range regexp.MustCompile(`numero</?[^ ]*>? ?(\d{3})|numero (\d{3})`).FindAllStringSubmatch(text(p.Body), -1) {
			found[m[1]+m[2]]++
		}
	}
	if len(found) != n {
		t.Errorf("%d cases on two pages, want %d", len(found), n)
	}
	b.get("/search?q=lampione&after=x").want(http.StatusUnprocessableEntity)
	b.get("/search?q=tipo:richiesta").want(http.StatusOK, "Altri risultati")

	r := e.call("giulia", "GET", "/search?q=lampione&limit=60", nil).want(http.StatusOK)
	rest := e.call("giulia", "GET", "/search?q=lampione&limit=60&cursor="+r.str("next"), nil).want(http.StatusOK)
	if a, z := len(r.list("cases")), len(rest.list("cases")); a+z != n || rest.str("next") != "" || len(rest.list("people")) != 0 {
		t.Errorf("%d and %d cases, next %q", a, z, rest.str("next"))
	}
	e.call("giulia", "GET", "/search?q=lampione&cursor=x", nil).wantCode(http.StatusUnprocessableEntity, "unreadable")
}
