package web

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"filodiretto/internal/db/dbtest"
	"filodiretto/internal/textfold"
)

// TestTheSearchTellsWhatItDidNotFollow on the page, in the palette and to
// programs, each time with what was probably meant.
func TestTheSearchTellsWhatItDidNotFollow(t *testing.T) {
	eachSite(t, func(t *testing.T, e *siteTown) {
		e.letter(e.mail, "Lucia Ferrante <lucia@posta.example>", "Ponteggio", "Vorrei montare un ponteggio.")
		b := e.as("giulia")
		find := func(q string) *seen { t.Helper(); return b.get("/search?q=" + url.QueryEscape(q)) }
		for q, words := range map[string][]string{
			"stao:aperta":          {"«stao:» non è un filtro", "Forse volevi scrivere «stato:»", `href="/search?q=stato%3aaperta"`},
			"stato:apeta":          {"«apeta»", "«stato:aperta»"},
			"canale:telegrm":       {"«canale:telegram»"},
			"ufficio:tributti":     {"Ufficio tributi"},
			"assegnato:giulla":     {"Forse volevi", "giulia"},
			"scadenza:31/02/2026":  {"31/02/2026", "una data come"},
			"dopo:presto":          {"«presto» non è una data"},
			"numero:boh ponteggio": {"non è il numero di una pratica"},
		} {
			find(q).want(http.StatusOK, words...)
		}
		find("canale:posta stato:aperta assegnato:nessuno ufficio:urp -mensa").want(http.StatusOK, "Ponteggio").without(`role="alert"`)
		find("canale:posta -ponteggio").want(http.StatusOK, "Nessuna pratica").without(`role="alert"`)
		b.fragment("/search?palette=1&q=stato:apeta").want(http.StatusOK, "Forse volevi scrivere «stato:aperta»", `role="option"`)

		r := e.call("giulia", "GET", "/search?q=stato:apeta", nil).want(http.StatusOK)
		if r.str("problems", 0, "suggest") != "aperta" || r.str("problems", 0, "fixed") != "stato:aperta" || !strings.Contains(string(r.Bytes), "waiting") {
			t.Errorf("%s", r.Bytes)
		}
	})
}

// TestEveryOperatorIsTaught on the search page, in the help and in the document
// of the API, with examples that can be followed.
func TestEveryOperatorIsTaught(t *testing.T) {
	e := newSite(t, dbtest.SQLite(t))
	b := e.as("giulia")
	pages := []string{b.get("/search").want(http.StatusOK).Body, b.get("/help").want(http.StatusOK, `id="search"`).Body}
	doc := searchDoc()
	for _, o := range textfold.Operators {
		for _, p := range pages {
			for _, x := range o.It.Examples {
				if !strings.Contains(p, ">"+html.EscapeString(x)+"</a>") {
					t.Errorf("%s is not taught", x)
				}
			}
		}
		for _, x := range []string{o.En.Names[0] + ":", o.It.Names[0] + ":", o.En.Meaning} {
			if !strings.Contains(doc, x) {
				t.Errorf("%s is not in the document", x)
			}
		}
	}
	for _, o := range textfold.Operators {
		for _, x := range append(o.It.Examples, o.En.Examples...) {
			if strings.Contains(x, "giulia") || strings.Contains(x, "tributi") || !strings.Contains(x, ":") {
				continue
			}
			if r := e.call("giulia", "GET", "/search?q="+url.QueryEscape(x), nil).want(http.StatusOK); len(r.list("problems")) > 0 {
				t.Errorf("the example %s is not followed: %s", x, r.Bytes)
			}
		}
	}
}
