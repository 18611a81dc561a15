package web

import (
	"testing"

	"filodiretto/channels/pec"
	"filodiretto/inbox"
)

// What no provider accepted is not called sent (mail rule 84): neither what it refused nor
// what it took and said nothing of, however many recipients there are.
func TestAPackageCallsSentWhatTheProviderAccepted(t *testing.T) {
	accepted := &inbox.Delivery{ID: 1, Kind: "pec", State: inbox.Accepted, LegalSentAt: 5}
	arrived := &inbox.Delivery{ID: 2, Kind: "pec", State: inbox.Delivered, LegalArrivedAt: 6}
	given := &inbox.Delivery{ID: 3, Kind: "pec", State: inbox.Accepted, BegunAt: 4}
	refused := &inbox.Delivery{ID: 4, Kind: "pec", State: inbox.Failed}
	notTaken := &inbox.Delivery{ID: 5, Kind: "pec", State: inbox.Failed}
	told := &inbox.Delivery{ID: 6, Kind: "pec", State: inbox.Delivered}
	receipts := []*inbox.CertifiedReceipt{{DeliveryID: 4, Kind: pec.KindRefused, Outcome: "failed", Proven: true, LegalAt: 7}}
	for _, x := range []struct {
		of   []*inbox.Delivery
		want string
	}{
		{[]*inbox.Delivery{accepted}, "Posta certificata inviata"},
		{[]*inbox.Delivery{accepted, arrived}, "Posta certificata inviata"},
		{[]*inbox.Delivery{refused}, "Messaggio per posta certificata, NON accettato dal gestore"},
		{[]*inbox.Delivery{given}, "Messaggio per posta certificata, senza accettazione del gestore"},
		{[]*inbox.Delivery{notTaken, refused}, "Messaggio per posta certificata, senza accettazione del gestore"},
		{[]*inbox.Delivery{told}, "Messaggio per posta certificata, senza accettazione del gestore"},
		{nil, "Messaggio per posta certificata, senza accettazione del gestore"},
		{[]*inbox.Delivery{arrived, refused}, "Posta certificata inviata, NON accettata dal gestore per tutti i destinatari"},
	} {
		if got := evidenceTitle(&inbox.Evidence{Message: &inbox.Message{Direction: inbox.Out}, Deliveries: x.of, Receipts: receipts}); got != x.want {
			t.Errorf("%q, not %q", got, x.want)
		}
	}
}
