package cms

import (
	"crypto/x509"
	"strings"
)

// permits reports whether an authority that names the mail domains for which it
// vouches (RFC 5280 section 4.2.1.10) names those of a certificate. AgID's
// authority lists the domains of all providers of certified mail (PEC reference
// section 8.6). One that names none vouches for all.
func permits(issuer, cert *x509.Certificate) bool {
	for _, address := range cert.EmailAddresses {
		within := func(domain string) bool { return inDomain(strings.ToLower(address), strings.ToLower(domain)) }
		if len(issuer.PermittedEmailAddresses) > 0 && !anyOf(issuer.PermittedEmailAddresses, within) || anyOf(issuer.ExcludedEmailAddresses, within) {
			return false
		}
	}
	return true
}

func anyOf(list []string, is func(string) bool) bool {
	for _, x := range list {
		if is(x) {
			return true
		}
	}
	return false
}

// inDomain compares as a constraint on mail addresses is meant: one address, the
// addresses of one host, or with a dot before it of all hosts below.
func inDomain(address, constraint string) bool {
	if strings.Contains(constraint, "@") {
		return address == constraint
	}
	host := address[strings.LastIndexByte(address, '@')+1:]
	if strings.HasPrefix(constraint, ".") {
		return strings.HasSuffix(host, constraint)
	}
	return host == constraint
}
