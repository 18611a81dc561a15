package web

import (
	"fmt"

	"filodiretto/inbox"
	"filodiretto/internal/cms"
)

// verifiable tells how whoever gets a package verifies its signatures without this
// program: the authorities, and a command for each file that was signed by a provider
// known at the time. Its moment is that for which the signature was checked: certificates
// end.
func (p *evidencePage) verifiable(s *Server, x *inbox.Evidence) {
	kept := map[string]bool{}
	for _, a := range x.Authorities {
		row := evidenceRow{Sum: a.Fingerprint}
		if c := a.Certificate; c != nil {
			kept[a.Fingerprint] = true
			row.What = cms.Named(c)
			row.At = "valido dal " + c.NotBefore.In(s.zone).Format("02/01/2006") + " al " + c.NotAfter.In(s.zone).Format("02/01/2006")
		}
		p.Authorities = append(p.Authorities, row)
	}
	for i := range x.Files {
		f := &x.Files[i]
		if sig := signatureOf(x, f); sig != nil && len(sig.Chain) > 1 && kept[sig.Chain[1]] {
			p.Commands = append(p.Commands, fmt.Sprintf("openssl smime -verify -in %s -CAfile autorita.pem -partial_chain -purpose any -attime %d -out /dev/null", f.Name, sig.CheckedAt.Time().Unix()))
		}
	}
}

// signatureOf is the provider's on a file of a package, nil where it bears none.
func signatureOf(x *inbox.Evidence, f *inbox.EvidenceFile) *cms.Signature {
	switch {
	case f.Receipt != nil:
		if c := f.Receipt.CertifiedBy(); c != nil {
			return &c.Signature
		}
	case f.What == "envelope":
		if c := x.Message.CertifiedBy(); c != nil {
			return &c.Signature
		}
	}
	return nil
}
