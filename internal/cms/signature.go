package cms

import (
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"strings"

	"filodiretto/internal/clock"
)

// Outcome is what can be said of a signature.
type Outcome string

// The three outcomes. Unknown is never taken as proof, and is no accusation.
const (
	Valid   Outcome = "valid"
	Invalid Outcome = "invalid"
	Unknown Outcome = "unknown"
)

// Signature is the result for one signer, as it is kept with the message. A
// reason is one of: digest_mismatch, signature_mismatch, content_type,
// expired, not_yet_valid, revoked, wrong_address, wrong_use (they make it invalid);
// algorithm, no_certificate, encoding, untrusted, unreadable, too_many (they leave
// it unknown).
type Signature struct {
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"`

	Signer       string   `json:"signer,omitempty"`       // common name, else organisation
	Organisation string   `json:"organisation,omitempty"` // of the signer
	TaxCode      string   `json:"tax_code,omitempty"`     // of the signer, as the certificate states it: codice fiscale
	Addresses    []string `json:"addresses,omitempty"`    // mail addresses the certificate is for, lower case
	Issuer       string   `json:"issuer,omitempty"`
	Serial       string   `json:"serial,omitempty"`      // hex
	Fingerprint  string   `json:"fingerprint,omitempty"` // SHA-256 of the certificate, hex

	NotBefore clock.Instant `json:"not_before"`
	NotAfter  clock.Instant `json:"not_after"`
	Digest    string        `json:"digest,omitempty"` // "SHA-256"
	SignedAt  clock.Instant `json:"signed_at"`        // as the signer claims
	CheckedAt clock.Instant `json:"checked_at"`       // the moment for which the certificate was checked
	// Revocation is what the authority's list said, when there was one to ask.
	Revocation Revocation `json:"revocation,omitempty"`
	Chain      []string   `json:"chain,omitempty"` // SHA-256 of the certificates up to the authority, hex

	cert  *x509.Certificate
	chain []*x509.Certificate
}

// Certificate is the signer's, nil when it was not there or after the result
// was read back.
func (r *Signature) Certificate() *x509.Certificate { return r.cert }

// Authorities are the certificates that vouch for the signer's, up to the one that is
// trusted; none where the signature does not hold, whatever its chain leads to, or after
// the result was read back.
func (r *Signature) Authorities() []*x509.Certificate {
	if r.Outcome != Valid || len(r.chain) < 2 {
		return nil
	}
	return r.chain[1:]
}

func (r Signature) end(o Outcome, reason string) Signature {
	r.Outcome, r.Reason = o, reason
	return r
}

// Refuse makes a signature that holds invalid for a reason of the caller's.
func (r *Signature) Refuse(reason string) { r.Outcome, r.Reason = Invalid, reason }

// describe fills in what the certificate says of the signer.
func describe(c *x509.Certificate) Signature {
	if c == nil {
		return Signature{}
	}
	r := Signature{
		Signer: clean(c.Subject.CommonName), Issuer: clean(c.Issuer.CommonName), Serial: hex.EncodeToString(c.SerialNumber.Bytes()),
		Fingerprint: fingerprint(c), NotBefore: clock.At(c.NotBefore), NotAfter: clock.At(c.NotAfter), cert: c,
	}
	if len(c.Subject.Organization) > 0 {
		r.Organisation = clean(c.Subject.Organization[0])
	}
	if r.Signer == "" {
		r.Signer = r.Organisation
	}
	if r.Issuer == "" && len(c.Issuer.Organization) > 0 {
		r.Issuer = clean(c.Issuer.Organization[0])
	}
	r.TaxCode = taxCode(clean(c.Subject.SerialNumber))
	for _, a := range c.EmailAddresses {
		r.Addresses = append(r.Addresses, strings.ToLower(clean(a)))
	}
	if len(r.Addresses) == 0 {
		r.Addresses = oldAddresses(c)
	}
	return r
}

// Named is the name of a certificate's holder: common name, else organisation.
func Named(c *x509.Certificate) string { return named(&c.Subject) }

// NamedIssuer is the name of who issued it.
func NamedIssuer(c *x509.Certificate) string { return named(&c.Issuer) }

func named(n *pkix.Name) string {
	if name := clean(n.CommonName); name != "" || len(n.Organization) == 0 {
		return name
	}
	return clean(n.Organization[0])
}

// taxCode takes the codice fiscale out of a subject's serial number: "TINIT-"
// of ETSI EN 319 412-1 section 5.1.3, or "IT:" of older Italian certificates.
func taxCode(s string) string {
	for _, prefix := range []string{"TINIT-", "IT:"} {
		if rest, ok := strings.CutPrefix(strings.ToUpper(s), prefix); ok {
			return rest
		}
	}
	return ""
}

// oldAddresses are those in the subject's name, as certificates had them once.
func oldAddresses(c *x509.Certificate) []string {
	var out []string
	email := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 1}
	for _, n := range c.Subject.Names {
		if s, ok := n.Value.(string); ok && n.Type.Equal(email) {
			out = append(out, strings.ToLower(clean(s)))
		}
	}
	return out
}

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// clean makes a name from outside fit for a page and a database.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffd || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "")
	}
	return strings.TrimSpace(s)
}
