package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"filodiretto/inbox"
	"filodiretto/web/page"
)

// Rule 90: the card of a certified mailbox, the sign of all channels, the API and the
// mail to those who keep the system running tell how many certified mails got no
// acceptance, and since when.
func TestACardTellsHowManyCertifiedMailsAreNotAccepted(t *testing.T) {
	eachSite(t, func(t *testing.T, site *siteTown) {
		e := newCertifiedTown(t, site)
		for _, id := range []string{"a1", "a2"} {
			e.comes(e.provider.Envelope(annaPEC, testPEC, certifiedLetter("Anna Verdi <"+annaPEC+">", testPEC, id+"@pec.example", "Richiesta "+id), e.manual.Now()))
			path, _ := e.firstCase("giulia")
			e.call("giulia", "POST", path+"/messages", e.answer("giulia", path, "Ecco la copia.")).want(http.StatusCreated)
			e.manual.Advance(time.Minute)
			e.sent(e.pec)
		}
		b := e.as("giulia")
		card := func() string {
			return strings.Split(strings.Split(b.get("/channels").want(http.StatusOK).Body, `aria-labelledby="t-channel-`+formatID(e.pec.ID))[1], "</section>")[0]
		}
		well := b.get("/shell/health").Body
		if strings.Contains(card(), "senza accettazione") {
			t.Error("told too early")
		}
		e.manual.Advance(25 * time.Minute)
		if n, err := e.inbox.SweepReceipts(t.Context()); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		for _, w := range []string{"2 PEC senza accettazione da oggi alle 10:0", `href="/cases?view=failed"`, "In ritardo"} {
			if got := card(); !strings.Contains(got, w) {
				t.Errorf("the card does not say %q: %s", w, got)
			}
		}
		if b.get("/shell/health").Body == well {
			t.Error("the sign of all channels says that all is well")
		}
		a := e.call("giulia", "GET", "/accounts/"+formatID(e.pec.ID), nil).want(http.StatusOK)
		if a.num("unaccepted") != 2 || a.str("unaccepted_from") == "" || a.str("state") != "slow" {
			t.Error(a.num("unaccepted"), a.str("state"))
		}
		var subject, text string
		_, err := e.inbox.SweepAlarms(t.Context(), func(_ context.Context, _ string, news []inbox.Alarm) (err error) {
			subject, text, err = AlarmLetter(page.Italian, "Pontelieto", "https://filo.example", e.manual.Now().Time().Location(), e.manual, news)
			return err
		})
		if err != nil || !strings.Contains(subject, "2 PEC senza accettazione") || !strings.Contains(text, "pec: 2 PEC senza accettazione (da martedì 17 novembre 2026, ore 10:01") || !strings.Contains(text, "non vanno mandate due volte") {
			t.Error(subject, text, err)
		}
		e.as("giulia").get("/cases?view=failed").want(http.StatusOK, "Richiesta a1", "Richiesta a2")
		if _, err := e.db.Write.NewRaw("UPDATE deliveries SET dealt_at = 1").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := card(); strings.Contains(got, "senza accettazione") {
			t.Error("dealt with: ", got)
		}
	})
}
