package page

import "filodiretto/internal/clock"

// Certified is what the provider of certified mail says of a message that came.
type Certified struct {
	// Anomaly is ordinary mail in the certified mailbox: nothing is certified.
	Anomaly bool
	// Bare is such mail without even a provider's envelope: there is no signature.
	Bare bool
	// Broken is a signature that proves nothing: it does not hold, or there is none.
	Broken bool
	// Uncovered is what only the headers call certified, not what is signed.
	Uncovered bool
	Sender    string // the certified address
	Provider  string
	At        clock.Instant // the provider's time
	Signature Signature     // the provider's
}

// Proven reports whether the provider's word counts.
func (c *Certified) Proven() bool {
	return !c.Anomaly && !c.Uncovered && c.Signature.Outcome == "valid"
}

// Signature is who signed something, and whether it holds.
type Signature struct {
	// Outcome is a key under "signature.": "valid", "invalid", "unknown".
	Outcome string
	Reason  string // a key under "signature_reason."; may be empty
	Signer  string // as the certificate says; may be empty
	Until   clock.Instant
	// Checked is that the authority's list was asked, and names no revocation.
	Checked bool
	// For is the moment for which it was checked: that of receipt, not now.
	For clock.Instant
	// Is is how the signer stands to who sent the message, a key under "signer.":
	// "other_address", "other_name"; others are not told.
	Is      string
	Address string // of the certificate, the first; may be empty
	Sender  string // the sender's address or name
	TaxCode string // codice fiscale of the signer, as the certificate says
}

// Key is the outcome as texts name it.
func (s Signature) Key() string {
	if s.Outcome == "valid" || s.Outcome == "invalid" {
		return s.Outcome
	}
	return "unknown"
}

// Icon is the sign of the outcome.
func (s Signature) Icon() string {
	switch s.Outcome {
	case "valid":
		return "check-circle"
	case "invalid":
		return "error"
	}
	return "help-circle"
}

// Class is the colour of the outcome.
func (s Signature) Class() string {
	switch s.Outcome {
	case "valid":
		return "ok"
	case "invalid":
		return "bad"
	}
	return ""
}

// Receipt is one receipt of a provider behind a delivery.
type Receipt struct {
	// Kind is a key under "receipt."; another one is shown as it is.
	Kind   string
	At     clock.Instant // the provider's time
	Proven bool          // its signature holds
	Detail string        // the provider's words
	URL    string        // its bytes as they came
	// Leaving names the leaving that it is about, in words, where there was more than one.
	Leaving string
	// Recipient is whom it names, where the message has no such recipient.
	Recipient string
}

// DeliveryStep is one thing that the provider says, or does not say yet, of the way
// of a certified mail to a recipient.
type DeliveryStep struct {
	Text  string // in words
	At    clock.Instant
	Class string // "ok", "bad", ""
	Icon  string
}

// LooseReceipt is a receipt that fits nothing sent from here, on a channel's page.
type LooseReceipt struct {
	Receipt
	Recipient, Subject string // empty for who may not read them
}
