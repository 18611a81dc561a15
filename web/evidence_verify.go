package web

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"filodiretto/channels"
	"filodiretto/inbox"
	"filodiretto/internal/clock"
	"filodiretto/internal/cms"
)

// verifiable tells how whoever gets a package verifies its signatures without this
// program: the authorities, and a command for each file that was signed by a provider
// known at the time. Its moment is that for which the signature was checked: certificates
// end.
func (p *evidencePage) verifiable(s *Server, x *inbox.Evidence) {
	kept := map[string]*x509.Certificate{}
	for _, a := range x.Authorities {
		row := evidenceRow{Name: a.File, Sum: colons(a.Fingerprint)}
		if c := a.Certificate; c != nil {
			kept[a.Fingerprint] = c
			row.What = cms.Named(c) + ", intermedia garantita da " + cms.NamedIssuer(c)
			if a.Root() {
				row.What = cms.Named(c) + ", radice"
			}
			row.Verify = vouched(x, &a)
			row.At = "valido dal " + c.NotBefore.In(s.zone).Format("02/01/2006") + " al " + c.NotAfter.In(s.zone).Format("02/01/2006")
		}
		p.Authorities = append(p.Authorities, row)
	}
	for i := range x.Files {
		f := &x.Files[i]
		if sig := provenBy(x, f); sig != nil && len(sig.Chain) > 1 && kept[sig.Chain[1]] != nil {
			when := fmt.Sprintf("-attime %d", sig.CheckedAt.Time().Unix())
			if !covers(sig, kept) {
				when, p.Renewed = "-no_check_time", true
			}
			p.Commands = append(p.Commands, fmt.Sprintf("openssl smime -verify -in %s -CAfile autorita.pem -partial_chain -purpose any %s -out /dev/null", f.Name, when))
		}
	}
}

// vouched is the command by which openssl shows who vouches for an authority that is no
// root, for the moment of a signature that it stands behind. It is empty where that one's
// certificate is not in the package, or is another one than was valid then.
func vouched(x *inbox.Evidence, a *inbox.EvidenceAuthority) string {
	if a.Root() {
		return ""
	}
	for _, by := range x.Authorities {
		if by.Certificate == nil || by.Fingerprint == a.Fingerprint || a.Certificate.CheckSignatureFrom(by.Certificate) != nil {
			continue
		}
		for i := range x.Files {
			sig := provenBy(x, &x.Files[i])
			if sig == nil || !slices.Contains(sig.Chain, a.Fingerprint) || !validAt(a.Certificate, sig.CheckedAt) || !validAt(by.Certificate, sig.CheckedAt) {
				continue
			}
			return fmt.Sprintf("openssl verify -CAfile %s -partial_chain -attime %d %s", by.File, sig.CheckedAt.Time().Unix(), a.File)
		}
	}
	return ""
}

func validAt(c *x509.Certificate, at clock.Instant) bool {
	return !at.Time().Before(c.NotBefore) && !at.Time().After(c.NotAfter)
}

// covers reports whether the authorities of a signature were valid at the moment for which
// it was checked. One that is trusted by its key may have been certified anew since, with
// the same key, and the newer certificate came with the mail.
func covers(sig *cms.Signature, kept map[string]*x509.Certificate) bool {
	for _, name := range sig.Chain[1:] {
		if c := kept[name]; c != nil && !validAt(c, sig.CheckedAt) {
			return false
		}
	}
	return true
}

// provenBy is the provider's signature that proves a file of a package, nil where none
// does. Of one that was refused, or covers other things than are told, openssl may well
// say that it holds: it knows neither who was taken for the sender nor what was revoked.
func provenBy(x *inbox.Evidence, f *inbox.EvidenceFile) *cms.Signature {
	var c *channels.Certified
	switch {
	case f.Receipt != nil:
		c = f.Receipt.CertifiedBy()
	case f.What == "envelope":
		c = x.Message.CertifiedBy()
	}
	if !c.Proven() {
		return nil
	}
	return &c.Signature
}

// colons writes a fingerprint as openssl shows it: "AA:BB:CC".
func colons(hex string) string {
	var b strings.Builder
	for i := 0; i < len(hex); i += 2 {
		if i > 0 {
			b.WriteByte(':')
		}
		b.WriteString(strings.ToUpper(hex[i:min(i+2, len(hex))]))
	}
	return b.String()
}
