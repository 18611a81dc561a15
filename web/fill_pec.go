package web

import (
	"cmp"
	"context"
	"time"

	"filodiretto/inbox"
	"filodiretto/internal/cms"
	"filodiretto/web/page"
)

// certified is what the provider of certified mail says of a message that came.
func certified(m *inbox.Message) *page.Certified {
	standing := m.Certification()
	if standing == "" {
		return nil
	}
	x := &page.Certified{Anomaly: standing.Ordinary(), Bare: standing == inbox.NotCertifiedBare, Broken: standing == inbox.CertifiedBroken, Sender: addressIn(m.Sender)}
	if c := m.CertifiedBy(); c != nil {
		x.Uncovered, x.Sender, x.Provider, x.At, x.Signature = c.Uncovered, cmp.Or(c.Sender, x.Sender), cmp.Or(c.Provider, c.Signature.Signer), c.At, signature(c.Signature)
	}
	return x
}

func signature(s cms.Signature) page.Signature {
	return page.Signature{Outcome: string(s.Outcome), Reason: s.Reason, Signer: cmp.Or(s.Signer, s.Organisation), Until: s.NotAfter, Checked: s.Revocation == cms.Good, For: s.CheckedAt}
}

// signatures are those over a message or a file, held against the message's sender;
// "" where there is none to hold them against.
func signatures(list []cms.Signature, sender string) (out []page.Signature) {
	for _, s := range list {
		x := signature(s)
		if sender != "" && s.Outcome != cms.Invalid {
			x.Is, x.Sender = string(inbox.WhoSigned(sender, s)), addressIn(sender)
			if len(s.Addresses) > 0 {
				x.Address = s.Addresses[0]
			}
		}
		x.TaxCode = s.TaxCode
		out = append(out, x)
	}
	return out
}

// senderOf is who sent a message from outside; "" for what we wrote.
func senderOf(m *inbox.Message) string {
	if m.Direction != inbox.In {
		return ""
	}
	return m.Sender
}

// evidenceURL is where the package of a certified mail is; empty for others.
func evidenceURL(m *inbox.Message) string {
	if m.Channel != "pec" || m.Direction == inbox.Note || m.ErasedAt > 0 {
		return ""
	}
	return "/messages/" + formatID(m.ID) + "/evidence"
}

// certifiedDelivery adds to a recipient's line what the provider certified of it.
func (s *Server) certifiedDelivery(say page.Say, x *page.Delivery, d *inbox.Delivery, receipts []*inbox.CertifiedReceipt) {
	x.Steps = s.certifiedSteps(say, d, receipts)
	if d.Kind == "pec" && d.State == inbox.Failed && x.Steps != nil {
		x.Said = d.Text
	}
	for _, r := range receipts {
		if r.DeliveryID == d.ID {
			line := receipt(r)
			line.Leaving = leaving(say, r, d)
			x.Receipts = append(x.Receipts, line)
		}
	}
}

// leaving names the leaving that a receipt is about, in words, where there was more than
// one; empty otherwise.
func leaving(say page.Say, r *inbox.CertifiedReceipt, d *inbox.Delivery) string {
	switch {
	case r.Sending == d.Sending && d.Sending == 0, r.Sending < 0:
		return ""
	}
	return say.Text("said.pec_leaving", "n", r.Sending+1)
}

// strayReceipts are those about a message of ours that name a recipient whom it does not
// have: an address that ours is forwarded to, say.
func strayReceipts(receipts []*inbox.CertifiedReceipt) (out []page.Receipt) {
	for _, r := range receipts {
		if r.DeliveryID == 0 {
			x := receipt(r)
			x.Recipient = r.Recipient
			out = append(out, x)
		}
	}
	return out
}

// missingFor is how long a receipt is missing at least when its absence is an
// alarm, in words; empty for no alarm.
func (s *Server) missingFor(say page.Say, alarm string) string {
	if alarm != inbox.NoAcceptance && alarm != inbox.NoDelivery {
		return ""
	}
	acceptance, delivery := s.Inbox.ReceiptPatience()
	if alarm == inbox.NoAcceptance {
		return patience(say, acceptance)
	}
	return patience(say, delivery)
}

func patience(say page.Say, d time.Duration) string {
	if d >= time.Hour && d%time.Hour == 0 {
		return say.Text("said.pec_hours", "n", int(d.Hours()))
	}
	return say.Text("said.pec_minutes", "n", int(d.Minutes()))
}

func receipt(r *inbox.CertifiedReceipt) page.Receipt {
	x := page.Receipt{Kind: receiptKind(r), At: cmp.Or(r.LegalAt, r.At), Proven: r.Proven, URL: "/receipts/" + formatID(r.ID)}
	if c := r.CertifiedBy(); c != nil {
		x.Detail = c.Detail
	}
	return x
}

// receiptKind is the key of a receipt's kind under "receipt_kind.": both notices of
// lateness have one word at the provider, and the second is the end.
func receiptKind(r *inbox.CertifiedReceipt) string {
	if r.Kind == "preavviso-errore-consegna" && r.Outcome == "failed" {
		return "tempo-scaduto"
	}
	return r.Kind
}

// looseMost is how many receipts that fit nothing a channel's card shows.
const looseMost = 20

// looseReceipts are the newest receipts of a certified mailbox about letters that
// were sent from elsewhere.
func (s *Server) looseReceipts(ctx context.Context, c *caller, a inbox.Account) ([]page.LooseReceipt, error) {
	if a.Kind != "pec" && a.Kind != "mail" { // an ordinary one gets them where a certified one forwards its mail
		return nil, nil
	}
	list, err := s.Inbox.UnmatchedReceipts(ctx, c.Viewer, a, looseMost)
	var out []page.LooseReceipt
	for _, r := range list {
		x := page.LooseReceipt{Receipt: receipt(r), Recipient: r.Recipient, Subject: r.Subject}
		if r.Certified == "" { // not theirs to read
			x.URL = ""
		}
		out = append(out, x)
	}
	return out, err
}
