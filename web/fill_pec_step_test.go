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
	say := r.Say(page.Italian)
	at := clock.Instant(1)
	for _, x := range []struct {
		name  string
		d     inbox.Delivery
		want  string // of the steps, with their classes
		class string // of the failure
	}{
		{"ordinary mail", inbox.Delivery{Kind: "email", State: inbox.Accepted}, "", ""},
		{"it waits", inbox.Delivery{State: inbox.Queued}, "", ""},
		{"given", inbox.Delivery{State: inbox.Accepted}, "data al gestore, in attesa di accettazione", ""},
		{"in doubt", inbox.Delivery{State: inbox.Unknown}, "bad:non si sa se è partita: si attende una ricevuta", ""},
		{"accepted", inbox.Delivery{State: inbox.Sent, LegalSentAt: at}, "ok:accettata dal gestore|in attesa della consegna", ""},
		{"warned", inbox.Delivery{State: inbox.Sent, LegalSentAt: at, Delayed: true}, "ok:accettata dal gestore|preavviso del gestore: non ancora consegnata", ""},
		{"an ordinary mailbox", inbox.Delivery{State: inbox.Sent, LegalSentAt: at, Outside: true}, "ok:accettata dal gestore|casella non certificata: nessuna ricevuta di consegna verrà", ""},
		{"arrived", inbox.Delivery{State: inbox.Delivered, LegalSentAt: at, LegalArrivedAt: at}, "ok:accettata dal gestore|ok:consegnata in casella", ""},
		{"arrived, the acceptance is missing", inbox.Delivery{State: inbox.Delivered, LegalArrivedAt: at}, "ok:consegnata in casella", ""},
		{"nobody there", inbox.Delivery{State: inbox.Failed, LegalSentAt: at, Code: "5.1.1", Class: "recipient_gone"}, "ok:accettata dal gestore|bad:non consegnata", ""},
		{"a day", inbox.Delivery{State: inbox.Failed, LegalSentAt: at, Code: "5.4.1", Class: "content_rejected"}, "ok:accettata dal gestore|bad:non consegnata", "pec_late"},
		{"virus", inbox.Delivery{State: inbox.Failed, LegalSentAt: at, Code: "5.7.0", Class: "content_rejected"}, "ok:accettata dal gestore|bad:non consegnata", "pec_virus"},
		{"full", inbox.Delivery{State: inbox.Failed, LegalSentAt: at, Code: "5.3.9", Class: "content_rejected"}, "ok:accettata dal gestore|bad:non consegnata", "pec_undelivered"},
		{"refused", inbox.Delivery{State: inbox.Failed, Code: "5.6.0", Class: "content_rejected"}, "bad:non accettata dal gestore", "pec_refused"},
		{"too heavy", inbox.Delivery{State: inbox.Failed, Code: "5.3.4", Class: "content_rejected"}, "bad:non accettata dal gestore", "pec_heavy"},
		{"the server took nothing", inbox.Delivery{State: inbox.Failed, Code: "550 5.7.1", Class: "policy_blocked"}, "", ""},
	} {
		if x.d.Kind == "" {
			x.d.Kind = "pec"
		}
		var got []string
		for _, s := range certifiedSteps(say, &x.d) {
			got = append(got, strings.TrimPrefix(s.Class+":"+s.Text, ":"))
		}
		if strings.Join(got, "|") != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
		class := certifiedClass(&x.d)
		if class != x.class || class != "" && (!say.Known("failure."+class) || !say.Known("failure."+class+"_next")) {
			t.Errorf("%s: %q, want %q", x.name, class, x.class)
		}
	}
}
