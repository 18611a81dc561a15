package cms

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
)

// Use is what a signature stands under.
type Use int

// The uses that a certificate is asked about. A document may be signed with more
// certificates than a mail: with those of the electronic identity card and of the
// services card (CNS), for one, which are made for logging in and count as a
// signature before a public body (DPCM 22 February 2013 art. 61).
const (
	Document Use = iota
	Mail
)

// Names of uses that Go's library does not know: signing of documents (RFC 9336
// and the older one of Microsoft).
var documentSigning = []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 36}, {1, 3, 6, 1, 4, 1, 311, 10, 3, 12}}

var oidKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 15}

// For holds a valid signature against a narrower use than that of documents, for
// which all are checked.
func (r *Signature) For(u Use) {
	if r.Outcome == Valid && !fits(r.chain, u) {
		r.Refuse("wrong_use")
	}
}

// fits reports whether the first certificate of a chain may sign for a use (RFC
// 5280 section 4.2.1.3 and 4.2.1.12, RFC 8550 section 4.4), and whether those between it
// and the authority may vouch for that. What the authority's own says of uses is
// not asked: it is trusted as such.
func fits(chain []*x509.Certificate, u Use) bool {
	for i, c := range chain {
		if i == 0 && (c.IsCA || !signs(c)) || (i == 0 || i < len(chain)-1) && !extended(c, u) {
			return false
		}
	}
	return true
}

// signs reports whether the key may make signatures; one of which nothing is said may.
func signs(c *x509.Certificate) bool {
	said := slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidKeyUsage) })
	return !said || c.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0
}

// extended reports whether the list of uses, where there is one, has this one. A
// document's need not: there a list is refused that names only machines' uses.
func extended(c *x509.Certificate, u Use) bool {
	if len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 ||
		slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny) {
		return true
	}
	if u == Mail {
		return false
	}
	for _, id := range documentSigning {
		if slices.ContainsFunc(c.UnknownExtKeyUsage, id.Equal) {
			return true
		}
	}
	return !slices.ContainsFunc(c.ExtKeyUsage, func(x x509.ExtKeyUsage) bool { return x != x509.ExtKeyUsageClientAuth })
}
