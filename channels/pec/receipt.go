package pec

import (
	"regexp"
	"strings"

	"filodiretto/channels"
	"filodiretto/channels/mail/rfc822"
)

// receipt is news about something that was sent from this mailbox, by us or by
// another program; it is never a message of a citizen (mail rule 89).
func (p *parsing) receipt() channels.Item {
	item := channels.Item{
		Kind: channels.Report, Auto: channels.DSN, ReceivedAt: p.raw.ReceivedAt, Certified: p.cert,
		ExternalID: id(p.msg.Header.Get("Message-ID")), Subject: words(p.msg.Header.Text("Subject")),
		From: channels.Address{Kind: "email", Value: provider(&p.msg.Header)}, Quarantine: p.wrong,
	}
	if item.ReceivedAt.IsZero() {
		item.ReceivedAt = p.cert.At
	}
	if !p.own.Has(p.cert.Sender) { // whoever is not named did not send it
		p.cert.Elsewhere = true
		p.note("pec_receipt_elsewhere")
	}
	item.Reports = reports(p.cert)
	p.noteIf(len(item.Reports) == 0, "pec_receipt_unknown")
	item.Notes = append(p.notes, "pec:"+p.cert.Kind)
	item.Text = describe(p.cert)
	return item
}

// reports turns what the provider states into news for each recipient. A
// receipt whose signature was not found to hold is told all the same, but not
// as certain: it may set no state.
func reports(c *channels.Certified) []channels.DeliveryReport {
	one := channels.DeliveryReport{
		MessageID: c.Original, Recipient: c.Recipient, Code: code(c), Text: c.Detail, At: c.At, Confident: c.Proven(),
	}
	switch c.Kind {
	case KindAccepted:
		one.State, one.Code = "relayed", ""
		return each(c, one)
	case KindRefused:
		one.State, one.Permanent = "failed", true
		return each(c, one)
	case KindDelivered:
		one.State, one.Code = "delivered", ""
	case KindUndelivered:
		one.State, one.Permanent = "failed", true
	case KindLate:
		one.State = "delayed"
		if strings.HasPrefix(one.Code, "5.4.1") && dotted.FindString(one.Code) == "5.4.1" {
			one.State, one.Permanent = "failed", true // the second notice: the provider gave up
		}
	default:
		return nil
	}
	return []channels.DeliveryReport{one}
}

// each says the same of every recipient; to an ordinary mailbox no receipt of
// delivery will come.
func each(c *channels.Certified, r channels.DeliveryReport) []channels.DeliveryReport {
	if len(c.Recipients) == 0 {
		return []channels.DeliveryReport{r}
	}
	out := make([]channels.DeliveryReport, 0, len(c.Recipients))
	for _, to := range c.Recipients {
		r.Recipient, r.External = to.Address, to.External
		out = append(out, r)
	}
	return out
}

// dotted is the code that providers put before their words.
var dotted = regexp.MustCompile(`^\s*[245]\.\d{1,3}\.\d{1,3}`)

// code is the provider's, or one that says the same as its word. What it says
// of an unknown mailbox is "altro" as often as "no-dest", so its own code wins
// (PEC reference section 6).
func code(c *channels.Certified) string {
	if found := strings.TrimSpace(dotted.FindString(c.Detail)); found != "" {
		return found
	}
	switch c.Error {
	case "no-dest":
		return "5.1.1"
	case "no-dominio":
		return "5.1.2"
	case "virus":
		return "5.7.0"
	}
	if c.Kind == KindLate {
		return ""
	}
	return "5.0.0"
}

// describe is the receipt in a line, for search and for the quarantine.
func describe(c *channels.Certified) string {
	parts := []string{c.Kind}
	for _, s := range []string{c.Recipient, c.Detail, c.Provider} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return rfc822.Clean(strings.Join(parts, " · ")) + "\n"
}
