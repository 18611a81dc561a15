package web

import (
	"strings"
	"testing"

	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

// The line of a recipient says how far the provider's word goes, and no further.
func TestStepsOfACertifiedMail(t *testing.T) {
	r, err := page.New(page.Options{})
	if err != nil {
		t.Fatal(err)
	}
	say, s := r.Say(page.Italian), &Server{Deps: Deps{Inbox: &inbox.Inbox{}}}
	at := clock.Instant(1)
	failed := func(kind, how string) []*inbox.CertifiedReceipt {
		return []*inbox.CertifiedReceipt{{Kind: kind, Outcome: "failed", Proven: true, LegalAt: 2, Certified: `{"error":"` + how + `"}`}}
	}
	for _, x := range []struct {
		name     string
		d        inbox.Delivery
		receipts []*inbox.CertifiedReceipt
		want     string // of the steps, with their classes
		class    string // of the failure
	}{
		{"ordinary mail", inbox.Delivery{Kind: "email", State: inbox.Accepted}, nil, "", ""},
		{"it waits", inbox.Delivery{State: inbox.Queued}, nil, "", ""},
		{"given", inbox.Delivery{State: inbox.Accepted}, nil, "data al gestore, in attesa di accettazione", ""},
		{"given, and warned", inbox.Delivery{State: inbox.Accepted, Delayed: true}, nil, "data al gestore, in attesa di accettazione|preavviso del gestore: non ancora consegnata", ""},
		{"given, and nothing came", inbox.Delivery{State: inbox.Accepted, Alarm: inbox.NoAcceptance}, nil, "data al gestore, in attesa di accettazione|bad:nessuna accettazione da oltre 0 minuti", ""},
		{"in doubt", inbox.Delivery{State: inbox.Unknown}, nil, "bad:non si sa se è partita: si attende una ricevuta", ""},
		{"accepted", inbox.Delivery{State: inbox.Sent, LegalSentAt: at}, nil, "ok:accettata dal gestore|in attesa della consegna", ""},
		{"warned", inbox.Delivery{State: inbox.Sent, LegalSentAt: at, Delayed: true}, nil, "ok:accettata dal gestore|preavviso del gestore: non ancora consegnata", ""},
		{"an ordinary mailbox", inbox.Delivery{State: inbox.Sent, LegalSentAt: at, Outside: true}, nil, "ok:accettata dal gestore|casella non certificata: nessuna ricevuta di consegna verrà", ""},
		{"arrived", inbox.Delivery{State: inbox.Delivered, LegalSentAt: at, LegalArrivedAt: at}, nil, "ok:accettata dal gestore|ok:consegnata in casella", ""},
		{"arrived, the acceptance is missing", inbox.Delivery{State: inbox.Delivered, LegalArrivedAt: at}, nil, "ok:consegnata in casella", ""},
		{"a person says so", inbox.Delivery{State: inbox.Delivered}, nil, "segnata come arrivata da una persona: nessuna ricevuta lo prova", ""},
		{"nobody there", inbox.Delivery{State: inbox.Failed, LegalSentAt: at, Code: "5.1.1", Class: "recipient_gone"}, failed("errore-consegna", "no-dest"), "ok:accettata dal gestore|bad:non consegnata", ""},
		{"nobody there, the acceptance is missing", inbox.Delivery{State: inbox.Failed, Code: "5.1.1", Class: "recipient_gone"}, failed("errore-consegna", "no-dest"), "bad:non consegnata", ""},
		{"a day", inbox.Delivery{State: inbox.Failed, LegalSentAt: at, Code: "5.4.1", Class: "unreachable"}, failed("preavviso-errore-consegna", "altro"), "ok:accettata dal gestore|bad:non consegnata", "pec_late"},
		{"virus", inbox.Delivery{State: inbox.Failed, LegalSentAt: at, Code: "5.7.0", Class: "content_rejected"}, failed("errore-consegna", "virus"), "ok:accettata dal gestore|bad:non consegnata", "pec_virus"},
		{"virus, by another code", inbox.Delivery{State: inbox.Failed, Code: "5.7.1", Class: "content_rejected"}, failed("non-accettazione", "virus"), "bad:non accettata dal gestore", "pec_virus"},
		{"full", inbox.Delivery{State: inbox.Failed, LegalSentAt: at, Code: "5.3.9", Class: "content_rejected"}, failed("errore-consegna", "altro"), "ok:accettata dal gestore|bad:non consegnata", "pec_undelivered"},
		{"refused", inbox.Delivery{State: inbox.Failed, Code: "5.6.0", Class: "content_rejected"}, failed("non-accettazione", "altro"), "bad:non accettata dal gestore", "pec_refused"},
		{"too heavy", inbox.Delivery{State: inbox.Failed, Code: "5.3.4", Class: "content_rejected"}, failed("non-accettazione", "altro"), "bad:non accettata dal gestore", "pec_heavy"},
		{"the server took nothing", inbox.Delivery{State: inbox.Failed, Code: "550 5.7.1", Class: "policy_blocked"}, nil, "", ""},
	} {
		if x.d.Kind == "" {
			x.d.Kind = "pec"
		}
		var got []string
		for _, s := range s.certifiedSteps(say, &x.d, x.receipts) {
			got = append(got, strings.TrimPrefix(s.Class+":"+s.Text, ":"))
		}
		if strings.Join(got, "|") != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
		class := certifiedClass(&x.d, x.receipts)
		if class != x.class || class != "" && (!say.Known("failure."+class) || !say.Known("failure."+class+"_next")) {
			t.Errorf("%s: %q, want %q", x.name, class, x.class)
		}
	}
}
