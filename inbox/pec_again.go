package inbox

import (
	"context"

	"filodiretto/channels"
	"filodiretto/channels/pec"
	"filodiretto/internal/clock"
)

// A certified mail that a person lets leave again bears an id of its own, so that what
// the provider says of the former leaving is not taken for news of the new one: a
// refusal that comes late would end it, an acceptance would silence its alarm, and the
// legal times of the two would be mixed.

// unknownSending is that of a receipt which names no id of ours.
const unknownSending = -1

// sendAnew begins another leaving of a certified mail; nothing was said of it yet.
func (d *Delivery) sendAnew() {
	if d.Kind != "pec" {
		return
	}
	d.Sending++
	d.LegalSentAt, d.Alarm = 0, ""
}

// findSending tells which submission a receipt is about.
func (x *receiving) findSending(ctx context.Context) (err error) {
	if x.message == 0 {
		return nil
	}
	x.only, x.sending, err = x.in.submissionOf(x.c, func() ([]*CertifiedReceipt, error) { return x.acceptances(ctx) })
	return err
}

// submissionOf tells which submission a receipt is about: by our id, else by the id that
// an acceptance gave to its envelope.
func (in *Inbox) submissionOf(c *channels.Certified, acceptances func() ([]*CertifiedReceipt, error)) (only int64, sending int, err error) {
	original := c.Original
	if _, ours := in.sign.ParseMessageLocal(original); !ours && c.ID != "" {
		accepted, err := acceptances()
		if err != nil {
			return 0, unknownSending, err
		}
		for _, r := range accepted {
			if a := r.CertifiedBy(); a.ID == c.ID {
				original = a.Original
			}
		}
	}
	if _, ours := in.sign.ParseMessageLocal(original); !ours {
		return 0, unknownSending, nil
	}
	only, sending = in.sign.ParseSubmission(original)
	return only, sending, nil
}

// tellSendings tells of the receipts of one message which leaving each is about.
func (in *Inbox) tellSendings(rows []*CertifiedReceipt) {
	var accepted []*CertifiedReceipt
	for _, r := range rows {
		if r.Kind == pec.KindAccepted && r.Proven && r.Certified != "" {
			accepted = append(accepted, r)
		}
	}
	for _, r := range rows {
		r.Sending = unknownSending
		if c := r.CertifiedBy(); c != nil { // the acceptances are here: nothing can fail
			_, r.Sending, _ = in.submissionOf(c, func() ([]*CertifiedReceipt, error) { return accepted, nil })
		}
	}
}

// OfFormer reports whether a receipt is about another leaving of a delivery than the one
// whose receipts count. Where there was but one, it need not say which.
func (r *CertifiedReceipt) OfFormer(d *Delivery) bool { return otherLeaving(r.Sending, d) }

func otherLeaving(sending int, d *Delivery) bool {
	return sending != d.Sending && (sending != unknownSending || d.Sending > 0)
}

// ofFormer reports whether the receipt is about another leaving than the one whose
// receipts are awaited.
func (x *receiving) ofFormer(d *Delivery) bool { return otherLeaving(x.sending, d) }

// acceptances are the proven ones of the message.
func (x *receiving) acceptances(ctx context.Context) (rows []*CertifiedReceipt, err error) {
	err = x.tx.NewSelect().Model(&rows).Where("rc.message_id = ? AND rc.kind = 'accettazione' AND rc.proven", x.message).OrderExpr("rc.id").Scan(ctx)
	return rows, err
}

// proveFormer deals with a proven receipt about another leaving than the one whose
// receipts are awaited. That it was refused, or accepted, or is late says nothing of
// that one. That it arrived is what the letter was sent for: then it is the leaving that
// counts, with its own times, and what comes of the others says no more.
func (x *receiving) proveFormer(ctx context.Context, d *Delivery, r channels.DeliveryReport) error {
	if x.c.Kind != "avvenuta-consegna" || d.LegalArrivedAt > 0 {
		return x.told(ctx, d)
	}
	if x.sending != unknownSending {
		accepted, err := x.acceptances(ctx)
		if err != nil {
			return err
		}
		var at clock.Instant
		for _, a := range accepted {
			if _, s := x.in.sign.ParseSubmission(a.CertifiedBy().Original); s == x.sending && a.DeliveryID == d.ID {
				at = a.LegalAt
			}
		}
		if _, err := x.tx.NewRaw("UPDATE deliveries SET sending = ? WHERE id = ?", x.sending, d.ID).Exec(ctx); err != nil {
			return err
		}
		d.Sending, d.LegalSentAt = x.sending, at
	}
	return x.prove(ctx, d, r)
}
