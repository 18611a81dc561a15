package channels

import (
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// Certified is what a provider of certified mail (PEC) states about a message
// or about the way of one of ours: the contents of daticert.xml, and what the
// headers say where that is missing (PEC reference sections 2 and 4). It is
// worth as much as Signature.
type Certified struct {
	// Kind is the provider's own word, lower case: "posta-certificata" and
	// "errore" are envelopes, all others receipts. Unknown words are kept.
	Kind string `json:"kind"`
	// Error is "nessuno", "no-dest", "no-dominio", "virus", "altro" or a word we do not know.
	Error    string `json:"error,omitempty"`
	Detail   string `json:"detail,omitempty"`   // the provider's words: "5.1.1 - GESTORE - indirizzo non valido"
	Provider string `json:"provider,omitempty"` // its name

	ID       string `json:"id,omitempty"`       // identificativo: the id of the envelope, without <>, lower case
	Original string `json:"original,omitempty"` // Message-ID that the sender gave, without <>, lower case
	// OriginalClaimed is that id where only a header outside of what is signed has
	// it: kept to be read, and nothing is tied by it.
	OriginalClaimed string        `json:"original_claimed,omitempty"`
	Sender          string        `json:"sender,omitempty"` // normalised
	Subject         string        `json:"subject,omitempty"`
	At              clock.Instant `json:"at"` // the provider's time, to the second: the one that counts in law

	Recipients []CertifiedRecipient `json:"recipients,omitempty"`
	Recipient  string               `json:"recipient,omitempty"`    // the one that the receipt is about
	Receipt    string               `json:"receipt_type,omitempty"` // "completa", "breve", "sintetica"

	// Elsewhere is a receipt about what another mailbox sent: whoever knows our
	// Message-ID may send a letter under it and be given true receipts.
	Elsewhere bool `json:"elsewhere,omitempty"`
	// Uncovered means that the signed part does not say of itself that it is of this
	// kind: only the headers do, which anybody may have changed.
	Uncovered bool          `json:"uncovered,omitempty"`
	Signature cms.Signature `json:"signature"`
}

// CertifiedRecipient is somebody to whom the message was addressed. External
// means an ordinary mailbox, for which no receipt of delivery will come.
type CertifiedRecipient struct {
	Address  string `json:"address"`
	External bool   `json:"external,omitempty"`
}

// Envelope reports whether it is about a message that came to us, rather than
// about one that we sent.
func (c *Certified) Envelope() bool { return c.Kind == "posta-certificata" || c.Kind == "errore" }

// Proven reports whether the provider's signature holds and covers what is told:
// only then may a state be set or an identity be called certified on its word.
func (c *Certified) Proven() bool {
	return c != nil && c.Signature.Outcome == cms.Valid && !c.Uncovered
}
