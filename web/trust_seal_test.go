package web

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"filodiretto/inbox"
)

// Rule 82: certified mail under a seal that does not hold stands out in the list, in the
// file of the person whose address it bears, and where it asks to join a case.
func TestRule82ABrokenSealStandsOut(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		e.comes(e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "s1@pec.example", "Permesso"), e.manual.Now()))
		b := e.as("giulia")
		first := e.ref(e.people["giulia"])
		b.get("/cases?view=office").want(http.StatusOK).without("Mittente dubbio")
		var id string
		if err := e.db.Read.NewRaw("SELECT external_id FROM messages WHERE id = ?", e.theCase(first).LastInID).Scan(t.Context(), &id); err != nil {
			t.Fatal(err)
		}
		letter := bytes.Replace(certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "s2@pec.example", "Re: Permesso"), []byte("To: "), []byte("In-Reply-To: <"+id+">\r\nTo: "), 1)
		raw, err := e.provider.Envelope(annaPEC, testPEC, letter, e.manual.Now())
		e.comes(bytes.Replace(raw, []byte("copia del permesso"), []byte("un altro conto bancario"), 1), err)
		e.comes(raw, err) // as its provider sealed it
		list, err := e.inbox.List(t.Context(), e.people["giulia"], inbox.ViewPEC, "", 10)
		if err != nil || len(list.Cases) != 2 {
			t.Fatal(list, err)
		}
		doubted := list.Cases[0].Ref()
		if doubted == first {
			doubted = list.Cases[1].Ref()
		}
		p := b.get("/cases?case="+doubted).want(http.StatusOK, "Nessun gestore garantisce chi ha scritto", "Dice di venire da "+annaPEC, "il sigillo PEC manca o non è valido", "Può essere della pratica "+first, "Se lo sposti lì, chi ha scritto entra in quella pratica").without("Il nostro server di posta", "trattieni la sua posta")
		b.get("/cases?view=office").want(http.StatusOK, "Mittente dubbio")
		person := regexp.MustCompile(`/people/\d+`).FindString(p.Body)
		if n := strings.Count(b.get(person).want(http.StatusOK).Body, "Mittente dubbio"); n != 1 {
			t.Errorf("%s: %d of her cases are marked", person, n)
		}
	})
}
