package cms

import (
	"crypto/x509"

	"filodiretto/internal/clock"
)

// Revocation is what an authority says of whether a certificate was taken back.
// The empty value means that nobody was asked, or that nobody could tell: it is
// never the same as Good (PEC reference section 8.7).
type Revocation string

// What a list can say.
const (
	Good    Revocation = "good"    // not taken back before the moment that counts
	Revoked Revocation = "revoked" // taken back before it
)

// UseLists lets certificates be looked up in the revocation lists that a
// function gives; it is called for each signature and should not take long.
func (t *Trust) UseLists(lists func() []*x509.RevocationList) { t.lists = lists }

// revocation looks a certificate up in its issuer's list. A list that does not
// reach the moment, or was made when the certificate had ended and need not be on
// it any more (RFC 5280 section 3.3), tells nothing.
func (t *Trust) revocation(cert *x509.Certificate, chain []*x509.Certificate, at clock.Instant) Revocation {
	if t.lists == nil || len(chain) < 2 {
		return ""
	}
	for _, list := range t.lists() {
		if list.CheckSignatureFrom(chain[1]) != nil {
			continue
		}
		for _, e := range list.RevokedCertificateEntries {
			if e.SerialNumber.Cmp(cert.SerialNumber) == 0 && !e.RevocationTime.After(at.Time()) {
				return Revoked
			}
		}
		if !list.NextUpdate.Before(at.Time()) && !list.ThisUpdate.After(cert.NotAfter) {
			return Good
		}
	}
	return ""
}
