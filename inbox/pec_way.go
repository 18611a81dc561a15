package inbox

import (
	"filodiretto/channels/pec"
	"filodiretto/internal/clock"
)

// What is known of the way of a certified mail to one recipient (Step.Key). NoAcceptance
// and NoDelivery are steps too: what is missing for too long.
const (
	StepGiven    = "given"    // the provider took it, and has not said that it accepts it
	StepDoubt    = "doubt"    // it is not known whether the provider took it
	StepAccepted = "accepted" // the provider accepts it
	StepWarned   = "warned"   // a notice after half a day: not delivered yet
	StepWaits    = "waits"    // accepted, and nothing else was said
	StepOutside  = "outside"  // an ordinary mailbox: no receipt of delivery will come
	StepArrived  = "arrived"  // it is in the recipient's mailbox
	StepTold     = "told"     // a person says that it arrived; no receipt does
	StepFailed   = "failed"   // it was not delivered
	StepRefused  = "refused"  // the provider did not accept it
)

// Step is one thing that is known of the way of a certified mail to a recipient.
type Step struct {
	Key string
	// At is when it happened: the provider's time where Proof says it, else ours; 0
	// for what lasts (it waits, it is missing).
	At clock.Instant
	// Proof is the proven receipt that says so; nil for what no receipt says.
	Proof *CertifiedReceipt
}

// CertifiedWay says how far a certified mail got to a recipient, as far as the
// provider's proven receipts of its last leaving go and no further (mail rule 84): its
// pages, its programs and its evidence package say the same. The receipts are those of
// its message, in the provider's order. Nil for other mail, and for what the provider
// was not given.
func CertifiedWay(d *Delivery, receipts []*CertifiedReceipt) []Step {
	if d.Kind != "pec" {
		return nil
	}
	w := certifiedWay{d, receipts}
	out := w.begun()
	switch {
	case d.LegalArrivedAt > 0:
		return append(out, Step{StepArrived, d.LegalArrivedAt, w.said(func(r *CertifiedReceipt) bool { return r.LegalAt == d.LegalArrivedAt && r.Kind == pec.KindDelivered })})
	case d.State == Delivered || d.State == Read:
		return append(out, Step{StepTold, 0, nil})
	case d.State == Failed:
		return w.failed(out)
	case len(out) == 0:
		return nil
	case d.Outside:
		out = append(out, Step{StepOutside, 0, nil})
	case d.Delayed:
		out = append(out, w.warned())
	case d.LegalSentAt > 0:
		out = append(out, Step{StepWaits, 0, nil})
	}
	if d.Alarm != "" {
		out = append(out, Step{d.Alarm, 0, nil})
	}
	return out
}

type certifiedWay struct {
	d        *Delivery
	receipts []*CertifiedReceipt
}

// begun is how it set out.
func (w certifiedWay) begun() []Step {
	switch d := w.d; {
	case d.LegalSentAt > 0:
		return []Step{{StepAccepted, d.LegalSentAt, w.said(func(r *CertifiedReceipt) bool { return r.Kind == pec.KindAccepted })}}
	case d.LegalArrivedAt > 0:
	case d.State == Accepted, d.State == Sent:
		return []Step{{StepGiven, d.BegunAt, nil}}
	case d.State == Unknown:
		return []Step{{StepDoubt, d.BegunAt, nil}}
	}
	return nil
}

// failed adds how it ended badly: by a receipt of the provider, or by a notice of an
// ordinary mailbox. What the provider's server did not even take is no certified mail.
func (w certifiedWay) failed(out []Step) []Step {
	r := FailedBy(w.d, w.receipts)
	switch {
	case r == nil && len(out) == 0:
		return nil
	case r == nil:
		return append(out, Step{StepFailed, w.d.UpdatedAt, nil})
	case r.Kind == pec.KindRefused:
		return append(out, Step{StepRefused, r.LegalAt, r})
	}
	return append(out, Step{StepFailed, r.LegalAt, r})
}

func (w certifiedWay) warned() Step {
	r := w.said(func(r *CertifiedReceipt) bool { return r.Outcome == "delayed" })
	if r == nil {
		return Step{StepWarned, 0, nil}
	}
	return Step{StepWarned, r.LegalAt, r}
}

// said is the first proven receipt of the recipient, of the leaving that counts, of
// which is holds; nil for none.
func (w certifiedWay) said(is func(*CertifiedReceipt) bool) *CertifiedReceipt {
	for _, r := range w.receipts {
		if r.DeliveryID == w.d.ID && r.Proven && !r.OfFormer(w.d) && is(r) {
			return r
		}
	}
	return nil
}

// FailedBy is the receipt by which a delivery failed; nil where no receipt says so.
func FailedBy(d *Delivery, receipts []*CertifiedReceipt) *CertifiedReceipt {
	if d.State != Failed {
		return nil
	}
	return certifiedWay{d, receipts}.said(func(r *CertifiedReceipt) bool { return r.Outcome == "failed" })
}

// FailedAt is when a delivery failed, or when a receipt was missing for too long: the
// provider's time where it says so.
func (in *Inbox) FailedAt(d *Delivery, receipts []*CertifiedReceipt) clock.Instant {
	switch r := FailedBy(d, receipts); {
	case r != nil:
		return r.LegalAt
	case d.State.lost() || d.State == Unknown || d.BegunAt == 0:
	case d.Alarm == NoAcceptance:
		return since(d).Add(in.set.AcceptWithin)
	case d.Alarm == NoDelivery:
		return since(d).Add(in.set.ArriveWithin)
	}
	return d.UpdatedAt
}
