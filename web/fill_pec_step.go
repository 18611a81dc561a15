package web

import (
	"filodiretto/inbox"
	"filodiretto/web/page"
)

// stepLooks are the colour and the sign of the steps of a certified mail.
var stepLooks = map[string][2]string{
	inbox.StepGiven: {"", "clock"}, inbox.StepDoubt: {"bad", "help-circle"}, inbox.StepAccepted: {"ok", "check"},
	inbox.StepWarned: {"", "warning-circle"}, inbox.StepWaits: {"", "clock"}, inbox.StepOutside: {"", "minus"},
	inbox.StepArrived: {"ok", "check-circle"}, inbox.StepTold: {"", "user"}, inbox.StepFailed: {"bad", "error"}, inbox.StepRefused: {"bad", "error"},
	inbox.NoAcceptance: {"bad", "error"}, inbox.NoDelivery: {"bad", "error"},
}

// certifiedSteps are the steps of a certified mail to a recipient in words. The case
// page and the evidence package tell them alike.
func (s *Server) certifiedSteps(say page.Say, d *inbox.Delivery, receipts []*inbox.CertifiedReceipt) (out []page.DeliveryStep) {
	for _, x := range inbox.CertifiedWay(d, receipts) {
		look := stepLooks[x.Key]
		out = append(out, page.DeliveryStep{Text: s.stepWords(say, x.Key), At: x.At, Class: look[0], Icon: look[1]})
	}
	return out
}

func (s *Server) stepWords(say page.Say, key string) string {
	if after := s.missingFor(say, key); after != "" {
		return say.Text("said.pec_"+key, "for", after)
	}
	return say.Text("said.pec_" + key)
}

// reported reports whether a code is out of a receipt, rather than of the answer at
// handing over, which begins with three digits.
func reported(code string) bool { return len(code) > 1 && code[1] == '.' }

// certifiedClass is the kind of a failure of certified mail, whose words differ
// from those of other mail: the provider's receipt says what it was. Empty where
// the general words fit.
func certifiedClass(d *inbox.Delivery, receipts []*inbox.CertifiedReceipt) string {
	if d.Kind != "pec" || d.State != inbox.Failed || !reported(d.Code) {
		return ""
	}
	r := inbox.FailedBy(d, receipts)
	switch {
	case r != nil && virus(r) || d.Code == "5.7.0":
		return "pec_virus" // whatever code the provider puts before its words
	case d.Class == "recipient_gone":
		return ""
	case d.Code == "5.3.4":
		return "pec_heavy"
	case d.Code == "5.4.1":
		return "pec_late"
	case r != nil && r.Kind == "non-accettazione":
		return "pec_refused"
	}
	return "pec_undelivered"
}

func virus(r *inbox.CertifiedReceipt) bool {
	c := r.CertifiedBy()
	return c != nil && c.Error == "virus"
}
