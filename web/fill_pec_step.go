package web

import (
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/web/page"
)

// certifiedSteps are the two things that a provider says of a certified mail, as
// far as it has said them: that it accepts it, and that it arrived. nil for other
// mail, and for what was not given to the provider.
func certifiedSteps(say page.Say, d *inbox.Delivery) []page.DeliveryStep {
	if d.Kind != "pec" {
		return nil
	}
	step := func(key string, at clock.Instant, class, icon string) page.DeliveryStep {
		return page.DeliveryStep{Text: say.Text("said." + key), At: at, Class: class, Icon: icon}
	}
	accepted := step("pec_accepted", d.LegalSentAt, "ok", "check")
	switch {
	case d.LegalArrivedAt > 0:
		out := []page.DeliveryStep{step("pec_arrived", d.LegalArrivedAt, "ok", "check-circle")}
		if d.LegalSentAt > 0 {
			out = append([]page.DeliveryStep{accepted}, out...)
		}
		return out
	case d.LegalSentAt == 0:
		return withoutAcceptance(d, step)
	case d.State == inbox.Failed:
		return []page.DeliveryStep{accepted, step("pec_failed", d.UpdatedAt, "bad", "error")}
	case d.Outside:
		return []page.DeliveryStep{accepted, step("pec_outside", 0, "", "minus")}
	case d.Delayed:
		return []page.DeliveryStep{accepted, step("pec_warned", 0, "", "warning-circle")}
	}
	return []page.DeliveryStep{accepted, step("pec_waits", 0, "", "clock")}
}

// withoutAcceptance is what is to be said before the provider accepted.
func withoutAcceptance(d *inbox.Delivery, step func(string, clock.Instant, string, string) page.DeliveryStep) []page.DeliveryStep {
	switch d.State {
	case inbox.Accepted, inbox.Sent:
		return []page.DeliveryStep{step("pec_given", d.UpdatedAt, "", "clock")}
	case inbox.Unknown:
		return []page.DeliveryStep{step("pec_doubt", d.UpdatedAt, "bad", "help-circle")}
	case inbox.Failed:
		if reported(d.Code) {
			return []page.DeliveryStep{step("pec_refused", d.UpdatedAt, "bad", "error")}
		}
	}
	return nil // it waits, or the server took nothing: as other mail
}

// reported reports whether a code is out of a receipt, rather than of the answer at
// handing over, which begins with three digits.
func reported(code string) bool { return len(code) > 1 && code[1] == '.' }

// certifiedClass is the kind of a failure of certified mail, whose words differ
// from those of other mail: the provider's receipt says what it was. Empty where
// the general words fit.
func certifiedClass(d *inbox.Delivery) string {
	switch {
	case d.Kind != "pec" || d.State != inbox.Failed || !reported(d.Code) || d.Class == "recipient_gone":
		return ""
	case d.Code == "5.3.4":
		return "pec_heavy"
	case d.Code == "5.4.1":
		return "pec_late"
	case d.Code == "5.7.0":
		return "pec_virus"
	case d.LegalSentAt == 0:
		return "pec_refused"
	}
	return "pec_undelivered"
}
