package inbox

import (
	"encoding/json"

	"filodiretto/channels"
	"filodiretto/channels/pec"
	"filodiretto/internal/cms"
)

// certifiedOf reads what a provider stated from a row; nil where nothing is.
func certifiedOf(stored string) *channels.Certified {
	if stored == "" {
		return nil
	}
	c := new(channels.Certified)
	if json.Unmarshal([]byte(stored), c) != nil {
		return nil
	}
	return c
}

func signaturesOf(stored string) []cms.Signature {
	var out []cms.Signature
	if stored == "" || json.Unmarshal([]byte(stored), &out) != nil {
		return nil
	}
	return out
}

// stored is a value as a row keeps it: JSON, or nothing. What providers and
// signers state is plain data, which always encodes.
func stored(v any, is bool) string {
	if !is {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// CertifiedBy is what a provider of certified mail states about the message;
// nil for all other mail. It is worth what its signature is.
func (m *Message) CertifiedBy() *channels.Certified { return certifiedOf(m.Certified) }

// SignedBy are the signatures over the message itself, one for each signer.
func (m *Message) SignedBy() []cms.Signature { return signaturesOf(m.Signatures) }

// SignedBy are the signatures over the file, one for each signer.
func (p *Part) SignedBy() []cms.Signature { return signaturesOf(p.Signatures) }

// forged reports whether an item comes as certified and is not proven to be: under a
// provider's signature that does not hold, under none, or under one of which nobody
// knows whose it is. Such a message is shown, and proves nothing: it belongs to no
// case before a person says so (mail rule 82).
func forged(it *channels.Item) bool {
	c := it.Certified
	return c != nil && (c.Signature.Outcome == cms.Invalid || c.Kind == pec.KindEnvelope && !c.Proven())
}

// brokenSeal reports whether an item comes as certified under a seal that is wrong or
// that is none. Under one that cannot be checked here, as everything is before the
// authorities are named, it proves nothing, and nothing speaks against it.
func brokenSeal(it *channels.Item) bool {
	return forged(it) && sealOf(it.Certified) == CertifiedBroken
}

// cameBy is the channel of a message: what a citizen sent by certified mail is that,
// whichever of our mailboxes it came to.
func (f *filing) cameBy(it *channels.Item) string {
	if f.acc.Kind == "mail" && it.Certified != nil && it.Certified.Kind == pec.KindEnvelope {
		return "pec"
	}
	return f.acc.Kind
}

// relayed reports whether a mail names a provider of certified mail as its sender, and
// is therefore nobody's: it relays everybody, and who wrote is under its signature or
// nowhere (PEC reference section 14.11). Once a person lets the mail in, it is of
// somebody who is not known.
func (f *filing) relayed(it *channels.Item) bool {
	return isMail(f.acc.Kind) && isAddress(it.From.Kind) && pec.Relays(it.From.Value)
}

// proves reports whether a provider vouches that the item came from its sender.
func proves(it *channels.Item) bool { return it.From.Kind == "pec" && it.Certified.Proven() }

// certify raises an address from which a certified message came. Whose mailbox
// it is, a provider does not say, so it is no more than confirmed.
func (f *filing) certify(id *Identity, it *channels.Item) {
	if !proves(it) || id.Proof >= Confirmed {
		return
	}
	id.Proof, id.ProofSource, id.VerifiedAt, id.VerifiedBy = Confirmed, "pec", f.tx.Now, 0
}
