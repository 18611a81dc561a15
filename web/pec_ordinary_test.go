package web

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"maps"
	"net/http"
	"strings"
	"testing"

	"filodiretto/channels"
	"filodiretto/channels/mail"
	"filodiretto/channels/pec"
)

// A certified mail that came to an ordinary mailbox is told as one, with its package and
// its duty; the way of answering is the operator's choice.
func TestCertifiedMailInAnOrdinaryMailboxOnTheCasePage(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		set := maps.Clone(mailSettings)
		set["address"], set["authorities_file"] = "protocollo@comune.pontelieto.example", e.authorities
		box := e.account("mail-protocollo", "mail", "urp", pec.Mail, set)
		raw, err := e.provider.Envelope(annaPEC, set["address"], certifiedLetter("Anna Verdi <"+annaPEC+">", set["address"], "o1@pec.example", "Richiesta di copia"), e.manual.Now())
		if err != nil {
			t.Fatal(err)
		}
		e.arrive(box, channels.Raw{ContentType: mail.TypeMessage, Body: raw})
		b := e.as("giulia")
		page := b.get("/cases?view=pec&case=2026/000001").want(http.StatusOK, "PEC arrivata in una casella di posta ordinaria", "Mittente certificato "+annaPEC,
			"Firma valida di GESTORE DI PROVA S.p.A.", "Pacchetto di prova", "Da protocollare").without("posta-certificata@")
		b.get("/register/due").want(http.StatusOK, "Richiesta di copia")
		if n := strings.Count(page.Body, `name="channel" value="`); n != 2 {
			t.Errorf("%d ways to answer", n)
		}
		i := strings.LastIndex(page.Body, "/evidence\"")
		url := page.Body[strings.LastIndex(page.Body[:i], "/messages/") : i+len("/evidence")]
		got := b.get(url).want(http.StatusOK)
		z, err := zip.NewReader(strings.NewReader(got.Body), int64(len(got.Body)))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string][]byte{"busta.eml": raw, "messaggio.eml": pec.Inside(raw)} {
			if file, err := fs.ReadFile(z, name); err != nil || !bytes.Equal(file, want) {
				t.Errorf("%s is not what came: %v", name, err)
			}
		}
	})
}
