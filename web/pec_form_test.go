package web

import (
	"net/http"
	"strings"
	"testing"

	"filodiretto/internal/db/dbtest"
)

// The form of a new certified mailbox is filled with what a provider wants, all of
// it open to change.
func TestACertifiedMailboxIsFilledFromItsProvider(t *testing.T) {
	e := newCertifiedTown(t, newSite(t, dbtest.SQLite(t)))
	b := e.as("admin")
	b.get("/channels/new?kind=pec").want(http.StatusOK, "Aruba PEC", "InfoCert Legalmail", "Un altro, o non so").without("imaps.pec.aruba.it")
	b.get("/channels/new?kind=pec&preset=legalmail").want(http.StatusOK, `value="mbox.cert.legalmail.it"`, `value="sendm.cert.legalmail.it"`, `value="465"`, `value="INBOX/Spedite"`,
		`value="6"`, `<option value="legalmail" selected`, "il codice che comincia per M")
	b.get("/channels/new?kind=pec&preset=nobody").want(http.StatusOK, "Aruba PEC")
	if got := b.get("/channels/new?kind=mail"); strings.Contains(got.Body, "f-preset") {
		t.Error("ordinary mail has no such list")
	}
	b.get("/channels/" + formatID(e.pec.ID)).want(http.StatusOK).without("f-preset")
}
