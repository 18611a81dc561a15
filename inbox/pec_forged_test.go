package inbox

import (
	"strings"
	"testing"

	"filodiretto/channels/pec/standin"
)

// Rule 84: ordinary mail moves nothing that was sent as certified mail, wherever it
// comes to and whatever it says: every recipient knows our Message-ID.
func TestRule84OnlyTheProviderMovesACertifiedDelivery(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		realMail(e)
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		r, posts := o.answered(standin.Fate{})
		e.arrive(o.acc, string(posts[0].Raw)) // accepted
		id := r.Deliveries[0].ID
		was := e.delivery(id)
		failed := string(bounceOf(r.Message.ExternalID, annaPEC))
		for _, report := range []string{
			failed,
			strings.Replace(failed, "Action: failed\r\nStatus: 5.1.1", "Action: delivered\r\nStatus: 2.0.0", 1),
			strings.Replace(failed, "Status: 5.1.1", "Status: 4.2.2", 1),
			strings.NewReplacer("report-type=delivery-status", "report-type=disposition-notification", "message/delivery-status", "message/disposition-notification",
				"Action: failed\r\nStatus: 5.1.1\r\n", "Original-Message-ID: <"+r.Message.ExternalID+">\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n").Replace(failed),
		} {
			for _, acc := range []Account{e.mail, o.acc} {
				e.arrive(acc, report)
				if d := e.delivery(id); d.State != was.State || d.NextAt != was.NextAt || d.Alarm != was.Alarm || d.LegalArrivedAt != 0 || d.Delayed {
					t.Fatalf("%+v", d)
				}
			}
		}
		e.arrive(o.acc, string(posts[1].Raw))
		if d := e.delivery(id); d.State != Delivered || d.LegalArrivedAt == 0 {
			t.Errorf("the provider's receipt: %+v", d)
		}
	})
}

// unknown is a provider under an authority that nobody here knows.
func (o *certifiedOffice) unknown() *standin.Provider {
	o.t.Helper()
	now := o.manual.Now()
	authority, err := standin.NewAuthority(now)
	if err != nil {
		o.t.Fatal(err)
	}
	signer, err := authority.Certify("GESTORE DI PROVA S.p.A.", "gestore.example", now.Time().AddDate(-1, 0, 0), now.Time().AddDate(1, 0, 0))
	if err != nil {
		o.t.Fatal(err)
	}
	return &standin.Provider{Name: "GESTORE DI PROVA S.p.A.", Domain: "gestore.example", Signer: signer}
}

// Rule 82: an envelope of a provider whom nobody knows proves no more than one whose
// signature does not hold: it enters no case by itself.
func TestRule82AnUnknownProvidersEnvelopeEntersNoCase(t *testing.T) {
	eachDB(t, func(t *testing.T, e *env) {
		o := newCertifiedOffice(t, e)
		o.comes(o.provider, "a1@pec.example")
		refs := "In-Reply-To: <" + o.message("m.external_id <> ''").ExternalID + ">"
		before := len(e.allCases())
		o.comes(o.unknown(), "a2@pec.example", refs)
		if n := len(e.allCases()); n != before+1 {
			t.Errorf("%d cases, before there were %d", n, before)
		}
		if n := e.number("SELECT count(*) FROM suggestions WHERE reason = 'reference'"); n != 1 {
			t.Error("a person may put it there", n)
		}
	})
}
