package inbox

import (
	"filodiretto/channels"
	"filodiretto/channels/pec"
	"filodiretto/internal/cms"
)

// Certification is how far a provider of certified mail vouches for a message that came;
// "" for what came by other channels. Pages, programs and evidence packages say the same.
type Certification string

const (
	CertifiedProven Certification = "proven" // sender and time
	// CertifiedUnproven has a signature that cannot be checked here: no proof, and no
	// reason for suspicion.
	CertifiedUnproven Certification = "unproven"
	// CertifiedBroken has a signature that does not hold, none at all, or one that does
	// not cover what it says: it proves nothing, and somebody may have made it up.
	CertifiedBroken Certification = "broken"
	// NotCertifiedEnvelope is ordinary mail that a provider put into an envelope
	// (anomaly), NotCertifiedBare such as lies in the mailbox without one.
	NotCertifiedEnvelope Certification = "ordinary_envelope"
	NotCertifiedBare     Certification = "ordinary"
)

// Certification tells how far a message is certified mail (mail rules 82, 83 and 87).
func (m *Message) Certification() Certification {
	if m.Direction != In {
		return ""
	}
	c := m.CertifiedBy()
	switch {
	case c == nil && m.Channel == "pec":
		return NotCertifiedBare
	case c == nil:
		return ""
	case c.Kind == pec.KindAnomaly:
		return NotCertifiedEnvelope
	}
	return sealOf(c)
}

// sealOf tells how far the provider's signature on an envelope holds. One that is
// missing or cannot be read speaks against it as one that is wrong does; one that cannot
// be checked here, for want of an authority, a certificate or an algorithm, is no proof
// and no accusation.
func sealOf(c *channels.Certified) Certification {
	switch {
	case c.Signature.Outcome == cms.Invalid, c.Uncovered:
		return CertifiedBroken
	case c.Proven():
		return CertifiedProven
	case c.Signature.Reason == "not_signed", c.Signature.Reason == "unreadable":
		return CertifiedBroken
	}
	return CertifiedUnproven
}

// Ordinary reports whether it is ordinary mail in a certified mailbox.
func (c Certification) Ordinary() bool { return c == NotCertifiedEnvelope || c == NotCertifiedBare }
