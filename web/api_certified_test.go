package web

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"filodiretto/internal/db/dbtest"
)

// A program reads of certified mail what the pages show: who vouches for it, each
// receipt with its signature, the bytes, and the package that proves it; with the
// same rights.
func TestAPICertifiedMail(t *testing.T) {
	eachAPI(t, func(t *testing.T, e *apiTown) { e.storyOfCertified(t) })
}

func (town *apiTown) storyOfCertified(t *testing.T) {
	e := newCertifiedTown(t, &siteTown{apiTown: town})
	e.comes(e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, "a1@pec.example", "Richiesta di copia"), e.manual.Now()))
	path, _ := e.firstCase("giulia")
	in := e.call("giulia", "GET", path+"/messages", nil).want(http.StatusOK)
	if in.str("items", 0, "certified", "sender") != annaPEC || in.at("items", 0, "certified", "proven") != true ||
		in.str("items", 0, "certified", "signature", "outcome") != "valid" || in.str("items", 0, "certified", "signature", "revocation") != "not_checked" ||
		in.str("items", 0, "certified", "signature", "fingerprint") == "" {
		t.Errorf("%s", in.Bytes)
	}
	e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Ecco la copia.")).want(http.StatusCreated)
	e.manual.Advance(time.Minute)
	out := e.sent(e.pec)[0]
	left := certifiedLetter(testPEC, annaPEC, out.ExternalID, out.Subject)
	if err := out.Keep(t.Context(), bytes.NewReader(left)); err != nil {
		t.Fatal(err)
	}
	posts, err := e.provider.Submit(testPEC, testPEC, []string{annaPEC}, left, e.manual.Now())
	if err != nil {
		t.Fatal(err)
	}
	e.manual.Advance(25 * time.Minute)
	if _, err := e.inbox.SweepReceipts(t.Context()); err != nil {
		t.Fatal(err)
	}
	list := e.call("giulia", "GET", path+"/messages", nil).want(http.StatusOK)
	i := len(list.list("items")) - 1
	if list.str("items", 0, "direction") == "out" {
		i = 0
	}
	id := list.str("items", i, "id")
	if list.str("items", i, "deliveries", 0, "alarm") != "no_acceptance" {
		t.Errorf("%s", list.Bytes)
	}
	for _, p := range posts {
		if p.Box == testPEC {
			e.comes(p.Raw, nil)
		}
	}
	m := e.call("giulia", "GET", "/messages/"+id, nil).want(http.StatusOK)
	if m.str("deliveries", 0, "state") != "delivered" || m.str("deliveries", 0, "legal_sent_at") == "" || m.str("deliveries", 0, "legal_arrived_at") == "" || m.str("deliveries", 0, "alarm") != "" {
		t.Errorf("%s", m.Bytes)
	}
	rs := e.call("giulia", "GET", "/messages/"+id+"/receipts", nil).want(http.StatusOK)
	if len(rs.list("items")) != 2 || rs.str("items", 0, "kind") != "accettazione" || rs.str("items", 1, "outcome") != "delivered" || rs.at("items", 1, "proven") != true ||
		rs.str("items", 1, "recipient") != annaPEC || rs.str("items", 1, "certified", "provider") != "GESTORE DI PROVA S.p.A." {
		t.Errorf("%s", rs.Bytes)
	}
	raw := "/receipts/" + rs.str("items", 1, "id") + "/raw"
	if got := e.call("giulia", "GET", raw, nil).want(http.StatusOK); string(got.Bytes) != string(posts[1].Raw) {
		t.Error("a receipt is not byte for byte")
	}
	pack := e.call("giulia", "GET", "/messages/"+id+"/evidence", nil).want(http.StatusOK)
	e.checkPackage(&seen{Body: string(pack.Bytes)}, map[string]string{
		"inviato-01.eml": string(left), "ricevute/01-accettazione.eml": string(posts[0].Raw), "ricevute/02-avvenuta-consegna.eml": string(posts[1].Raw),
	})
	for _, p := range []string{"/messages/" + id + "/receipts", "/messages/" + id + "/evidence", raw} {
		e.call("paolo", "GET", p, nil).want(http.StatusNotFound)
	}
	e.storyOfLooseReceipts()
}

// What was sent from elsewhere is listed; who does not work there learns not what.
func TestAPILooseReceipts(t *testing.T) {
	newCertifiedTown(t, newSite(t, dbtest.SQLite(t))).storyOfLooseReceipts()
}

func (e *certifiedTown) storyOfLooseReceipts() {
	t := e.t
	t.Helper()
	posts, err := e.provider.Submit(testPEC, testPEC, []string{annaPEC}, certifiedLetter(testPEC, annaPEC, "webmail-1@x.example", "Avviso dalla webmail"), e.manual.Now())
	if err != nil {
		t.Fatal(err)
	}
	e.comes(posts[0].Raw, nil)
	path := "/accounts/" + formatID(e.pec.ID) + "/receipts"
	if got := e.call("sara", "GET", path, nil).want(http.StatusOK); got.at("items", 0, "message_id") != nil || !strings.Contains(got.str("items", 0, "subject"), "Avviso dalla webmail") {
		t.Errorf("%s", got.Bytes)
	}
	if got := e.call("admin", "GET", path, nil).want(http.StatusOK); got.str("items", 0, "subject") != "" || got.at("items", 0, "certified") != nil {
		t.Errorf("%s", got.Bytes)
	}
}
