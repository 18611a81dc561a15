package web

import (
	"net/http"
	"testing"

	"filodiretto/channels/pec/standin"
)

// A certified mail that was changed on its way names its sender in headers alone:
// it waits for a person, who reads the claim as one, on the page and in the API;
// released, it is nobody's known address (mail rule 52).
func TestAnUnprovenEnvelopeWaitsWithItsClaim(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		raw, err := e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "a1@pec.example", "Richiesta di copia"), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		e.comes(standin.ThroughList(raw, "copia del permesso", "copia del progetto"), nil)
		b := e.as("giulia")
		l := b.get("/quarantine").want(http.StatusOK, "PEC non provata", "mittente non leggibile").without(annaPEC)
		one := heldLink.FindStringSubmatch(l.Body)[1]
		b.get(one).want(http.StatusOK, "la firma del gestore non vale più", "per conto di "+annaPEC, "Nessuna firma lo prova", "postacert.eml", "si apre dopo il rilascio", "Chiedo copia del progetto").without("Trattieni anche")
		b.get("/quarantine?why=pec_not_proven").want(http.StatusOK, "Richiesta di copia")
		held := e.call("giulia", "GET", one, nil).want(http.StatusOK)
		if held.str("claimed_sender") != annaPEC || held.str("reason") != "pec_not_proven" || held.str("sender") != "" {
			t.Errorf("%s", held.Bytes)
		}
		a := b.post(one + "/release").to("/cases?case=")
		b.get(a.Header.Get("Location")).want(http.StatusOK, "Nessuna firma prova chi ha scritto").without("Mittente certificato")
		if n, err := e.db.Read.NewSelect().Table("identities").Where("value = ?", annaPEC).Count(t.Context()); err != nil || n != 0 {
			t.Error("the claim became an identity", n, err)
		}
	})
}
